"""Who is told at each level, what is missing, and that addresses are sealed; on both databases."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.accounts import keys
from app.config import get_settings
from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.kit.problems import Conflict, Invalid, NotFound
from app.notifications.message import Recipient
from app.operations.oncall import contacts, duty, service
from app.operations.oncall.contacts import NameTaken
from app.operations.oncall.duty import OnDuty, OverridesOverlap
from app.operations.oncall.escalation import MATRIX, Role
from app.operations.oncall.schemas import ContactChange, OnCallNow
from app.operations.oncall.service import Reach
from app.operations.terms import Kind
from backend.tests.log_lines import everything, logged
from backend.tests.operations.oncall.home import KEY, NOW, add, at, override, set_rota


@pytest.fixture(autouse=True)
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(NOW) as running:
        yield running


def reach(database: Database, role: Role, page: int = 1) -> Reach:
    with database.read() as db:
        return service.recipients(db, role, NOW, page=page)


def told(found: Reach) -> list[str]:
    return [person.name for person in found.recipients]


def overview(database: Database) -> OnCallNow:
    with database.read() as db:
        return service.overview(db)


def codes(found: OnCallNow) -> list[str]:
    return sorted({problem.code for problem in found.problems})


# --- who is told ------------------------------------------------------------------------------------------------------


def test_the_operations_team_is_whoever_is_on_call(operations: Database) -> None:
    ann, bob, cy = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob", "Cy"))
    set_rota(operations, ann, bob, cy)
    assert reach(operations, Role.ops_team) == Reach((Recipient("Ann", "ann@example.com", KEY),), None)
    assert told(reach(operations, Role.ops_team, page=2)) == ["Ann", "Bob"]
    override(operations, cy, "2026-03-04T00:00", "2026-03-05T00:00")
    assert told(reach(operations, Role.ops_team)) == ["Cy"]
    with operations.read() as db:
        assert told(service.recipients_for(db, Kind.performance, 1, NOW + timedelta(days=1))) == ["Ann"]


def test_a_primary_who_cannot_be_reached_is_replaced_by_the_secondary(operations: Database, home: Path) -> None:
    ann, bob = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob"))
    set_rota(operations, ann, bob)
    with operations.write() as db:
        contact = contacts.find(db, ann)
        contact.email_sealed, contact.pushover_sealed = contacts.find(db, bob).email_sealed, None  # of another row
    found = reach(operations, Role.ops_team)
    assert (told(found), found.gap) == (["Bob"], "The primary on call cannot be reached.")
    assert "unreachable" in codes(overview(operations))


def test_without_anybody_on_call_the_whole_team_is_told_and_the_gap_is_named(operations: Database) -> None:
    add(operations, "Ann", Role.ops_team)
    add(operations, "Bob", Role.ops_team)
    add(operations, "Cy", Role.system_admin)
    found = reach(operations, Role.ops_team)
    assert told(found) == ["Ann", "Bob"]
    assert found.gap == "There is no primary on call. Instead everybody of the operations team is told."


def test_an_agreed_gap_falls_to_the_secondary(operations: Database) -> None:
    ann, bob = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob"))
    set_rota(operations, ann, bob)
    override(operations, None, "2026-03-04T00:00", "2026-03-05T00:00")
    found = reach(operations, Role.ops_team)
    assert (told(found), found.gap) == (["Bob"], "There is no primary on call.")


def test_a_role_means_everybody_who_has_it(operations: Database) -> None:
    add(operations, "Ann", Role.security_officer, Role.business_owner)
    add(operations, "Bob", Role.security_officer)
    assert told(reach(operations, Role.security_officer)) == ["Ann", "Bob"]
    assert told(reach(operations, Role.business_owner)) == ["Ann"]


def test_a_role_without_a_contact_is_never_silent(operations: Database) -> None:
    nobody = reach(operations, Role.database_expert)
    assert nobody.recipients == ()
    assert nobody.gap == (
        "There is no contact for database expert who can be reached. There is nobody else: no contact can be reached."
    )
    add(operations, "Owner", Role.business_owner)
    assert told(reach(operations, Role.database_expert)) == ["Owner"]
    add(operations, "Admin", Role.system_admin)
    assert told(reach(operations, Role.database_expert)) == ["Admin"]
    ann = add(operations, "Ann", Role.ops_team)
    bob = add(operations, "Bob", Role.ops_team)
    assert told(reach(operations, Role.database_expert)) == ["Ann", "Bob"]
    set_rota(operations, bob, ann)
    found = reach(operations, Role.database_expert)
    assert told(found) == ["Bob"]
    assert found.gap == "There is no contact for database expert who can be reached. Instead those on call are told."


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_complete_plan_has_no_problem(operations: Database) -> None:
    people = [add(operations, name, Role.ops_team) for name in ("Ann", "Bob", "Cy")]
    others = [add(operations, role.value.title(), role) for role in Role if role is not Role.ops_team]
    set_rota(operations, *people)
    assert codes(overview(operations)) == ["unverified"]
    with operations.write() as db:
        for contact in (*people, *others):
            contacts.verify(db, contact, "u1")
    found = overview(operations)
    assert found.problems == []
    assert found.primary.contact is not None and found.secondary.contact is not None
    assert (found.primary.contact.name, found.secondary.contact.name) == ("Ann", "Bob")
    assert (found.primary.starts_at, found.primary.ends_at) == (at("2026-03-02T09:00"), at("2026-03-09T09:00"))
    assert [[level.role for level in row.levels] for row in found.matrix] == [list(MATRIX[kind]) for kind in Kind]
    assert all(level.gap is None and level.tells for row in found.matrix for level in row.levels)
    assert found.hours.open_now is True


def test_an_empty_plan_names_everything_that_is_missing(operations: Database) -> None:
    found = overview(operations)
    assert codes(found) == ["missing_role", "no_primary", "no_secondary"]
    assert sum(problem.code == "missing_role" for problem in found.problems) == len(Role)
    assert all(level.gap and not level.tells for row in found.matrix for level in row.levels)
    assert found.primary.contact is None


def test_other_weaknesses_are_warnings(operations: Database) -> None:
    ann = add(operations, "Ann", Role.ops_team)
    set_rota(operations, ann, secondary=[ann])
    assert {"same_person", "long_duty"} <= set(codes(overview(operations)))
    set_rota(operations, ann)
    assert "no_secondary" in codes(overview(operations))


def test_the_true_beginning_of_a_shift_is_told_after_an_agreement_has_ended(
    operations: Database, clock: VirtualClock
) -> None:
    ann, bob = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob"))
    set_rota(operations, ann, bob)
    override(operations, bob, "2026-03-04T11:00", "2026-03-04T13:00")
    clock.at = at("2026-03-05T12:00")
    assert overview(operations).primary.starts_at == at("2026-03-04T13:00")


def test_the_calendar_shows_shifts_gaps_and_agreements(operations: Database) -> None:
    ann, bob = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob"))
    set_rota(operations, ann, bob)
    made = override(operations, None, "2026-03-10T00:00", "2026-03-11T00:00")
    with operations.read() as db:
        found = service.calendar(db, at("2026-03-02T09:00"), at("2026-03-16T09:00"))
    primary = [shift for shift in found.shifts if shift.level.value == "primary"]
    assert [shift.contact.name if shift.contact else None for shift in primary] == ["Ann", "Bob", None, "Bob"]
    assert [(gap.starts_at, gap.ends_at) for gap in found.gaps] == [(at("2026-03-10T00:00"), at("2026-03-11T00:00"))]
    assert [one.id for one in found.overrides] == [made]
    assert [[ref.name for ref in rota.secondary] for rota in found.rotas] == [["Bob", "Ann"]]


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_contacts_are_confirmed_every_quarter(operations: Database, clock: VirtualClock) -> None:
    ann = add(operations, "Ann", Role.ops_team)
    with operations.write() as db:
        contact = contacts.verify(db, ann, "u1")
        assert (contact.verified_on, contacts.warnings(contact)) == (date(2026, 3, 4), [])
        clock.advance(days=92)
        assert contacts.warnings(contact) == []
        clock.advance(days=1)
        assert contacts.warnings(contact) == ["Confirmed 93 days ago; contacts are confirmed every 92 days."]
    assert "unverified" in codes(overview(operations))


def test_a_changed_address_has_to_be_confirmed_again(operations: Database) -> None:
    ann = add(operations, "Ann", Role.ops_team)
    with operations.write() as db:
        contacts.verify(db, ann, "u1")
        contact = contacts.change(db, ann, ContactChange(name="Anna"), "u1")
        assert contact.verified_on is not None
        contact = contacts.change(db, ann, ContactChange.model_validate({"pushover_key": None}), "u1")
        assert contact.verified_on is None
        assert (contact.email_hint, contact.pushover_hint) == ("a…@example.com", None)
    assert reach(operations, Role.ops_team).recipients == (Recipient("Anna", "ann@example.com"),)


def test_a_contact_needs_a_name_of_its_own_and_a_way_to_it(operations: Database) -> None:
    ann = add(operations, "Ann", Role.ops_team)
    with pytest.raises(NameTaken):
        add(operations, "ANN")
    with pytest.raises(Invalid):
        add(operations, "Bob", email=None, pushover_key=None)
    with pytest.raises(Invalid), operations.write() as db:
        contacts.change(db, ann, ContactChange.model_validate({"email": None, "pushover_key": None}), "u1")
    assert reach(operations, Role.ops_team).recipients != ()
    add(operations, "Screen", email=None, pushover_key=None, desktop=True)


def test_a_contact_with_duties_cannot_be_removed(operations: Database, clock: VirtualClock) -> None:
    ann, bob = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob"))
    set_rota(operations, ann)
    made = override(operations, bob, "2026-03-05T00:00", "2026-03-06T00:00")
    for contact in (ann, bob):
        with pytest.raises(OnDuty), operations.write() as db:
            duty.remove_contact(db, contact, "u1")
    set_rota(operations, bob, first=date(2026, 3, 9))
    with pytest.raises(OnDuty), operations.write() as db:
        duty.remove_contact(db, ann, "u1")
    with operations.write() as db:
        duty.remove_override(db, made, "u1")
    clock.at = at("2026-03-10T00:00")
    with operations.write() as db:
        duty.remove_contact(db, ann, "u1")
    with operations.read() as db:
        past = service.calendar(db, at("2026-03-02T09:00"), at("2026-03-09T09:00"))
        assert past.shifts[0].contact is not None and past.shifts[0].contact.name == "Ann"
        with pytest.raises(NotFound):
            contacts.find(db, ann)
    add(operations, "Ann", Role.ops_team)


# --- agreements and rotas ---------------------------------------------------------------------------------------------


def test_overlapping_agreements_are_refused(operations: Database) -> None:
    ann = add(operations, "Ann", Role.ops_team)
    override(operations, ann, "2026-03-05T00:00", "2026-03-06T00:00")
    with pytest.raises(OverridesOverlap, match="05 Mar 2026 05:00 to 06 Mar 2026 05:00 UTC"):
        override(operations, None, "2026-03-05T23:00", "2026-03-07T00:00")
    override(operations, ann, "2026-03-06T00:00", "2026-03-07T00:00")
    override(operations, ann, "2026-03-05T00:00", "2026-03-06T00:00", level="secondary")


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-03-06T00:00", "2026-03-05T00:00"),
        ("2026-03-01T00:00", "2026-03-02T00:00"),
        ("2026-03-05T00:00", "2028-03-05T00:00"),
    ],
)
def test_agreements_that_make_no_sense_are_refused(operations: Database, starts: str, ends: str) -> None:
    with pytest.raises(Invalid):
        override(operations, None, starts, ends)


def test_an_agreement_taken_back_keeps_the_part_that_was(operations: Database, clock: VirtualClock) -> None:
    ann, bob = (add(operations, name, Role.ops_team) for name in ("Ann", "Bob"))
    set_rota(operations, ann, bob)
    made = override(operations, bob, "2026-03-04T00:00", "2026-03-06T00:00")
    later = override(operations, bob, "2026-03-07T00:00", "2026-03-08T00:00")
    with operations.write() as db:
        duty.remove_override(db, made, "u1")
        duty.remove_override(db, later, "u1")
    with operations.read() as db:
        found = service.calendar(db, at("2026-03-02T09:00"), at("2026-03-09T09:00"))
    names = [shift.contact.name for shift in found.shifts if shift.contact and shift.level.value == "primary"]
    assert names == ["Ann", "Bob", "Ann"]
    with pytest.raises(Conflict), operations.write() as db:
        duty.remove_override(db, made, "u1")
    with pytest.raises(NotFound), operations.write() as db:
        duty.remove_override(db, later, "u1")


def test_rotas_do_not_change_the_past(operations: Database) -> None:
    ann = add(operations, "Ann", Role.ops_team)
    with pytest.raises(Invalid, match="more than a week ago"):
        set_rota(operations, ann, first=date(2026, 2, 24))
    with pytest.raises(Invalid, match="not among the contacts"):
        set_rota(operations, ann, "nobody")
    begun = set_rota(operations, ann)
    planned = set_rota(operations, ann, first=date(2026, 4, 6))
    with operations.write() as db:
        duty.remove_rota(db, planned, "u1")
    with pytest.raises(Conflict), operations.write() as db:
        duty.remove_rota(db, begun, "u1")


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_addresses_stand_sealed_in_the_file_and_in_no_log(sqlite: Database, home: Path) -> None:
    database = get_operations_database()
    add(database, "Ann", Role.ops_team)
    reach(database, Role.ops_team)
    database.close()
    stored = b"".join(path.read_bytes() for path in home.glob("operations.db*"))
    said = everything(get_settings().logs)
    assert b"Ann" in stored and b"oncall.contact_stored" in said
    for secret in (b"ann@example.com", KEY.encode()):
        assert secret not in stored and secret not in said


def test_with_another_master_key_everything_is_a_named_gap(sqlite: Database, home: Path) -> None:
    database = get_operations_database()
    ann = add(database, "Ann", Role.ops_team, Role.system_admin)
    set_rota(database, ann)
    (home / "keys" / "master.key").unlink()
    keys.get_envelope.cache_clear()
    found = reach(database, Role.system_admin)
    assert found.recipients == () and found.gap is not None
    assert {"unreachable", "missing_role"} <= set(codes(overview(database)))
    overview(database)
    lines = logged(get_settings().logs, "backend")
    told = [line["data"]["column"] for line in lines if line["event"] == "oncall.address_unreadable"]
    assert sorted(told) == ["email", "pushover"], "each is logged once, however often it is asked for"
    with database.read() as db:
        assert "cannot be opened" in str(contacts.view(contacts.find(db, ann)).warnings)
