"""Synthetic stores: addresses, labels and dispenser cards with the portal's distributions (Portal spec §2.5, §3.4)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import TypeVar

from . import vocabulary as words
from .model import Dispenser, EquipmentGroup, Location

T = TypeVar("T")


def weighted(rng: random.Random, weights: Mapping[T, int]) -> T:
    """One key of `weights`, drawn by its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


class StoreMaker:
    """Makes stores with ids and labels that never repeat."""

    def __init__(self, rng: random.Random, existing: Iterable[Location] = ()) -> None:
        self._rng = rng
        stores = list(existing)
        self._location_ids = {store.id for store in stores}
        self._labels = {store.store for store in stores}
        self._next_dispenser_id = max((card.id for store in stores for card in store.dispensers), default=410_000) + 1
        self._count = len(stores)

    def location_id(self) -> int:
        """A fresh location id; the portal's lie between 32800 and 1263903."""
        while True:
            low = self._rng.random() < 0.7
            number = self._rng.randint(32_800, 61_000) if low else self._rng.randint(900_000, 1_263_903)
            if number not in self._location_ids:
                self._location_ids.add(number)
                return number

    def store_label(self, chain: str, slash: bool = False) -> str:
        """A fresh store label such as `#5312`, `#34810`, `#2721044` or `#43339/6448`."""
        while True:
            if chain == words.WAWA:
                label = f"#{self._rng.randint(5100, 5999)}"
            elif chain == words.CIRCLE_K:
                label = f"#{self._rng.randint(2_700_000, 2_729_999)}"
            elif slash:
                label = f"#{self._rng.randint(43_000, 46_999)}/{self._rng.randint(6400, 6999)}"
            else:
                label = f"#{self._rng.randint(20_000, 42_999)}"
            if label not in self._labels:
                self._labels.add(label)
                return label

    def store(
        self,
        chain: str,
        *,
        cards: int | None = None,
        grades: str | None = None,
        diesel_at: tuple[int, ...] = (),
        layout: str = "pairs",
    ) -> Location:
        """A new store. `grades` fixes the grade list, `diesel_at` names sides whose card also sells Diesel.

        `layout`: `pairs` (1/2, 3/4 …), `interleaved` (1/3, 2/4, 5/7 …) or `truck` (pairs, then single numbers 9, 10,
        11 with DEF and high-flow diesel).
        """
        self._count += 1
        slash = chain == words.SPEEDWAY or (chain == words.SEVEN and self._count % 9 == 0)
        brand = {words.SEVEN: "7-Eleven", words.CIRCLE_K: "Circle K"}.get(chain, chain)
        if chain == words.SEVEN:
            brand = "Speedway" if slash else ("7-11" if self._count % 5 == 0 else brand)
        city, county, zip5 = words.CITIES[self._count % len(words.CITIES)]
        return Location(
            id=self.location_id(),
            customer_id=words.CUSTOMERS[chain][0],
            store=self.store_label(chain, slash=slash),
            brand=brand,
            street=self._street(),
            intersection=self._intersection(),
            city=city,
            state="FL",
            zip=self._zip(zip5),
            county=f"{county} County",
            contact=self._contact(chain),
            dispensers=self._dispensers(chain, cards, grades, diesel_at, layout),
            other_equipment=self._other_equipment(),
            modal=self._count % 29 == 0,
        )

    def _street(self) -> str:
        rng = self._rng
        number = rng.randint(10_000, 129_999) if rng.random() < 0.24 else rng.randint(101, 9_999)
        return f"{number} {rng.choice(words.STREETS)}"

    def _intersection(self) -> str | None:
        """A middle address line for about 46 % of the stores, in every style that was seen."""
        rng = self._rng
        style = self._count % 13
        a, b = rng.sample(words.CROSSINGS, 2)
        styles = {
            1: f"{a} & {b}",
            3: f"@ {a}",
            5: f"{a} nr {b}",
            6: f"near {a}",
            8: self._street(),
            10: "I-4",
            11: f"{a} @ {b}",
        }
        return styles.get(style)

    def _zip(self, zip5: str) -> str:
        kind = self._count % 19
        last = f"{self._rng.randint(1, 9999):04d}"
        if kind == 4:
            return f"{zip5}-{last}"
        return f"{zip5}{last}" if kind in (7, 13) else zip5

    def _contact(self, chain: str) -> list[str]:
        rng = self._rng
        code, terms = words.ACCOUNT_CODES[chain]
        person = f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}"
        lines = [person, words.CUSTOMERS[chain][1]]
        if self._count % 3 == 0:
            lines.append("Facilities Coordinator")
        if self._count % 7 != 0:
            lines.append(code)
        return [*lines, terms]

    def _other_equipment(self) -> list[EquipmentGroup]:
        groups = [EquipmentGroup(name="ATG", type_id=1, titles=["ATG - TLS-350"])]
        if self._count % 2:
            tanks = ["1 - Regular - 12000 gal", "2 - Premium - 8000 gal", "3 - Diesel - 8000 gal"]
            groups.append(EquipmentGroup(name="tank", type_id=2, titles=tanks))
        return groups

    def _numbers(self, cards: int, layout: str) -> list[str]:
        if layout == "interleaved":
            labels = []
            for block in range((cards + 1) // 2):
                base = block * 4
                labels += [f"{base + 1}/{base + 3}", f"{base + 2}/{base + 4}"]
            return labels[:cards]
        if layout == "truck":
            return [f"{n}/{n + 1}" for n in range(1, 9, 2)] + ["9", "10", "11"]
        return [f"{2 * n + 1}/{2 * n + 2}" for n in range(cards)]

    def _dispensers(
        self, chain: str, cards: int | None, grades: str | None, diesel_at: tuple[int, ...], layout: str
    ) -> list[Dispenser]:
        rng = self._rng
        count = cards or weighted(rng, words.STORE_SIZES)
        labels = self._numbers(count, layout)
        plan = rng.choices(words.GRADE_PLANS[chain], weights=[p[2] for p in words.GRADE_PLANS[chain]])[0]
        base, lane = (grades, None) if grades else (plan[0], plan[1])
        # About a quarter of the cards of a store with diesel lanes sell diesel: the last ones.
        lanes = max(1, len(labels) // 4) if lane and len(labels) > 1 else 0
        wayne = self._count == 11
        fields = weighted(rng, words.FIELD_SETS)
        model, meter = weighted(rng, words.MODELS), weighted(rng, words.METER_TYPES)
        nozzles, code = weighted(rng, words.NOZZLES), weighted(rng, words.STAND_ALONE_CODES)
        result = []
        for index, label in enumerate(labels):
            text = lane if lane and index >= len(labels) - lanes else base
            if any(str(side) in label.split("/") for side in diesel_at):
                text = f"{text}, Diesel"
            if layout == "truck" and "/" not in label:
                text = "DEF, Diesel High Flow"
            card_fields = fields if rng.random() < 0.9 else weighted(rng, words.FIELD_SETS)
            values = {
                "Grade": text,
                "Stand Alone Code": code,
                "Number of Nozzles (per side)": nozzles,
                "NTEP / COC #": f"{rng.randint(2, 17):02d}-{rng.randint(1, 180):03d}A{rng.randint(1, 9)}",
                "Meter Type": meter,
            }
            result.append(
                Dispenser(
                    id=self._next_dispenser_id,
                    numbers=label,
                    grades=text.split(", "),
                    make="Dresser Wayne" if wayne else "Gilbarco",
                    model=rng.choice(words.WAYNE_MODELS)
                    if wayne
                    else model
                    if rng.random() < 0.9
                    else weighted(rng, words.MODELS),
                    serial=self._serial(),
                    fields={label_: values[label_] for label_ in card_fields},
                )
            )
            self._next_dispenser_id += 1
        return result

    def _serial(self) -> str:
        rng = self._rng
        if rng.random() < 0.074:
            return ""
        digits = f"{rng.randint(10_000, 99_999):08d}"
        roll = rng.random()
        if roll < 0.01:
            return "9-9"
        if roll < 0.02:
            return f"EN{digits}B"
        if roll < 0.03:
            return f"EN {digits}"
        return f"{'En' if roll < 0.1 else 'en' if roll < 0.15 else 'EN'}{digits}"
