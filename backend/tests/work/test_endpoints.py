"""The work routes: week, search, one work order; and that nobody sees what is not theirs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from fastapi.testclient import TestClient
from sqlalchemy import event

from app.database import Database
from app.kit.clock import VirtualClock
from app.work import store
from app.work.service import mark_settled
from backend.tests.conftest import Person
from backend.tests.work.records import dispenser, row

WEDNESDAY = datetime(2026, 3, 4, 15, tzinfo=UTC)  # 10 in the morning in New York


def _fill(database: Database, person: Person, at: datetime = WEDNESDAY) -> None:
    with database.write() as db:
        rows = [
            row(101, on=date(2026, 3, 3), store="#5106", instructions="Day 1 of 2\nGate code at the desk.", quantity=8),
            row(102, on=date(2026, 3, 4), store="#5154", due_date=date(2026, 3, 1), location_id=900),
            row(
                103,
                on=date(2026, 3, 8),
                store="#32792",
                customer="7-Eleven Stores, Inc",
                code="2862",
                instructions="#3 Diesel only",
            ),
            row(104, on=date(2026, 3, 10), store="#43339/6448", due_date=date(2026, 3, 9)),
            row(105, on=None, store="#5200"),
        ]
        store.store_work_orders(db, person.id, rows, at)
        cards = [
            dispenser(1, 2),
            dispenser(3, 4, grades=("Regular", "Plus", "Premium", "Diesel", "Super")),
            dispenser(9, grades=("DEF",)),
        ]
        store.store_location(db, person.id, 900, cards, at)
        mark_settled(db, person.id, at, succeeded=True)


def test_the_week_by_day_with_today_totals_and_what_lies_ahead(
    client: TestClient, sqlite: Database, person: Person
) -> None:
    with VirtualClock(WEDNESDAY):
        token = _fresh_token(sqlite, person)
        _fill(sqlite, person)
        pair = client.get("/api/week", headers=token).json()
    this, following = pair["this"], pair["next"]
    assert (this["start"], this["reason"], this["is_current"]) == ("2026-03-02", "current", True)
    days = {day["date"]: day for day in this["days"]}
    assert days["2026-03-04"]["is_today"]
    assert "2026-03-08" in days  # a Sunday with work is shown, the empty Saturday is not
    assert "2026-03-07" not in days
    assert [card["store"] for card in days["2026-03-04"]["visits"]] == ["#5154"]
    assert this["totals"] == {"visits": 3, "dispensers": 11, "dispensers_unknown": 1}
    assert [card["store"] for card in this["unscheduled"]] == ["#5200"]
    assert following["days"][1]["visits"][0]["due_state"] == "before_visit"
    assert (this["later_start"], this["later_visits"]) == ("2026-03-09", 1)
    assert this["age"]["state"] == "fresh"


def test_a_card_says_where_its_number_of_dispensers_comes_from(
    client: TestClient, sqlite: Database, person: Person
) -> None:
    with VirtualClock(WEDNESDAY):
        token = _fresh_token(sqlite, person)
        _fill(sqlite, person)
        items = client.get("/api/work-orders", headers=token).json()["items"]
    found = {item["work_id"]: (item["dispensers"], item["dispensers_from"]) for item in items}
    assert found[101] == (8, "quantity")
    assert found[102] == (3, "cards")
    assert found[103] == (None, "unknown")


def test_the_screens_roll_over_on_friday_evening(client: TestClient, sqlite: Database, person: Person) -> None:
    with VirtualClock(datetime(2026, 3, 6, 22, 30, tzinfo=UTC)):
        token = _fresh_token(sqlite, person)
        assert client.get("/api/week", headers=token).json()["this"]["reason"] == "week_over"
        asked = client.get("/api/week?start=2026-03-05", headers=token).json()["this"]
        assert (asked["start"], asked["reason"]) == ("2026-03-02", "asked")


def test_a_work_order_with_its_dispensers_in_aligned_columns(
    client: TestClient, sqlite: Database, person: Person
) -> None:
    with VirtualClock(WEDNESDAY):
        token = _fresh_token(sqlite, person)
        _fill(sqlite, person)
        order = client.get(f"/api/visits/{102 + 1989}", headers=token).json()
        assert client.get("/api/work-orders/102", headers=token).json() == order
    location = order["location"]
    assert location["columns"] == ["Regular", "Super", "Plus", "DEF", "Premium", "Diesel"]
    second = location["dispensers"][1]
    assert [(grade["name"], grade["metered"]) for grade in second["grades"]] == [
        ("Regular", True),
        ("Super", True),
        ("Plus", False),
        ("Premium", False),
        ("Diesel", True),
    ]
    assert order["card"]["due_state"] == "overdue"
    assert order["map_url"].startswith("https://www.google.com/maps/")


def test_instructions_are_given_whole_and_clean_with_facts(
    client: TestClient, sqlite: Database, person: Person
) -> None:
    with VirtualClock(WEDNESDAY):
        token = _fresh_token(sqlite, person)
        _fill(sqlite, person)
        order = client.get("/api/work-orders/101", headers=token).json()
    assert order["instructions"] == "Day 1 of 2\nGate code at the desk."
    assert order["card"]["facts"][0]["label"] == "Day 1 of 2"


def test_search_finds_by_any_word_and_pages(client: TestClient, sqlite: Database, person: Person) -> None:
    with VirtualClock(WEDNESDAY):
        token = _fresh_token(sqlite, person)
        _fill(sqlite, person)

        def search(text: str) -> list[int]:
            return [
                item["work_id"]
                for item in client.get("/api/work-orders", params={"search": text}, headers=token).json()["items"]
            ]

        assert search("#5154") == search("w-102") == search("2091") == [102]
        assert search("springfield 43339") == [104]
        assert search("100%") == search("_") == []
        first = client.get("/api/work-orders?limit=2", headers=token).json()
        second = client.get(
            "/api/work-orders", params={"limit": 10, "cursor": first["next_cursor"]}, headers=token
        ).json()
        assert [item["work_id"] for item in first["items"] + second["items"]] == [105, 104, 103, 102, 101]
        assert (first["total"], second["next_cursor"]) == (5, None)
        assert client.get("/api/work-orders?cursor=rubbish", headers=token).status_code == 422


def test_what_belongs_to_somebody_else_does_not_exist(
    client: TestClient, sqlite: Database, person: Person, add_person: Callable[..., Person]
) -> None:
    other = add_person("other@example.com")
    _fill(sqlite, person, datetime.now(UTC))
    for path in ("/api/work-orders/102", f"/api/visits/{102 + 1989}"):
        assert client.get(path, headers=person.headers).status_code == 200
        assert client.get(path, headers=other.headers).status_code == 404
    assert client.get("/api/work-orders", headers=other.headers).json()["total"] == 0


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: TestClient, sqlite: Database, person: Person
) -> None:
    counts = []
    for size in (5, 100):
        with sqlite.write() as db:
            rows = [row(1000 + index, on=date(2026, 3, 2) + timedelta(days=index % 5)) for index in range(size)]
            store.store_work_orders(db, person.id, rows, datetime.now(UTC))
        statements: list[str] = []

        def remember(_: object, __: object, statement: str, *___: object, seen: list[str] = statements) -> None:
            seen.append(statement)

        event.listen(sqlite.engine, "before_cursor_execute", remember)
        assert client.get("/api/week?start=2026-03-02", headers=person.headers).status_code == 200
        event.remove(sqlite.engine, "before_cursor_execute", remember)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_before_the_first_sync_the_age_is_unknown_not_fresh(client: TestClient, person: Person) -> None:
    assert client.get("/api/week", headers=person.headers).json()["this"]["age"]["state"] == "unknown"


def _fresh_token(database: Database, person: Person) -> dict[str, str]:
    """A token of the virtual moment."""
    from app.accounts import service

    with database.write() as db:
        user = service.find_user(db, person.email)
        assert user is not None
        return {"Authorization": f"Bearer {service.open_session(db, user).access_token}"}
