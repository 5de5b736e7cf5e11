"""Contacts: who can be told, and whether what is known of them is still right."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.accounts.keys import get_envelope
from app.accounts.rules import username_hint
from app.config import get_settings
from app.database import Only, hold
from app.kit import clock
from app.kit.envelope import CannotDecrypt, Place
from app.kit.ids import new_id
from app.kit.problems import Conflict, Invalid, NotFound
from app.notifications.message import Recipient, key_hint
from app.operations.oncall.escalation import Role
from app.operations.oncall.models import Contact
from app.operations.oncall.schemas import ContactChange, ContactRef, NewContact, OnCallContact
from app.telemetry.logs import get_logger

# Contact information is verified quarterly.
VERIFY_WITHIN = timedelta(days=92)
_TABLE = "contacts"
_told: set[str] = set()  # sealed addresses that cannot be opened, once it was logged
log = get_logger("backend")


class NameTaken(Conflict):
    code = "name_taken"
    title = "There is a contact of this name"


def one_at_a_time(db: Db) -> None:
    """Changes of the duty plan wait for each other, so that what was checked still holds when it is stored."""
    hold(db, Only.duty_plan)


def all_contacts(db: Db) -> list[Contact]:
    return list(db.scalars(select(Contact).where(Contact.removed_at.is_(None)).order_by(Contact.name, Contact.id)))


def find(db: Db, contact_id: str) -> Contact:
    contact = db.get(Contact, contact_id)
    if contact is None or contact.removed_at is not None:
        raise NotFound("There is no such contact.", "Load the contacts again.")
    return contact


def names(db: Db) -> dict[str, ContactRef]:
    """Every contact that ever was, by its id."""
    return {id_: ContactRef(id=id_, name=name) for id_, name in db.execute(select(Contact.id, Contact.name))}


def add(db: Db, new: NewContact, by: str) -> Contact:
    one_at_a_time(db)
    contact = Contact(
        id=new_id(),
        name=_free_name(db, new.name, None),
        roles=_unique(new.roles),
        desktop=new.desktop,
        time_zone=new.time_zone or get_settings().time_zone,
    )
    _set_email(contact, new.email)
    _set_pushover(contact, new.pushover_key.get_secret_value() if new.pushover_key else None)
    return _store(db, contact, by, "added")


def change(db: Db, contact_id: str, new: ContactChange, by: str) -> Contact:
    """What was confirmed of a contact has to be confirmed again when a way to it changes."""
    one_at_a_time(db)
    contact, given = find(db, contact_id), new.model_fields_set
    if new.name is not None:
        contact.name = _free_name(db, new.name, contact.id)
    if new.roles is not None:
        contact.roles = _unique(new.roles)
    if new.time_zone is not None:
        contact.time_zone = new.time_zone
    if new.desktop is not None:
        contact.desktop = new.desktop
    if "email" in given:
        _set_email(contact, new.email)
    if "pushover_key" in given:
        _set_pushover(contact, new.pushover_key.get_secret_value() if new.pushover_key else None)
    if given & {"email", "pushover_key"}:
        contact.verified_on = None
    return _store(db, contact, by, "changed")


def verify(db: Db, contact_id: str, by: str) -> Contact:
    """Somebody confirms that name, roles and addresses are right today."""
    contact = find(db, contact_id)
    contact.verified_on = clock.today(contact.time_zone)
    return _store(db, contact, by, "verified")


def remove(db: Db, contact: Contact, by: str) -> None:
    """Its name stays for who was on call when; its addresses go."""
    contact.roles, contact.desktop, contact.removed_at = [], False, clock.now()
    contact.email_sealed = contact.email_hint = contact.pushover_sealed = contact.pushover_hint = None
    log.info("oncall.contact_removed", contact_id=contact.id, by=by)


def _store(db: Db, contact: Contact, by: str, what: str) -> Contact:
    if not (contact.email_sealed or contact.pushover_sealed or contact.desktop):
        raise Invalid(
            f"{contact.name} could not be reached in any way.",
            "Give an e-mail address or a Pushover key, or use this machine's desktop.",
        )
    contact.changed_at, contact.changed_by = clock.now(), by
    db.add(contact)
    db.flush()
    log.info("oncall.contact_stored", contact_id=contact.id, by=by, what=what)
    return contact


def _free_name(db: Db, name: str, own_id: str | None) -> str:
    if any(one.name.casefold() == name.casefold() and one.id != own_id for one in all_contacts(db)):
        raise NameTaken(f"There is a contact named {name} already.", "Choose another name, or change that one.")
    return name


def _unique(roles: list[Role]) -> list[str]:
    return [role.value for role in dict.fromkeys(roles)]


def _set_email(contact: Contact, address: str | None) -> None:
    contact.email_sealed = get_envelope().seal(address, Place(_TABLE, "email", contact.id)) if address else None
    contact.email_hint = username_hint(address) if address else None


def _set_pushover(contact: Contact, key: str | None) -> None:
    contact.pushover_sealed = get_envelope().seal(key, Place(_TABLE, "pushover", contact.id)) if key else None
    contact.pushover_hint = key_hint(key) if key else None


def recipient(contact: Contact) -> Recipient:
    """The contact with its open addresses. One that cannot be opened is missing; :func:`warnings` says so."""
    opened = {"email": contact.email_sealed, "pushover": contact.pushover_sealed}
    for column, sealed in opened.items():
        try:
            opened[column] = get_envelope().open(sealed, Place(_TABLE, column, contact.id)) if sealed else None
        except CannotDecrypt as error:
            opened[column] = None
            if sealed not in _told:  # it is asked for several times a round
                _told.add(str(sealed))
                log.error("oncall.address_unreadable", contact_id=contact.id, column=column, detail=str(error))
    return Recipient(contact.name, opened["email"], opened["pushover"], contact.desktop)


def is_unverified(contact: Contact) -> bool:
    today = clock.today(contact.time_zone)
    return contact.verified_on is None or today - contact.verified_on > VERIFY_WITHIN


def warnings(contact: Contact) -> list[str]:
    """What somebody should see to about this contact, as sentences."""
    found = []
    if contact.verified_on is None:
        found.append("Nobody has confirmed yet that this contact is right.")
    elif is_unverified(contact):
        days = (clock.today(contact.time_zone) - contact.verified_on).days
        found.append(f"Confirmed {days} days ago; contacts are confirmed every {VERIFY_WITHIN.days} days.")
    open_ = recipient(contact)
    if (contact.email_sealed and not open_.email) or (contact.pushover_sealed and not open_.pushover_key):
        found.append("An address cannot be opened with this installation's key: enter it again.")
    if not contact.roles:
        found.append("It has no role, so it is told only while it is on call.")
    return found


def view(contact: Contact) -> OnCallContact:
    return OnCallContact(
        id=contact.id,
        name=contact.name,
        roles=[Role(role) for role in contact.roles],
        email_hint=contact.email_hint,
        pushover_hint=contact.pushover_hint,
        desktop=contact.desktop,
        time_zone=contact.time_zone,
        verified_on=contact.verified_on,
        warnings=warnings(contact),
    )
