"""Whether what answered is FossaWork, and what it says of its parts. Pure.

Any program may listen at the address: what does not look like our own answer in every respect is not believed, above all
no good news.
"""

import msgspec

from app.operations.health.tree import Component, Finding, State, overall

# The critical parts, which a server of ours names in each of its answers.
ALWAYS = frozenset({"database", "operations_database", "auth", "filesystem", "scheduler"})
_HTTP_STATUS = {State.ok: 200, State.degraded: 200, State.failed: 503, State.unknown: 503}


class Part(msgspec.Struct, frozen=True):
    """One component, as the server tells it. Only operators are told ``words``."""

    name: str
    critical: bool
    status: State
    words: str | None = None


class _Health(msgspec.Struct):
    status: State
    components: list[Part]


def parts_of(http_status: int, body: bytes) -> list[Part] | None:
    """The components of the server's answer; ``None`` when it is not one of ours: another shape, a critical part missing, or
    a status that does not go with the parts or with the HTTP status."""
    try:
        said = msgspec.json.decode(body, type=_Health)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    found = overall(Component(part.name, "", part.critical, Finding(part.status, ""), 0.0) for part in said.components)
    names_all = ALWAYS.issubset(part.name for part in said.components if part.critical)
    agrees = said.status is found and _HTTP_STATUS[found] == http_status
    return said.components if names_all and agrees else None
