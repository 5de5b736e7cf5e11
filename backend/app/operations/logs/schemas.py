"""What the API says about logs, and takes from browsers."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from app.kit.schema import Input, Output
from app.operations.logs.records import Record

Level = Literal["debug", "info", "warning", "error", "critical"]
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]
CODE = r"^[a-z0-9_]+(\.[a-z0-9_]+)*$"
REQUEST_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
MOST_ENTRIES = 100
LARGEST_REPORT = 64 * 1024


class LogError(Output):
    type: str
    message: str
    stack: str | None


class LogLine(Output):
    """A line of the logs. ``ts``: RFC 3339, UTC, milliseconds. ``category``: whose story it is."""

    ts: str
    level: str
    category: str
    component: str
    event: str
    message: str
    request_id: str
    user_id: str | None
    session_id: str | None
    ip: str | None
    method: str | None
    route: str | None
    status: int | None
    duration_ms: float | None
    error: LogError | None
    data: dict[str, Any] | None
    pid: int | None
    host: str | None
    version: str | None


class UnreadLogs(Output):
    """A file that was not read, and why."""

    category: str
    day: date
    kind: str
    why: str


class LogPage(Output):
    """Newest first. ``next_cursor``: where older lines may stand; null when everything was looked at. ``out_of_time``: the page
    ended because its time was over: ask for the next one, or narrow the search. ``malformed``: lines that are no records."""

    items: list[LogLine]
    next_cursor: str | None
    out_of_time: bool
    unread: list[UnreadLogs]
    malformed: int


class ErrorGroup(Output):
    """Errors that are one failure: the same place, event and kind, the same message but for numbers, ids and names.
    ``message`` and ``request_id`` are those of the newest."""

    fingerprint: str
    category: str
    component: str
    event: str
    error_type: str
    message: str
    request_id: str
    count: int
    first_seen: str
    last_seen: str


class LogSpace(Output):
    """Space of all logs, the archive included. ``share``: of the quota."""

    bytes: int
    quota_bytes: int
    share: float
    categories: dict[str, int]


class LogWriting(Output):
    """What the process that answers has written since it started. ``dropped``: lines that could not be written."""

    lines: int
    dropped: int
    bytes: int
    last_line_at: datetime | None


class LogSummary(Output):
    """The errors of a span of time by group, the most frequent first. ``errors`` counts all; ``complete`` is false when not
    everything could be looked at, or when there were more groups than are told."""

    since: datetime
    until: datetime
    errors: int
    groups: list[ErrorGroup]
    complete: bool
    unread: list[UnreadLogs]
    space: LogSpace
    writing: LogWriting


def line_view(record: Record) -> LogLine:
    """A record as the API tells it; what an older line has of another kind becomes text."""
    error, data = record.get("error"), record.get("data")
    told = None
    if isinstance(error, dict):
        stack = error.get("stack")
        told = LogError(
            type=str(error.get("type", "Error")),
            message=str(error.get("message", "")),
            stack=None if stack is None else str(stack),
        )
    texts = {
        name: _text(record.get(name)) for name in ("user_id", "session_id", "ip", "method", "route", "host", "version")
    }
    return LogLine(
        **{name: str(record[name]) for name in LINE_TEXTS},
        **texts,
        status=record.get("status"),
        duration_ms=record.get("duration_ms"),
        error=told,
        data=data if isinstance(data, dict) else None,
        pid=record.get("pid"),
    )


LINE_TEXTS = ("ts", "level", "category", "component", "event", "message", "request_id")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# --- what browsers report ------------------------------------------------------------------------------------------------


class ReportedError(Input):
    type: str = Field(min_length=1, max_length=100)
    message: str = Field(max_length=2000)
    stack: str | None = Field(default=None, max_length=8000)


class NewLogEntry(Input):
    """``at``: the browser's own clock. ``number`` counts the entries of a session, so that one that is sent again is known.
    ``request_id``: of the request that it is about."""

    at: Instant
    level: Literal["debug", "info", "warning", "error"]
    event: str = Field(pattern=CODE, max_length=80)
    message: str = Field(min_length=1, max_length=2000)
    session_id: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    number: int = Field(ge=0, le=2**53)
    request_id: str | None = Field(default=None, pattern=REQUEST_ID)
    method: str | None = Field(default=None, pattern=r"^[A-Z]{3,10}$")
    route: str | None = Field(default=None, pattern=r"^/[A-Za-z0-9_{}$./-]*$", max_length=200)
    status: int | None = Field(default=None, ge=0, le=599)
    duration_ms: float | None = Field(default=None, ge=0, le=1e9)
    error: ReportedError | None = None
    data: dict[Annotated[str, Field(max_length=60)], str | int | float | bool | None] = Field(
        default_factory=dict, max_length=20
    )


class NewLogs(Input):
    entries: list[NewLogEntry] = Field(min_length=1, max_length=MOST_ENTRIES)


class TakenLogs(Output):
    """How many entries were written; those that were sent before are not written again."""

    written: int
