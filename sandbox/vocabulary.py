"""Fixed tables of the portal's words: grade order, chains, services, colours. Names are invented."""

from __future__ import annotations

# Positions in the portal's internal grade list (Portal spec §5.6). Only the positions that are known; the
# readings of one side follow them, not the order on the card.
GRADE_POSITION: dict[str, int] = {
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
UNKNOWN_GRADE_POSITION = 144


def grade_position(grade: str) -> int:
    """Index of a grade in the portal's internal list; names that are not on it sort last."""
    return GRADE_POSITION.get(grade, UNKNOWN_GRADE_POSITION)


CATEGORY_COLOURS: dict[str, str] = {
    "Meter Calibration": "rgb(128, 0, 255)",
    "AccuMeasure Clean-Up": "rgb(100, 181, 246)",
    "Quality Calibration": "rgb(255, 0, 0)",
    "Post Construction": "rgb(255, 97, 0)",
}

SEVEN, WAWA, CIRCLE_K, SPEEDWAY = "7-Eleven", "Wawa", "Circle K", "Speedway"

CUSTOMERS: dict[str, tuple[int, str]] = {
    WAWA: (11762, "Wawa"),
    SEVEN: (11811, "7-Eleven Stores, Inc"),
    SPEEDWAY: (11807, "Speedway"),
    CIRCLE_K: (24013, "Circle K (FL)"),
}

ACCOUNT_CODES: dict[str, tuple[str, str]] = {
    WAWA: ("WAW001", "Net 30"),
    SEVEN: ("7-E012", "Net 45"),
    SPEEDWAY: ("SPE004", "Net 45"),
    CIRCLE_K: ("CIR220", "Net 30"),
}

# Quantity of cards of a store and how often it was seen (Portal spec §3.4).
STORE_SIZES: dict[int, int] = {2: 5, 3: 2, 4: 4, 5: 3, 6: 25, 7: 5, 8: 32, 9: 1, 10: 3}

MODELS: dict[str | None, int] = {
    "NN1": 230,
    "NL1": 131,
    None: 55,
    "NL3": 39,
    "NL2": 23,
    "Advantage": 13,
    "NN2": 10,
    "Encore": 8,
    "NF7": 6,
    "NAO": 4,
}
WAYNE_MODELS: tuple[str, ...] = ("Ovation B12", "Ovation B23")

METER_TYPES: dict[str, int] = {
    "HD Meter": 260,
    "Electronic": 221,
    "Mechanical": 21,
    "Ecometer": 4,
    "I-Meter": 4,
    "": 9,
}
NOZZLES: dict[str, int] = {"1": 289, "2": 174, "3": 64}
STAND_ALONE_CODES: dict[str, int] = {"0128": 418, "": 8, "2222": 15, "1212": 12, "2294": 9, "1379": 5, "Receipt(s)": 3}

# Which custom fields a card shows, and how often (Portal spec §3.4).
FIELD_SETS: dict[tuple[str, ...], int] = {
    ("Grade", "Stand Alone Code", "Number of Nozzles (per side)", "Meter Type"): 312,
    ("Grade", "Stand Alone Code", "Number of Nozzles (per side)", "NTEP / COC #", "Meter Type"): 158,
    ("Grade", "Number of Nozzles (per side)", "Meter Type"): 48,
    ("Grade", "Number of Nozzles (per side)"): 8,
    ("Grade", "Number of Nozzles (per side)", "NTEP / COC #", "Meter Type"): 1,
}

# Grade lists of a whole store: (list of most cards, list of the diesel lanes or None, weight).
GRADE_PLANS: dict[str, list[tuple[str, str | None, int]]] = {
    SEVEN: [
        ("Regular, Plus, Premium", None, 60),
        ("Regular, Plus, Premium", "Regular, Plus, Premium, Diesel", 48),
        ("Regular, Plus, Super Premium", "Regular, Plus, Diesel, Super Premium", 40),
        ("Regular, Plus, Super Premium", None, 20),
        ("Regular, Midgrade 89, Super Premium", "Regular, Diesel, Midgrade 89, Super Premium", 10),
        ("Regular, Midgrade 89, Super Premium", "Regular, Midgrade 89, Super Premium, Diesel", 10),
        ("Regular, Plus, Premium, Ultra", "Regular, Plus, Premium, Ultra, Diesel", 12),
        ("Regular, Plus, Premium", "Diesel", 8),
        ("Regular, Plus, Premium", "Regular, Plus, Premium, Ethanol-Free Gasoline Plus", 6),
    ],
    WAWA: [
        ("Regular, Plus, Premium, Diesel, Super", None, 70),
        ("Regular, Plus, Diesel, Ethanol-Free Gasoline Plus, Super", None, 20),
        (
            "Regular, Plus, Premium, Diesel, Super",
            "Regular, Plus, Diesel, Ethanol-Free Gasoline Plus, Super",
            20,
        ),
        ("Regular, Plus, Premium, Ethanol-Free Gasoline Plus, Super", None, 10),
        ("Multi-Product Disp", None, 6),
        ("Regular, Plus, Premium, Super", "Regular, Plus, Premium, Super, Diesel", 6),
        (
            "Regular, Plus, Premium, Diesel, Super",
            "Regular, Plus, Premium, Diesel, Super, Ethanol-Free Gasoline Plus",
            4,
        ),
    ],
    CIRCLE_K: [("Regular, Plus, Premium", None, 1)],
    SPEEDWAY: [("Regular, Plus, Premium", None, 7), ("Regular, Plus, Premium", "Diesel", 2)],
}

SERVICE_REASONS: tuple[str, ...] = (
    "AccuMeasure",
    "Annual Inspection",
    "ATG Certification",
    "Break/Fix",
    "Cathodic Protection",
    "Compliance",
    "Containment Test",
    "Decommission",
    "Dispenser Upgrade",
    "Emergency",
    "Environmental",
    "Equipment Swap",
    "Filter Program",
    "Follow Up",
    "Hanging Hardware",
    "Installation",
    "Line Test",
    "Monthly Inspection",
    "Other",
    "Post Construction Accumeasure",
    "Preventive Maintenance",
    "Recall",
    "Re-test",
    "Site Survey",
    "Training",
    "Warranty",
)

FIRST_NAMES: tuple[str, ...] = (
    "Alva",
    "Brant",
    "Cleo",
    "Dorin",
    "Elske",
    "Fenna",
    "Garvin",
    "Hedda",
    "Ilan",
    "Jorun",
    "Kester",
    "Linnea",
    "Marlo",
    "Nerys",
    "Odell",
    "Perrin",
)
LAST_NAMES: tuple[str, ...] = (
    "Ashgrove",
    "Birchwell",
    "Coldbrook",
    "Dunmarsh",
    "Elmsworth",
    "Fairholt",
    "Glenrowe",
    "Hartsfen",
    "Ivorson",
    "Kelbrook",
    "Larkmoor",
    "Millstead",
)
CITIES: tuple[tuple[str, str, str], ...] = (
    ("Lake Verity", "Cypress", "33411"),
    ("Port Calder", "Santa Elena", "33952"),
    ("Orange Bend", "Marlin", "32757"),
    ("St. Aldous Beach", "Marlin", "32771"),
    ("Palmetto Cross", "Heron", "34601"),
    ("Winter Hollow", "Cypress", "33880"),
    ("Sandhill", "St. Brendan", "32086"),
    ("Bay Ridge Park", "Heron", "34667"),
    ("Ocean Fern", "Santa Elena", "33908"),
    ("Tarrow", "Tarrow", "32720"),
)
STREETS: tuple[str, ...] = (
    "W Marlin Blvd",
    "State Road 417",
    "N Heron Ave",
    "Cypress Gardens Pkwy",
    "US Highway 98 S",
    "E Verity Dr",
    "Old Mill Rd",
    "SW 34th St",
    "County Road 540A",
    "Lake Ellen Dr",
    "S Orange Grove Trl",
    "International Ct",
)
CROSSINGS: tuple[str, ...] = (
    "Palm Ter",
    "Sunrise Blvd",
    "12th Ave",
    "Hibiscus Ln",
    "SR 50",
    "Turnpike Ent",
    "Citrus Tower Rd",
    "Bayshore Dr",
)
