"""Routes of notifications: what was sent, by what it is sent, and whether that works."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.accounts.current import OPERATORS_ONLY, Admin, Operator
from app.database import OperationsReadSession, OperationsWriteSession
from app.kit import clock
from app.kit.problems import Invalid, NotFound, problem_responses
from app.notifications import history, settings
from app.notifications.message import Recipient
from app.notifications.schemas import (
    DesktopNotifications,
    MessageState,
    NewNotificationSettings,
    Notification,
    NotificationPage,
    NotificationSettings,
    TrialMessage,
)
from app.notifications.trials import send_trial

router = APIRouter(prefix="/api/operations/notifications", tags=["notifications"])
_MOST = 2**31 - 1
_ERRORS = OPERATORS_ONLY | problem_responses(Invalid)


@router.get("", responses=_ERRORS)
def list_notifications(
    user: Operator,
    db: OperationsReadSession,
    about: Annotated[str | None, Query(max_length=100)] = None,
    state: MessageState | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> NotificationPage:
    """Messages with the outcome of every attempt, newest first."""
    return history.page(db, about=about, state=state, cursor=cursor, limit=limit)


@router.get("/settings", responses=OPERATORS_ONLY)
def read_notification_settings(user: Admin, db: OperationsReadSession) -> NotificationSettings:
    """By what messages are sent; of secrets only whether they are set."""
    return settings.read(db)


@router.put("/settings", responses=_ERRORS)
def change_notification_settings(
    body: NewNotificationSettings, user: Admin, db: OperationsWriteSession
) -> NotificationSettings:
    settings.store(db, body, user.id)
    db.flush()
    return settings.read(db)


@router.post("/test", responses=_ERRORS)
def send_test_notification(body: TrialMessage, user: Admin) -> Notification:
    """Sends a test message now; the answer says what came of it by each channel."""
    email = body.email or user.email
    key = body.pushover_key.get_secret_value() if body.pushover_key else None
    return send_trial(Recipient(email.partition("@")[0], email, key, body.desktop), user.id)


@router.get("/desktop", responses=_ERRORS)
def list_desktop_notifications(
    user: Operator, db: OperationsReadSession, after: Annotated[int | None, Query(ge=0, le=_MOST)] = None
) -> DesktopNotifications:
    """For a desktop application: what to show. Without ``after`` the last ten."""
    return DesktopNotifications(items=history.for_desktop(db, after))


@router.post("/desktop/{delivery_id}/shown", status_code=204, responses=_ERRORS | problem_responses(NotFound))
def mark_desktop_notification_shown(
    delivery_id: Annotated[int, Path(ge=1, le=_MOST)], user: Operator, db: OperationsWriteSession
) -> None:
    """Says that a message was shown; with that it counts as delivered."""
    history.mark_shown(db, delivery_id, clock.now())
