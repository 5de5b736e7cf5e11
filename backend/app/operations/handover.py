"""The hand-over note: what whoever takes over the duty has to know, made from what stands in the stores (operations spec §7.3)."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlalchemy.orm import Session as Db

from app.accounts.current import OPERATORS_ONLY, Operator
from app.database import OperationsReadSession
from app.kit import clock
from app.kit.schema import Output
from app.operations.alerts import service as alerts
from app.operations.incidents import service as incidents
from app.operations.oncall import service as oncall

router = APIRouter(prefix="/api/operations/on-call", tags=["on-call"])
_AHEAD = timedelta(days=7)


class HandOver(Output):
    """``at``: the moment it speaks of. ``text``: Markdown, to be read aloud or sent."""

    at: datetime
    text: str


@router.get("/hand-over", responses=OPERATORS_ONLY)
def read_hand_over(_: Operator, db: OperationsReadSession) -> HandOver:
    """Who has the duty, what is open, what is muted, what is planned, and what is wrong with the plan."""
    now = clock.now()
    return HandOver(at=now, text=hand_over(db, now))


def hand_over(db: Db, now: datetime) -> str:
    """The note of a moment. A part with nothing in it says so: silence could also mean that nobody looked."""
    duty = oncall.overview(db, now)
    people = [shift.contact.name if shift.contact else "nobody" for shift in (duty.primary, duty.secondary)]
    firing = alerts.firing(db)
    muted = [row for row in firing if row.silenced or row.inhibited]
    open_, _ = incidents.page(db, only_open=True, cursor=None, limit=100)
    windows = [window for window in alerts.windows(db, now) if now < window.ends_at and window.starts_at < now + _AHEAD]
    parts = [
        ("On call", [f"primary: {people[0]}", f"secondary: {people[1]}"]),
        ("Open incidents", [f"{each.id} {each.priority.upper()} {each.status}: {each.title}" for each in open_]),
        (
            "Firing alerts",
            [
                f"{row.priority.upper()} {row.title} ({row.component}), {row.acknowledged_by or 'nobody'} looks after it"
                for row in firing
                if row not in muted
            ],
        ),
        ("Muted alerts", [f"{row.title} ({row.component}): {row.silenced or row.inhibited}" for row in muted]),
        (
            "Silences",
            [f"{each.rule} until {each.ends_at:%d %b %H:%M} UTC: {each.comment}" for each in alerts.silences(db, now)],
        ),
        (
            "Planned work of the next 7 days",
            [f"{each.starts_at:%d %b %H:%M} to {each.ends_at:%H:%M} UTC: {each.reason}" for each in windows],
        ),
        ("Wrong with the duty plan", [problem.text for problem in duty.problems]),
    ]
    lines = [f"# Hand-over of {now:%Y-%m-%d %H:%M} UTC"]
    for title, items in parts:
        lines += ["", f"## {title}", "", *([f"- {item}" for item in items] or ["None."])]
    return "\n".join(lines) + "\n"
