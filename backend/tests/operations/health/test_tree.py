"""How parts make the whole."""

from hypothesis import given
from hypothesis import strategies as st

from app.operations.health.tree import Component, Finding, State, overall

states = st.sampled_from(list(State))


def _part(state: State, *, critical: bool) -> Component:
    return Component("part", "server", critical, Finding(state, ""), 0.0)


@given(st.lists(st.tuples(states, st.booleans())))
def test_the_whole_is_its_worst_critical_part_and_never_better_than_degraded_when_anything_is_wrong(
    parts: list[tuple[State, bool]],
) -> None:
    found = overall(_part(state, critical=critical) for state, critical in parts)
    critical = [state for state, is_critical in parts if is_critical]
    if not critical:
        assert found is State.unknown
    elif State.failed in critical:
        assert found is State.failed
    elif State.unknown in critical:
        assert found is State.unknown
    elif all(state is State.ok for state, _ in parts):
        assert found is State.ok
    else:
        assert found is State.degraded
