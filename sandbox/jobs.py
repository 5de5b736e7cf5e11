"""What the jobs of one technician are, before any date is chosen (Portal spec §2.5, §2.6, §8.2)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from . import instructions as texts
from . import vocabulary as words
from .model import Location, ServiceGroup, ServiceLine
from .stores import StoreMaker


@dataclass
class Job:
    """A job without ids and dates. `follows`: this is the second day of that job, on the next working day."""

    location: Location
    categories: list[str]
    reason: str
    project: str | None
    po: str | None
    groups: list[ServiceGroup]
    instructions: str
    follows: Job | None = field(default=None, repr=False)


class JobMaker:
    """Makes the jobs of one technician."""

    def __init__(self, rng: random.Random, stores: StoreMaker, today: date) -> None:
        self._rng = rng
        self._stores = stores
        self._today = today
        self._made = 0

    def make(self, count: int, cleanups: tuple[texts.CleanUp, ...], two_day_pairs: int) -> list[Job]:
        """Exactly `count` jobs of all four chains; `cleanups` are the 2862 notes to use, each once."""
        circle_k = max(4, round(count * 0.032))
        wawa = round(count * 0.36)
        jobs = [self._circle_k(n) for n in range(circle_k)]
        jobs += [self._seven(words.SPEEDWAY) for _ in range(2)]
        pairs = [job for _ in range(two_day_pairs) for job in self._two_days()]
        jobs += pairs
        jobs.append(self._post_construction())
        jobs += [self._wawa() for _ in range(wawa - len(pairs) - 1)]
        notes = [self.cleanup(note) for note in cleanups]
        jobs += notes
        # A store with two orders at once that are not two days of one job (Portal spec §8.2).
        jobs.append(self._seven(words.SEVEN, location=notes[3].location))
        jobs.append(self._seven(words.SEVEN, layout="interleaved"))
        jobs += [self._seven(words.SEVEN) for _ in range(count - len(jobs))]
        return jobs

    def one(self, code: str) -> Job:
        """One job of a kind: `2861` (7-Eleven), `wawa`, `2862`, `3002` or `3146`; raises ValueError for another."""
        makers: dict[str, Callable[[], Job]] = {
            "2861": lambda: self._seven(words.SEVEN),
            "wawa": self._wawa,
            "2862": lambda: self.cleanup(self._rng.choice(texts.RECORDED_CLEANUPS)),
            "3002": self._post_construction,
            "3146": lambda: self._circle_k(self._rng.randrange(4)),
        }
        if code not in makers:
            raise ValueError(f"unknown kind of job {code!r}; known: {', '.join(makers)}")
        return makers[code]()

    def _year(self, chain: str) -> str:
        year = self._today.year
        return f"Wawa {year} AccuMeasure" if chain == words.WAWA else f"7-11 Calibrations {year}"

    def _extras(self) -> list[ServiceGroup]:
        """Companion items that some jobs carry: parts, photos, fees."""
        rng = self._rng
        self._made += 1
        if self._made % 9 == 2:
            code = rng.choice(["400MB-10", "450MG-10", "450MB-10", "400HS-10"])
            return [_group("Parts / Filter", (rng.randint(2, 12), f"Cim-Tek {code} filter", code))]
        if self._made % 13 == 4:
            return [
                _group(
                    "Misc / Inspections / Information Services",
                    (1, "7-11 AccuMeasure Vault Photos", "4553"),
                    (rng.randint(1, 4), "Bottom Fuel Sample Photos", "4366"),
                )
            ]
        if self._made % 17 == 6:
            return [
                _group("Parts: Hanging Hardware / Hose", (2, "Conventional 3/4 in hose x 8 ft 6 in", "HFS-C34X086MM")),
                _group("Misc / Inspections / Information Services", (1, "Filter Consumable Fee", "4700")),
            ]
        return []

    def _shuffled(self, groups: list[ServiceGroup]) -> list[ServiceGroup]:
        self._rng.shuffle(groups)
        return groups

    def _seven(self, chain: str, *, location: Location | None = None, layout: str = "pairs") -> Job:
        rng = self._rng
        cards = 8 if layout == "interleaved" else None
        location = location or self._stores.store(chain, layout=layout, cards=cards)
        roll = self._made % 12
        text = texts.SEVEN_SHORT if roll == 5 else texts.SEVEN_FULL
        if roll == 3:
            text = texts.NEW_STATION + text
        elif roll == 8:
            text = texts.REMODELED + text
        groups = [
            _group("Combo", (1, "7-11 Calibration Services", "CAL-SERV")),
            _group("Meter Calibration", (len(location.dispensers), "All Dispensers", "2861")),
            *self._extras(),
        ]
        project = None if rng.random() < 0.06 else self._year(chain)
        return Job(location, ["Meter Calibration"], "AccuMeasure", project, None, self._shuffled(groups), text)

    def cleanup(self, note: texts.CleanUp) -> Job:
        """A 2862 job at a store that fits the note."""
        location = self._stores.store(
            words.SEVEN, cards=note.cards, grades=note.grades, diesel_at=note.diesel_at, layout=note.layout
        )
        groups = [_group("Meter Calibration", (note.quantity, "Specific Dispenser(s) - See Notes", "2862"))]
        return Job(
            location,
            ["Meter Calibration", "AccuMeasure Clean-Up"],
            "AccuMeasure",
            self._year(words.SEVEN),
            None,
            groups,
            note.text,
        )

    def _wawa(self) -> Job:
        location = self._stores.store(words.WAWA)
        quantity = len(location.dispensers)
        text = texts.WAWA_SHORT if self._made % 7 == 3 else texts.WAWA_FULL
        groups = [
            _group("Meter Calibration", (quantity, "All Dispensers", "2861"), (quantity, "Filter change", "3006")),
            *self._extras(),
        ]
        project = self._year(words.WAWA)
        return Job(location, ["Meter Calibration"], "AccuMeasure", project, None, self._shuffled(groups), text)

    def _two_days(self) -> list[Job]:
        location = self._stores.store(words.WAWA, cards=10)
        jobs: list[Job] = []
        for day, quantity in ((1, 10), (2, 0)):
            groups = [
                _group("Meter Calibration", (quantity, "All Dispensers", "2861"), (quantity, "Filter change", "3006"))
            ]
            jobs.append(
                Job(
                    location,
                    ["Meter Calibration"],
                    "AccuMeasure",
                    self._year(words.WAWA),
                    None,
                    groups,
                    f"Day {day} of 2\n{texts.WAWA_FULL}",
                    follows=jobs[0] if jobs else None,
                )
            )
        return jobs

    def _post_construction(self) -> Job:
        location = self._stores.store(words.WAWA, cards=8)
        opened = self._today - timedelta(days=40)
        groups = [_group("Meter Calibration", (8, "Per Dispenser", "3002"), (8, "Filter change", "3006"))]
        return Job(
            location,
            ["Meter Calibration", "Post Construction"],
            "Post Construction Accumeasure",
            self._year(words.WAWA),
            None,
            groups,
            texts.POST_CONSTRUCTION.format(opened=f"{opened.month}/{opened.day}/{opened:%y}"),
        )

    def _circle_k(self, index: int) -> Job:
        rng = self._rng
        shapes = [(2, "pairs"), (None, "truck"), (8, "pairs"), (9, "pairs")]
        cards, layout = shapes[index % len(shapes)]
        location = self._stores.store(words.CIRCLE_K, cards=cards, layout=layout)
        count = len(location.dispensers)
        text = texts.CIRCLE_K_ALL
        if index % 2 == 0:
            text = texts.CIRCLE_K_TICKET.format(
                sides=2 * count, asset=rng.randint(1_000_000, 1_999_999), serial=f"EN{rng.randint(10_000, 99_999):08d}"
            )
        groups = [_group("Meter Calibration", (count, "Open Neck Prover - Quality", "3146"))]
        return Job(
            location,
            ["Meter Calibration", "Quality Calibration"],
            "Compliance",
            None,
            f"{rng.randint(3_000_000, 3_999_999)}" if index % 3 != 1 else f"CK-{rng.randint(10_000, 99_999)}",
            groups,
            text,
        )


def _group(category: str, *lines: tuple[int, str, str]) -> ServiceGroup:
    return ServiceGroup(
        category=category,
        lines=[ServiceLine(quantity=quantity, description=text, code=code) for quantity, text, code in lines],
    )
