"""Synchronising and filling forms: the product against the bare script, in turn on the same sandbox."""

import sys
from dataclasses import dataclass, field

from benchmarks.bare import run_bare
from benchmarks.portal import Portal, running_portal
from benchmarks.result import Row, against, spread
from benchmarks.stack import running_product

ORDERS = 60
DISPENSERS, GRADES = 8, 5
SLOW_DISPENSERS = 4
READINGS, ADDED, DELETED = 38, 6, 8  # per dispenser of Wawa's MMBBM, two sides (Portal spec §5.5)
EARLIER_READINGS = 4.6 * 60 + 8 * 141  # seconds; the earlier tools' own times for such a visit (Portal spec §7.2, §7.3)
SLEEPS_PER_FORM = 9.2 + 4.75 * GRADES - 0.5  # seconds; the earlier tool's own pauses (Portal spec §7.2)


@dataclass(slots=True)
class _Turns:
    """Seconds of both sides, measured in turn. The minimum of each counts: other work on the machine only ever adds."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def row(self, name: str, target: float, note: str) -> Row:
        turns = f"minima of ours [{spread(self.ours)}], bare [{spread(self.bare)}]"
        return against(name, min(self.ours), min(self.bare), "s", target, f"{note}; {turns}")


def _tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def sync_60(quick: bool) -> list[Row]:
    """A first sync of 60 work orders and their locations."""
    turns, places = _Turns(), 0
    with running_portal() as portal, running_product(portal.url) as users:
        for number in range(1 if quick else 2):
            portal.ask("sync_world", orders=ORDERS)
            bare = run_bare("sync", portal.url)
            portal.ask("sync_world", orders=ORDERS)
            seconds, run = next(users).sync()
            if (run.work_orders, run.locations_read) != (ORDERS, bare["done"]):
                raise RuntimeError(
                    f"ours read {run.work_orders} and {run.locations_read}, bare {bare['done']} locations"
                )
            places = int(bare["done"])
            turns.bare.append(bare["seconds"])
            turns.ours.append(seconds)
            _tell(f"sync {number + 1}: ours {seconds:.2f} s, bare {bare['seconds']:.2f} s")
    return [turns.row("sync-60", 1.3, f"{ORDERS} orders, {places} locations")]


def _forms(dispensers: int, *, slow: bool, turns: int, readings: bool = False) -> tuple[_Turns, float, float]:
    """Both sides' seconds, and the waiting that the sandbox imposed on each in the last turn."""
    measured, imposed, bare_imposed = _Turns(), 0.0, 0.0
    with running_portal() as portal, running_product(portal.url) as users:
        for number in range(turns):
            path = _fresh(portal, dispensers, slow=slow)
            bare = run_bare("readings" if readings else "forms", portal.url, path, dispensers)
            _check_writes(portal, dispensers, readings=readings)
            bare_imposed = portal.ask("rewind")["imposed"]
            _fresh(portal, dispensers, slow=slow)
            user = next(users)
            user.sync()
            plan = user.plan_forms()
            portal.ask("rewind")
            seconds, forms = user.run_forms(plan, readings=readings)
            imposed = portal.ask("rewind")["imposed"]
            verdicts = [form.verdict for form in forms]
            if verdicts != ["verified"] * dispensers:
                raise RuntimeError(f"not every form of the benchmark was verified: {[f.reason for f in forms]}")
            _check_writes(portal, dispensers, readings=readings)
            measured.ours.append(seconds)
            measured.bare.append(bare["seconds"])
            _tell(f"forms {number + 1}: ours {seconds:.2f} s, bare {bare['seconds']:.2f} s")
    return measured, imposed, bare_imposed


def _fresh(portal: Portal, dispensers: int, *, slow: bool) -> str:
    return str(portal.ask("forms_world", dispensers=dispensers, slow=slow)["visit"])


def _check_writes(portal: Portal, dispensers: int, *, readings: bool) -> None:
    """Neither side may have left something out, or done something twice."""
    kinds = portal.ask("counts")["kinds"]
    expected = {"create_form": dispensers, "save_section": dispensers * (1 + GRADES)}
    if readings:
        expected["save_section"] += dispensers
        expected |= {"add_reading": dispensers * ADDED, "delete_reading": dispensers * DELETED}
    if kinds != expected:
        raise RuntimeError(f"the portal counts the writes {kinds}; {expected} were expected")


_fast: dict[bool, _Turns] = {}


def _fast_forms(quick: bool) -> _Turns:
    """Measured once for the two rows that speak of it."""
    if quick not in _fast:
        _fast[quick] = _forms(DISPENSERS, slow=False, turns=1 if quick else 3)[0]
    return _fast[quick]


def forms_8x5(quick: bool) -> list[Row]:
    """The forms of an 8-dispenser, 5-grade visit on a portal that answers at once."""
    note = "ours also reads every form back"
    return [_fast_forms(quick).row(f"forms-{DISPENSERS}x{GRADES}", 1.3, note)]


def forms_slow(_: bool) -> list[Row]:
    """The same with loaders of 0.5 to 2 s, for fewer dispensers: the waiting per form is the same."""
    turns, imposed, bare_imposed = _forms(SLOW_DISPENSERS, slow=True, turns=1)
    waits = f"the sandbox let ours wait {imposed:.1f} s, bare {bare_imposed:.1f} s; ours also reads every form back"
    return [turns.row(f"forms-{SLOW_DISPENSERS}x{GRADES}-slow", 1.2, waits)]


def forms_vs_sleeps(quick: bool) -> list[Row]:
    """How many times faster than the earlier tool's fixed pauses alone (computed, not measured) we are."""
    sleeps, ours = SLEEPS_PER_FORM * DISPENSERS, min(_fast_forms(quick).ours)
    note = f"ratio = its pauses / ours; {SLEEPS_PER_FORM:g} s per form of {GRADES} grades, computed"
    return [Row("forms-vs-sleeps", ours, sleeps, sleeps / ours, "s", 20.0, note, higher_is_better=True, aim=True)]


_with_readings: dict[bool, _Turns] = {}


def _readings(quick: bool) -> _Turns:
    if quick not in _with_readings:
        _with_readings[quick] = _forms(DISPENSERS, slow=False, turns=1 if quick else 2, readings=True)[0]
    return _with_readings[quick]


def forms_8x5_readings(quick: bool) -> list[Row]:
    """The whole preparation of the same visit: sections 1, 536 and 537."""
    note = f"{DISPENSERS * READINGS} readings; ours also reads every one back and takes pictures"
    return [_readings(quick).row(f"forms-{DISPENSERS}x{GRADES}-readings", 1.3, note)]


def readings_vs_earlier(quick: bool) -> list[Row]:
    """How many times faster than the earlier tools, by the times their authors measured."""
    ours = min(_readings(quick).ours)
    note = f"ratio = their times / ours; 4.6 min + 141 s per dispenser = {EARLIER_READINGS:.0f} s, from the record"
    ratio = EARLIER_READINGS / ours
    return [Row("readings-vs-earlier", ours, EARLIER_READINGS, ratio, "s", 10.0, note, higher_is_better=True, aim=True)]
