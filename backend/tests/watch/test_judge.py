"""When the server counts as down, and when it counts as up again."""

from hypothesis import given
from hypothesis import strategies as st

from app.watch.judge import BAD_PROBES, GOOD_PROBES, Judge, Outage, Probe, Result, Verdict, see


def _play(*results: str, start: float = 1000.0, step: float = 30.0, judge: Judge | None = None) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for index, result in enumerate(results):
        known = verdicts[-1].judge if verdicts else judge or Judge()
        bad = result != "good"
        probe = Probe(
            start + index * step,
            Result.bad if bad else Result.good,
            "down" if bad else "",
            pages=result == "bad, pages",
        )
        verdicts.append(see(known, probe))
    return verdicts


def test_one_bad_probe_is_no_outage() -> None:
    assert all(v.told is None and not v.call for v in _play("good", "bad", "good", "bad", "good"))


def test_two_bad_probes_are_an_outage_within_a_minute_and_somebody_is_called() -> None:
    first, second, third = _play("bad", "bad", "bad")
    assert (first.call, second.call, third.call) == (False, True, False)
    assert second.told == Outage(began=1000.0, detected=1030.0, reason="down", called=1030.0)


def test_a_server_that_calls_people_itself_is_left_to_it_until_it_does_not_any_more() -> None:
    verdicts = _play("bad, pages", "bad, pages", "bad, pages", "bad", "bad")
    assert [v.call for v in verdicts] == [False, False, False, True, False]
    assert [v.told is not None for v in verdicts] == [False, True, False, False, False]


def test_three_good_probes_end_it_and_it_was_over_with_the_first_of_them() -> None:
    verdicts = _play("bad", "bad", "good", "bad", "good", "good", "good", "good")
    ended = verdicts[6].told
    assert ended is not None
    assert (ended.began, ended.recovered, ended.over) == (1000.0, 1120.0, 1180.0)
    assert verdicts[7].told is None
    assert verdicts[7].judge.outage is None


def test_a_long_gap_begins_anew_but_ends_no_outage() -> None:
    first = _play("bad")[-1].judge
    assert not _play("bad", start=50_000, judge=first)[-1].call, "the machine slept: one bad probe before, one after"
    down = _play("bad", "bad")[-1].judge
    assert _play("bad", start=50_000, judge=down)[-1].judge.outage is not None


@given(st.lists(st.sampled_from(["good", "bad", "bad, pages"]), max_size=60))
def test_outages_begin_and_end_in_turn(results: list[str]) -> None:
    open_ = False
    bad = good = 0
    for result, verdict in zip(results, _play(*results), strict=True):
        bad, good = (0, good + 1) if result == "good" else (bad + 1, 0)
        if verdict.told is not None and verdict.told.over is None:
            assert not open_
            assert bad >= BAD_PROBES
            open_ = True
        elif verdict.told is not None:
            assert open_
            assert good >= GOOD_PROBES
            open_ = False
        assert (verdict.judge.outage is not None) == open_
