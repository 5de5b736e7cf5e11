"""The families of errors: whom a failure concerns, told from what its line says."""

import re

UNCATEGORISED = "uncategorised"
# The first family of which an expression occurs. `_` and `.` in names count as spaces.
_WORDS: dict[str, tuple[str, ...]] = {
    "security": (
        r"\bsecurity\b",
        r"injection|\bxss\b|traversal|csrf|brute.?force|intrusion|tamper|attack|suspicious",
        r"\bblocked ip\b|\bforbidden\b",
    ),
    "authentication": (
        r"\bauth(?:entication|ori[sz]ation)?\b|unauthori[sz]ed|\blog[ -]?in\b|\bsign[ -]?in\b|password|credential|\bjwt\b",
        r"(?:access|refresh|bearer|expired|invalid|revoked)[ -]token|session (?:has )?(?:expired|ended)|\b401\b",
    ),
    "database": (
        r"\bdatabase\b|\bdb\b|\bsql\b|sqlite|postgres|psycopg|sqlalchemy|duckdb|alembic|\bmigrations?\b",
        r"operationalerror|integrityerror|programmingerror|deadlock|connection pool|queuepool",
    ),
    "automation": (
        r"\bautomation\b|playwright|\bbrowsers?\b|chromium|selector|locator|workfossa|\bportal|\bpage\b|scrap(?:e|ing)",
        r"\bforms?\b|\bsync\b|\bbatch(?:es)?\b|\bprovers?\b",
    ),
    "performance": (
        r"\bperformance\b|timed?[ -]?out|\bslow\b|latency|deadline|overload|too (?:long|many requests)",
        r"out of memory|memoryerror|no space left|disk full|queue is full",
    ),
}
_PATTERNS = {family: re.compile("|".join(words), re.IGNORECASE) for family, words in _WORDS.items()}
_SPACES = str.maketrans("_.", "  ")
FAMILIES = (*_WORDS, UNCATEGORISED)


def family_of(*texts: str) -> str:
    """The family of a line, from its category, component, event, type of error, and texts."""
    said = " ".join(texts).translate(_SPACES)
    return next((family for family, pattern in _PATTERNS.items() if pattern.search(said)), UNCATEGORISED)
