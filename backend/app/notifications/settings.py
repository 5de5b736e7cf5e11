"""What messages are sent by: entered by an administrator, secrets sealed, none of them ever returned."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Db

from app.accounts.keys import get_envelope
from app.config import get_settings
from app.kit import clock
from app.kit.envelope import CannotDecrypt, Place
from app.kit.problems import FieldError, Invalid
from app.notifications.channels.desktop import DesktopSettings, notifier
from app.notifications.channels.email import SmtpSettings
from app.notifications.channels.pushover import PushoverSettings
from app.notifications.message import Channel
from app.notifications.models import ChannelSetup
from app.notifications.schemas import NewNotificationSettings, NewSmtp, NotificationSettings, SmtpSetup
from app.notifications.sending import Channels
from app.telemetry.logs import get_logger

_PASSWORD = Place("notification_settings", "smtp_password", "1")
_TOKEN = Place("notification_settings", "pushover_token", "1")
_UNREADABLE = "Its stored secret cannot be opened with this installation's key: enter it again."
_log = get_logger("backend")


@dataclass(frozen=True, slots=True)
class ChannelState:
    """Whether a channel could reach somebody who has an address there; ``detail`` says why not."""

    channel: Channel
    ready: bool
    detail: str


def read(db: Db) -> NotificationSettings:
    row = db.get(ChannelSetup, 1)
    return NotificationSettings(
        smtp=_smtp(row) if row else None,
        pushover_token_is_set=row is not None and row.pushover_token_sealed is not None,
        changed_at=row.changed_at if row else None,
    )


def changed_at(db: Db) -> datetime | None:
    """Since when the settings are what they are; ``None``: nobody has entered any."""
    row = db.get(ChannelSetup, 1)
    return row.changed_at if row else None


def _smtp(row: ChannelSetup) -> SmtpSetup | None:
    if row.smtp_host is None:
        return None
    return SmtpSetup.model_validate(
        {
            "host": row.smtp_host,
            "port": row.smtp_port,
            "security": row.smtp_security,
            "sender": row.smtp_sender,
            "user": row.smtp_user,
            "password_is_set": row.smtp_password_sealed is not None,
            "ca": row.smtp_ca,
        }
    )


def store(db: Db, new: NewNotificationSettings, user_id: str) -> None:
    """Replaces the settings. What a changed setting made impossible before is tried again from now on."""
    row = db.get(ChannelSetup, 1) or ChannelSetup(id=1)
    row.smtp_password_sealed = _password(row, new.smtp) if new.smtp else None
    row.smtp_host = new.smtp.host if new.smtp else None
    row.smtp_port = new.smtp.port if new.smtp else None
    row.smtp_security = new.smtp.security if new.smtp else None
    row.smtp_sender = new.smtp.sender if new.smtp else None
    row.smtp_user = new.smtp.user if new.smtp else None
    row.smtp_ca = new.smtp.ca if new.smtp else None
    if new.pushover is None:
        row.pushover_token_sealed = None
    elif new.pushover.token is not None:
        row.pushover_token_sealed = get_envelope().seal(new.pushover.token.get_secret_value(), _TOKEN)
    elif row.pushover_token_sealed is None:
        raise _missing("pushover.token", "Pushover needs the token of an application.")
    row.changed_at, row.changed_by = clock.now(), user_id
    db.add(row)
    _log.info(
        "notifications.settings_changed",
        user_id=user_id,
        mail_server=row.smtp_host,
        pushover=row.pushover_token_sealed is not None,
    )


def _password(row: ChannelSetup, new: NewSmtp) -> str | None:
    """The sealed password. A kept one stays with the server it was given for: nobody gets to read it by naming another."""
    try:
        SmtpSettings(new.host, new.port, new.security, new.sender, new.user)
    except ValueError as error:
        raise _missing("smtp.security", str(error)) from error
    if new.user is None:
        return None
    if new.password is not None:
        return get_envelope().seal(new.password.get_secret_value(), _PASSWORD)
    same = (row.smtp_host, row.smtp_port, row.smtp_security, row.smtp_user, row.smtp_ca) == (
        new.host,
        new.port,
        new.security,
        new.user,
        new.ca,
    )
    if not same or row.smtp_password_sealed is None:
        raise _missing("smtp.password", "The password is needed: none is stored for this server and user.")
    return row.smtp_password_sealed


def _missing(field: str, why: str) -> Invalid:
    return Invalid(why, "Correct it and save again.", errors=[FieldError(field=field, message=why)])


def channels(db: Db) -> Channels:
    """What the channels need now. A secret that cannot be opened leaves its channel out; :func:`channels_configured` says so."""
    return _open(db)[0]


def channels_configured(db: Db) -> list[ChannelState]:
    """Per way to a person whether it could reach somebody now."""
    _, missing = _open(db)
    ways = (Channel.email, Channel.pushover, Channel.desktop)
    return [ChannelState(channel, channel not in missing, missing.get(channel, "")) for channel in ways]


def _open(db: Db) -> tuple[Channels, dict[Channel, str]]:
    """The channels, and why some of them reach nobody."""
    settings = get_settings()
    desktop = DesktopSettings(enabled=settings.desktop_notifier == "auto")
    missing = {
        Channel.email: "No mail server was entered.",
        Channel.pushover: "No application token was entered.",
        Channel.desktop: "This machine shows nothing itself; messages wait for a desktop application.",
    }
    if desktop.enabled and notifier() is not None:
        del missing[Channel.desktop]
    row, smtp, pushover = db.get(ChannelSetup, 1), None, None
    if row is not None and (view := _smtp(row)) is not None:
        try:
            password = get_envelope().open(row.smtp_password_sealed, _PASSWORD) if row.smtp_password_sealed else None
            smtp = SmtpSettings(view.host, view.port, view.security, view.sender, view.user, password, view.ca)
            del missing[Channel.email]
        except CannotDecrypt:
            missing[Channel.email] = _UNREADABLE
    if row is not None and row.pushover_token_sealed is not None:
        try:
            pushover = PushoverSettings(get_envelope().open(row.pushover_token_sealed, _TOKEN), settings.pushover_url)
            del missing[Channel.pushover]
        except CannotDecrypt:
            missing[Channel.pushover] = _UNREADABLE
    return Channels(smtp, pushover, desktop), missing
