"""Fuel grades: the portal's own order, and which grades have a meter of their own.

Sources: the portal's grade list (Portal spec §5.6) and the metering rule that was used against the live portal
(Portal spec §5.7). Plus and Midgrade are blended at the pump from Regular and Premium; where a higher "Super" product
exists, Premium is a blend as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Position in the portal's internal list. Names without a known position come after them, by name.
_POSITIONS = {
    "Regular": 0,
    "Special 88": 5,
    "Super": 7,
    "Super Premium": 8,
    "Ethanol-Free": 26,
    "Midgrade 91": 39,
    "Plus": 56,
    "DEF": 58,
    "Diesel High Flow": 59,
    "E-15": 65,
    "Premium": 67,
    "E-85": 68,
    "Ultra": 78,
    "Ethanol-Free Gasoline Plus": 79,
    "Extra 89": 80,
    "Diesel": 89,
    "Multi-Product Disp": 96,
    "Midgrade 89": 99,
    "Kerosene": 100,
    "Midgrade 90": 101,
    "Off-Road Diesel": 108,
    "Race Fuel": 135,
    "Rec Fuel 90": 136,
}
_OTHER_NAMES = frozenset(
    {
        "Truck Diesel",
        "Ultra Low Sulfur Diesel",
        "Bio-Diesel",
        "Plus (non-ethanol)",
        "Premium (non-ethanol)",
        "Regular (non-ethanol)",
        "Premium 92",
        "E-87",
        "E-88",
        "CNG",
        "Mogas",
    }
)
KNOWN_GRADES = tuple(_POSITIONS)
HIGHER_THAN_PREMIUM = ("Super", "Super Premium", "Ultra")
_METERED_WORDS = (
    "Regular",
    "Diesel",
    "Super",
    "Super Premium",
    "Ultra",
    "Ethanol-Free",
    "Ethanol-Free Gasoline Plus",
    "Rec Fuel 90",
    "Race Fuel",
)
_BLENDED_WORDS = ("Plus", "Special 88", "Extra 89", "Midgrade 89")


@dataclass(frozen=True, slots=True)
class Metering:
    """``metered``: the grade has its own meter. ``known``: the portal's list has this grade; else the rule is a default."""

    metered: bool
    known: bool
    why: str


def plain_name(grade: str) -> str:
    """A grade without a caption: ``Grade: Premium`` → ``Premium``."""
    return grade.rsplit(":", 1)[-1].strip()


def metering(grade: str, all_grades: Sequence[str]) -> Metering:
    """Whether ``grade`` has a meter on a dispenser that offers ``all_grades``."""
    name = plain_name(grade)
    known = name in _POSITIONS or name in _OTHER_NAMES
    if name == "Premium":
        higher = next((other for other in map(plain_name, all_grades) if other in HIGHER_THAN_PREMIUM), None)
        if higher is not None:
            return Metering(False, known, f"Premium is blended where {higher} is on the same dispenser.")
        return Metering(True, known, "Premium has a meter: nothing higher is on this dispenser.")
    if any(word in name for word in _METERED_WORDS):
        return Metering(True, known, f"{name} has a meter of its own.")
    if any(word in name for word in _BLENDED_WORDS):
        return Metering(False, known, f"{name} is blended at the pump.")
    if known:
        return Metering(True, known, f"{name} is not a blend, so it has a meter.")
    return Metering(True, known, f"{name} is not on the portal's list; a meter is assumed. Check it.")


def in_portal_order(grades: Iterable[str]) -> list[str]:
    """Grades in the order of the portal's list; names it does not have come last, by name."""
    return sorted(grades, key=lambda grade: (_POSITIONS.get(plain_name(grade), 1000), plain_name(grade)))


def columns(lists: Iterable[Sequence[str]]) -> list[str]:
    """One column per grade that occurs, in a fixed order, so that a grade stands in one column on every dispenser."""
    return in_portal_order({plain_name(grade) for grades in lists for grade in grades})
