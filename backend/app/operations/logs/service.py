"""Use cases of the logs for operators: search them, and see what breaks most."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from app.config import get_settings
from app.kit import clock
from app.operations.logs.groups import Group, grouped
from app.operations.logs.housekeeping import usage
from app.operations.logs.records import Record
from app.operations.logs.schemas import (
    ErrorGroup,
    LogPage,
    LogSpace,
    LogSummary,
    LogWriting,
    UnreadLogs,
    line_view,
)
from app.operations.logs.search import Page, search, walk
from app.operations.logs.wanted import Wanted
from app.telemetry import logs

MOST_GROUPS = 100
SUMMARY_HOURS = 24


def _folder() -> Path:
    logs.flush()  # what this process has said is part of the answer
    return get_settings().logs


def read_page(wanted: Wanted, limit: int, cursor: str | None) -> LogPage:
    """A page of lines. Raises what :func:`search.search` raises."""
    page = search(_folder(), wanted, limit, cursor)
    return LogPage(
        items=[line_view(record) for record in page.records],
        next_cursor=page.next_cursor,
        out_of_time=page.out_of_time,
        unread=_unread(page),
        malformed=page.malformed,
    )


def summarise(wanted: Wanted) -> LogSummary:
    """The errors of a span of time (the last day, unless ``wanted`` says another one), by group."""
    until = wanted.until or clock.now()
    since = wanted.since or until - timedelta(hours=SUMMARY_HOURS)
    folder, page = _folder(), Page()
    of_errors = Wanted(since=since, until=until, categories=frozenset({"errors"}))
    counted = 0

    def errors() -> Iterator[Record]:
        nonlocal counted
        for record in walk(folder, of_errors, page):
            counted += 1
            yield record

    groups = grouped(errors())
    used, wrote = usage(folder), logs.stats()
    return LogSummary(
        since=since,
        until=until,
        errors=counted,
        groups=[_group(group) for group in groups[:MOST_GROUPS]],
        complete=not page.out_of_time and not page.unread and len(groups) <= MOST_GROUPS,
        unread=_unread(page),
        space=LogSpace.model_validate(used),
        writing=LogWriting.model_validate(wrote),
    )


def _group(group: Group) -> ErrorGroup:
    return ErrorGroup.model_validate(group)


def _unread(page: Page) -> list[UnreadLogs]:
    return [UnreadLogs(category=one.category, day=one.day, kind=one.kind.value, why=one.why) for one in page.unread]
