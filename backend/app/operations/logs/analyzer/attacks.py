"""Attempts and sources that look hostile.

Patterns are looked for in what a client sent (route, path, referer, user agent) and in the message, never in headers that
hold tokens. They find plain attempts, not clever ones, and are made to leave ordinary prose alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Self
from urllib.parse import unquote

from app.operations.logs.analyzer.lines import when
from app.operations.logs.analyzer.tallies import Batch, drop_rarest
from app.operations.logs.fields import NAMES, Row, first, status_of, text_of

SOURCES_AT_MOST = 20_000
SCANNER = "suspicious_user_agent"
# Each kind: texts of which one must occur (in lower case) before the pattern is tried, and the pattern.
_KINDS: dict[str, tuple[tuple[str, ...], re.Pattern[str]]] = {
    "sql_injection": (
        ("select", "drop", "' or", "'or", '" or', "sleep(", "--", "information_schema"),
        re.compile(
            r"\bunion\s+(?:all\s+)?select\b|;\s*drop\s+(?:table|database)\b|['\"]\s*or\s+['\"]?(\w+)['\"]?\s*=\s*['\"]?\1"
            r"|['\"]\s*;?\s*--|\b(?:pg_)?sleep\s*\(\s*\d+\s*\)|\binformation_schema\.",
            re.IGNORECASE,
        ),
    ),
    "xss_attempt": (
        ("<script", "javascript:", "onerror", "onload", "<iframe", "<svg"),
        re.compile(r"<\s*(?:script|iframe|svg)\b|\bjavascript:\S|\bon(?:error|load)\s*=", re.IGNORECASE),
    ),
    "directory_traversal": (
        ("../", "..\\", "/etc/passwd"),
        re.compile(r"(?:^|[\s/\\=?&])(?:\.\.[/\\]){2,}|(?:^|[/\\=])\.\.[/\\](?:etc|windows|proc)\b|/etc/passwd\b"),
    ),
}
ATTACK_KINDS = (*_KINDS, SCANNER)
_SCANNERS = re.compile(
    r"sqlmap|nikto|\bnmap\b|burp ?suite|\bhavij\b|acunetix|owasp zap|masscan|gobuster|dirbuster", re.IGNORECASE
)
_FAILED_EVENT = re.compile(
    r"(?:sign_?in|log_?in|auth(?:entication)?)[._-](?:refused|failed|failure|denied|locked)|failed[._-](?:log_?in|sign_?in|auth)",
    re.IGNORECASE,
)
_FAILED_TEXT = re.compile(
    r"\b(?:login|log-?in|sign[ -]?in|authentication|password|credentials?)\b[^.\n]{0,40}\b(?:fail(?:ed|ure)?|invalid|refused|denied|incorrect|wrong)\b"
    r"|\b(?:failed|invalid|refused|denied|incorrect|wrong)\s+(?:login|log-?in|sign[ -]?in|authentication|password|credentials?)\b",
    re.IGNORECASE,
)
_SIGN_IN_ROUTES = ("sign-in", "signin", "log-in", "login", "/auth/token")
_FAILED_EVENTS = ("refused", "fail", "denied", "locked")
_FAILED_NEEDLES = (
    "login",
    "log-in",
    "log in",
    "sign-in",
    "sign in",
    "signin",
    "authentication",
    "password",
    "credential",
)
_SAID = (*NAMES["message"], *NAMES["route"], *NAMES["referer"])
_NEEDLES = (
    *(needle for needles, _ in _KINDS.values() for needle in needles),
    *_FAILED_NEEDLES,
    *_FAILED_EVENTS,
    *("%", "user_agent", "referer"),
)
_ANY_NEEDLE = "|".join(map(re.escape, _NEEDLES)).replace("'", "''")


@dataclass(slots=True)
class Attempts:
    """Lines that match one pattern, and from which addresses they came."""

    count: int
    first_seen: datetime
    last_seen: datetime
    request_id: str
    addresses: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Source:
    """Failed sign-ins of one address or user. One attempt may leave a line that tells of it and one of the answer 401."""

    told: int
    answered: int
    first_seen: datetime
    last_seen: datetime

    @property
    def failures(self) -> int:
        return max(self.told, self.answered)


class Attacks:
    """Attack patterns by kind, and failed sign-ins by source (``("ip" or "user", value)``)."""

    fields = frozenset(
        {"ts", "event", "message", "route", "referer", "user_agent", "status", "ip", "user", "request_id"}
    )
    wanted_sql = (
        "({status} = 401 OR regexp_matches(concat_ws(chr(10), {message}, {route}, {event}, {data}), "
        f"'{_ANY_NEEDLE}', 'i'))"
    )

    def __init__(self) -> None:
        self.attempts: dict[str, Attempts] = {}
        self.sources: dict[tuple[str, str], Source] = {}
        self.told = self.answered = 0

    @property
    def failures(self) -> int:
        """Failed sign-ins altogether."""
        return max(self.told, self.answered)

    def add(self, batch: Batch) -> None:
        rows = batch.rows
        said = _together(rows, _SAID)
        if "%" in said:
            said += unquote(said).lower()
        for kind, (needles, pattern) in _KINDS.items():
            if _any_in(needles, said):
                for row in rows:
                    if pattern.search(_text(row)):
                        self._attempt(kind, row)
        if _SCANNERS.search(_together(rows, NAMES["user_agent"])):
            for row in rows:
                if _SCANNERS.search(text_of(row.user_agent)):
                    self._attempt(SCANNER, row)
        told = _any_in(_FAILED_NEEDLES, said) or _any_in(_FAILED_EVENTS, _together(rows, NAMES["event"]))
        answered = _any_in(_SIGN_IN_ROUTES, _together(rows, NAMES["route"]))
        if told or answered:
            for row in rows:
                if told and _tells_failure(row):
                    self._failed(row, told=1)
                elif answered and _answers_failure(row):
                    self._failed(row, answered=1)
        if len(self.sources) > SOURCES_AT_MOST:
            for key in drop_rarest({key: source.failures for key, source in self.sources.items()}):
                del self.sources[key]

    def merge(self, other: Self) -> None:
        for kind, theirs in other.attempts.items():
            ours = self.attempts.setdefault(kind, theirs)
            if ours is not theirs:
                ours.count += theirs.count
                ours.first_seen = min(ours.first_seen, theirs.first_seen)
                ours.last_seen = max(ours.last_seen, theirs.last_seen)
                ours.addresses += theirs.addresses
        for key, source in other.sources.items():
            known = self.sources.setdefault(key, source)
            if known is not source:
                known.told += source.told
                known.answered += source.answered
                known.first_seen = min(known.first_seen, source.first_seen)
                known.last_seen = max(known.last_seen, source.last_seen)
        self.told += other.told
        self.answered += other.answered

    def _attempt(self, kind: str, row: Row) -> None:
        at = when(row)
        attempts = self.attempts.setdefault(kind, Attempts(0, at, at, text_of(first(row, "request_id"))))
        attempts.count += 1
        attempts.first_seen, attempts.last_seen = min(attempts.first_seen, at), max(attempts.last_seen, at)
        if (address := text_of(first(row, "ip"))) and (
            address in attempts.addresses or len(attempts.addresses) < SOURCES_AT_MOST
        ):
            attempts.addresses[address] += 1

    def _failed(self, row: Row, *, told: int = 0, answered: int = 0) -> None:
        at = when(row)
        self.told += told
        self.answered += answered
        for kind in ("ip", "user"):
            if value := text_of(first(row, kind)):
                source = self.sources.setdefault((kind, value), Source(0, 0, at, at))
                source.told += told
                source.answered += answered
                source.first_seen, source.last_seen = min(source.first_seen, at), max(source.last_seen, at)


def _together(rows: Sequence[Row], names: Sequence[str]) -> str:
    """All texts that rows have under these names, in lower case, to be looked through at once."""
    texts: list[str] = []
    for name in names:
        values = list(map(attrgetter(name), rows))
        kinds = set(map(type, values))
        if kinds == {str}:
            texts += values
        elif str in kinds:
            texts += [value for value in values if isinstance(value, str)]
    return "\n".join(texts).lower()


def _any_in(needles: Sequence[str], text: str) -> bool:
    return any(needle in text for needle in needles)


def _text(row: Row) -> str:
    text = "\n".join(value for name in _SAID if isinstance(value := getattr(row, name), str))
    return f"{text}\n{unquote(text)}" if "%" in text else text


def _tells_failure(row: Row) -> bool:
    return bool(_FAILED_EVENT.search(text_of(first(row, "event"))) or _FAILED_TEXT.search(_text(row)))


def _answers_failure(row: Row) -> bool:
    return status_of(row) == 401 and _any_in(_SIGN_IN_ROUTES, text_of(first(row, "route")).lower())
