"""How the states of components make the state of the whole. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """``unknown``: the check could not be made. It is never taken for ``ok``."""

    ok = "ok"
    degraded = "degraded"
    failed = "failed"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says: one sentence for a person, and figures for operators."""

    state: State
    words: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    part_of: str
    critical: bool
    finding: Finding
    milliseconds: float


_WORST = (State.failed, State.unknown, State.degraded, State.ok)
_RANK = {state: rank for rank, state in enumerate(_WORST)}


def worst(states: Iterable[State]) -> State:
    return min(states, key=lambda state: _RANK[state], default=State.unknown)


def overall(components: Iterable[Component]) -> State:
    """The worst of the critical components. Anything else that is not ``ok`` makes the whole ``degraded``, not worse. No
    critical component at all means that nothing is known."""
    components = list(components)
    core = worst(component.finding.state for component in components if component.critical)
    if core is State.ok and any(component.finding.state is not State.ok for component in components):
        return State.degraded
    return core
