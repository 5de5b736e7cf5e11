"""Instruction texts of the synthetic work orders: own wording of the portal's patterns (Portal spec §2.6, §5.11)."""

from __future__ import annotations

from dataclasses import dataclass, field

SEVEN_FULL = (
    "Please calibrate all meters on site and change every dispenser filter following the filter spec list. "
    "Put new calibration stickers on all dispensers.\n"
    "Take a bottom fuel sample of each grade and upload the sample photos, the sticker photos and the before / after "
    "readings to the vault before leaving the site. Call the service desk when a meter cannot be adjusted."
)
SEVEN_SHORT = "Calibrate all dispensers, change filters, new stickers, photos to the vault."
NEW_STATION = "NEW STATION (4/2025)\n"
REMODELED = "*NEW/REMODELED STORE*\n"

WAWA_FULL = (
    "Use Cim-Tek 450-MB 10 (part 70991) on all gas products and the 450-HS 10 on Diesel. E-85 takes the 5 micron "
    "(5.5 inch) particulate filter only.\n"
    "Pick up the dispenser keys from the manager on duty and hand them back when finished, signed on the key log. "
    "Filters left over stay in the storage room.\n"
    "Open a ticket if a crash valve does not close."
)
WAWA_SHORT = "Gas: Cim-Tek 450-MB 10. Diesel: 450-HS 10. Return keys to the manager."
POST_CONSTRUCTION = (
    "post construction - calibrate per dispenser, filters included, site opened {opened}. Use 450-MB 10 on gas and "
    "leave one spare set of filters with the manager. Send the photos of all data plates together with the readings."
)
CIRCLE_K_ALL = "CALIBRATE ALL METERS"
CIRCLE_K_TICKET = (
    "Priority: 3 - Standard\n"
    "Asset: dispenser - 3&4 of {sides} - {asset}\n"
    "Manufacturer: Gilbarco\n"
    "Model: NL1\n"
    "Serial: {serial}\n"
    "Issue: customer reports short measure on Plus, inspector asked for an open neck test of the whole site\n"
    "Please check the 70/30 blend ratios on every mid grade and note them on the form."
)


@dataclass(frozen=True)
class CleanUp:
    """A 2862 note together with the store it needs to make sense.

    `cards` is the number of dispensers, `diesel_at` the sides whose dispenser must sell diesel, `grades` the grade list
    of the store, `layout` the numbering. `named` is what a careful reader finds: dispensers (by label) to grades
    (None = all); `unknown` are numbers that belong to no dispenser.
    """

    text: str
    quantity: int
    named: dict[str, tuple[str, ...] | None]
    cards: int = 6
    grades: str = "Regular, Plus, Premium"
    diesel_at: tuple[int, ...] = ()
    layout: str = "pairs"
    unknown: tuple[int, ...] = field(default=())


ULTRA = "Regular, Plus, Premium, Ultra"
MIDGRADE = "Regular, Midgrade 89, Super Premium"

# The notes that were recorded (Portal spec §2.6, row 7-Eleven 2862), in own words.
RECORDED_CLEANUPS: tuple[CleanUp, ...] = (
    CleanUp("#3 Diesel only", 1, {"3/4": ("Diesel",)}, diesel_at=(3,)),
    CleanUp("#8 Plus and Premium.", 1, {"7/8": ("Plus", "Premium")}, cards=8),
    CleanUp(
        "#7 Ultra and #8 Plus, Premium and Ultra.",
        2,
        {"7/8": ("Ultra", "Plus", "Premium")},
        grades=ULTRA,
        cards=6,
    ),
    CleanUp("side #5", 1, {"5/6": None}),
    CleanUp("#4 Plus, #15 Diesel", 2, {"3/4": ("Plus",), "15/16": ("Diesel",)}, cards=8, diesel_at=(15,)),
    CleanUp("#1/2", 1, {"1/2": None}, cards=4),
    CleanUp(
        "#1 Plus\n#4 Premium\n#10 all grades",
        1,
        {"1/2": ("Plus",), "3/4": ("Premium",), "9/10": None},
    ),
    CleanUp(
        "#3/4 all grades failed the last audit\n#19/20 all grades\n"
        "Please bring filters for both. The manager will have the cones ready, park away from the canopy.",
        2,
        {"3/4": None, "19/20": None},
        cards=10,
    ),
    CleanUp(
        "Plus, Premium and Ultra on Dispensers #1/2, 3/4, 5/6, 7/8.",
        4,
        dict.fromkeys(("1/2", "3/4", "5/6", "7/8"), ("Plus", "Premium", "Ultra")),
        grades=ULTRA,
        cards=8,
    ),
)

# Notes that a naive number search reads wrongly (Portal spec §5.11).
TRICKY_CLEANUPS: tuple[CleanUp, ...] = (
    CleanUp("Dispensers 1,3,5", 3, {"1/2": None, "3/4": None, "5/6": None}),
    CleanUp("Pumps 1-4 Regular", 2, {"1/2": ("Regular",), "3/4": ("Regular",)}),
    CleanUp(
        "Recheck Midgrade 89 on #3",
        1,
        {"3/4": ("Midgrade 89",)},
        grades=MIDGRADE,
    ),
    CleanUp("Store meets you 12:30 PM #5", 1, {"5/6": None}),
    CleanUp("#3 Plus only", 1, {"1/3": ("Plus",)}, cards=4, layout="interleaved"),
    CleanUp("dispenser #2 and side 7, opened 5/8/25", 2, {"1/2": None, "7/8": None}),
    CleanUp("#21 all grades", 1, {}, cards=8, unknown=(21,)),
    CleanUp("#3 change the 450-MB 10 only, meters were done on 4/2/25", 1, {"3/4": None}),
)
