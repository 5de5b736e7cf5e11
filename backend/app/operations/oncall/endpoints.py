"""Routes of on-call duty: operators read, administrators change."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.accounts.current import OPERATORS_ONLY, Admin, Operator
from app.database import OperationsReadSession, OperationsWriteSession, get_operations_database
from app.kit import clock
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.kit.schema import NearInstant
from app.notifications.schemas import Notification
from app.notifications.trials import send_trial
from app.operations.oncall import contacts, duty, service
from app.operations.oncall.schemas import (
    ContactChange,
    NewContact,
    NewOfficeHours,
    NewOverride,
    NewRota,
    OfficeHours,
    OnCallCalendar,
    OnCallContact,
    OnCallContacts,
    OnCallNow,
    OnCallOverride,
    OnCallRota,
)

router = APIRouter(prefix="/api/operations/on-call", tags=["on-call"])
_ERRORS = OPERATORS_ONLY | problem_responses(Invalid, NotFound, Conflict)
_Id = Annotated[str, Path(max_length=36)]


@router.get("", responses=_ERRORS)
def read_on_call(user: Operator, db: OperationsReadSession) -> OnCallNow:
    """Who is on call now, whom each level of the matrix would tell, and what is wrong with the plan."""
    return service.overview(db)


@router.get("/calendar", responses=_ERRORS)
def read_on_call_calendar(
    user: Operator,
    db: OperationsReadSession,
    since: NearInstant | None = None,
    weeks: Annotated[int, Query(ge=1, le=26)] = 4,
) -> OnCallCalendar:
    """Shifts, gaps, and what was agreed differently; from now on unless said otherwise."""
    start = since or clock.now()
    return service.calendar(db, start, start + timedelta(weeks=weeks))


@router.put("/rota", responses=_ERRORS)
def set_on_call_rota(body: NewRota, user: Admin, db: OperationsWriteSession) -> OnCallRota:
    """A rota from its first turn on; earlier ones stay for the time before."""
    return duty.rota_view(duty.set_rota(db, body, user.id), contacts.names(db))


@router.delete("/rotas/{rota_id}", status_code=204, responses=_ERRORS)
def remove_on_call_rota(rota_id: _Id, user: Admin, db: OperationsWriteSession) -> None:
    """Takes back a rota that has not begun."""
    duty.remove_rota(db, rota_id, user.id)


@router.post("/overrides", status_code=201, responses=_ERRORS)
def add_on_call_override(body: NewOverride, user: Admin, db: OperationsWriteSession) -> OnCallOverride:
    """Somebody else is on call for a time."""
    return duty.override_view(duty.add_override(db, body, user.id), contacts.names(db))


@router.delete("/overrides/{override_id}", status_code=204, responses=_ERRORS)
def remove_on_call_override(override_id: _Id, user: Admin, db: OperationsWriteSession) -> None:
    """Takes it back from now on."""
    duty.remove_override(db, override_id, user.id)


@router.put("/hours", responses=_ERRORS)
def set_business_hours(body: NewOfficeHours, user: Admin, db: OperationsWriteSession) -> OfficeHours:
    duty.set_business_hours(db, body, user.id)
    return duty.hours_view(db, clock.now())


@router.get("/contacts", responses=_ERRORS)
def list_contacts(user: Operator, db: OperationsReadSession) -> OnCallContacts:
    return OnCallContacts(items=[contacts.view(contact) for contact in contacts.all_contacts(db)])


@router.post("/contacts", status_code=201, responses=_ERRORS)
def add_contact(body: NewContact, user: Admin, db: OperationsWriteSession) -> OnCallContact:
    return contacts.view(contacts.add(db, body, user.id))


@router.patch("/contacts/{contact_id}", responses=_ERRORS)
def change_contact(contact_id: _Id, body: ContactChange, user: Admin, db: OperationsWriteSession) -> OnCallContact:
    """What is absent stays. A changed address has to be confirmed again."""
    return contacts.view(contacts.change(db, contact_id, body, user.id))


@router.delete("/contacts/{contact_id}", status_code=204, responses=_ERRORS)
def remove_contact(contact_id: _Id, user: Admin, db: OperationsWriteSession) -> None:
    """Refused while the contact has duties from now on."""
    duty.remove_contact(db, contact_id, user.id)


@router.post("/contacts/{contact_id}/verify", responses=_ERRORS)
def verify_contact(contact_id: _Id, user: Admin, db: OperationsWriteSession) -> OnCallContact:
    """Confirms that everything about a contact is right today."""
    return contacts.view(contacts.verify(db, contact_id, user.id))


@router.post("/contacts/{contact_id}/test", responses=_ERRORS)
def send_test_to_contact(contact_id: _Id, user: Operator) -> Notification:
    """Sends a test message to the contact now, as at the start of a shift; the answer says what came of it."""
    with get_operations_database().read() as db:
        recipient = contacts.recipient(contacts.find(db, contact_id))
    return send_trial(recipient, user.id)
