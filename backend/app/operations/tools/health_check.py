"""``tools/operations/health-check.py``: is FossaWork well? Asked from outside, as a client, with a look at this machine.

Exit code: 0 ok · 1 degraded · 2 failed · 3 the server cannot be reached · 64 wrong use.
"""

import argparse
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from app.config import Settings
from app.kit import clock
from app.kit.asking import NoAnswer, TooLate, ask
from app.kit.records import Kind, Record, read_record
from app.operations import thresholds as t
from app.operations.health.tree import State
from app.operations.tools.common import Exit, address, keep_line, mark, settings_of, sqlite_file, write, write_json
from app.operations.tools.health_answer import parts_of
from app.operations.tools.options import ROOT_HELP, Parser, UsageError, ended, patience
from app.telemetry.lines import instant

SCHEMA = "fossawork.health-check/1"
_EXITS = {State.ok: Exit.ok, State.degraded: Exit.warning, State.failed: Exit.critical, State.unknown: Exit.critical}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the answer. ``critical``: without it nothing works."""

    name: str
    status: State
    words: str
    critical: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    base_url: str
    frontend_url: str | None
    timeout: float
    comprehensive: bool
    settings: Settings


def parser() -> Parser:
    made = Parser(prog="health-check.py", description=__doc__)
    made.add_argument("--comprehensive", action="store_true", help="also check every database page, and the portal")
    made.add_argument("--quiet", action="store_true", help="print only what is not ok")
    made.add_argument("--json", action="store_true", help="print one JSON document")
    made.add_argument(
        "--scheduled", action="store_true", help="append the result to health-checks.jsonl in the log folder"
    )
    made.add_argument("--component", action="append", metavar="NAME", help="only this one; may be given several times")
    made.add_argument(
        "--base-url",
        type=address,
        metavar="URL",
        help="the server (default: where it said it runs, else http://127.0.0.1:8000)",
    )
    made.add_argument(
        "--frontend-url", type=address, metavar="URL", help="the UI (default: where the server said it serves it)"
    )
    made.add_argument("--timeout", type=patience, default=10.0, metavar="SECONDS")
    made.add_argument("--root", type=Path, metavar="DIR", help=ROOT_HELP)
    made.add_argument("--fail-on", choices=("warn", "error"), default="warn", help="error: degraded ends with 0")
    return made


def main(argv: list[str] | None = None) -> int:
    options = parser()
    given = options.parse_args(argv)
    return ended(options, lambda: _run(given))


def _run(given: argparse.Namespace) -> int:
    settings = settings_of(given.root)
    record = recorded(settings.home).facts
    options = Options(
        base_url=(given.base_url or record.get("url") or "http://127.0.0.1:8000").rstrip("/"),
        frontend_url=given.frontend_url or record.get("ui_url"),
        timeout=given.timeout,
        comprehensive=given.comprehensive,
        settings=settings,
    )
    started = time.perf_counter()
    reached, told, items = examine(options)
    if given.component:
        unknown = set(given.component) - {item.name for item in items}
        if unknown and told:
            raise UsageError(
                f"there is no component {', '.join(sorted(unknown))}; there are {', '.join(i.name for i in items)}"
            )
        # Where the server tells nothing of its components, that is the answer to a question about one of them.
        wanted = {*given.component, "api"} if unknown else set(given.component)
        items = [item for item in items if item.name in wanted]
    status = overall(items) if items else State.unknown
    document = {
        "schema": SCHEMA,
        "status": status,
        "reachable": reached,
        "timestamp": instant(clock.now()),
        "duration_seconds": round(time.perf_counter() - started, 3),
        "comprehensive": options.comprehensive,
        "components": [asdict(item) for item in items],
        "issues": [f"{item.name}: {item.words}" for item in items if item.status is not State.ok],
    }
    if given.scheduled:
        keep_line(settings.logs / "health-checks.jsonl", document)
    if given.json:
        write_json(document)
    else:
        _print(status, items, options.base_url, quiet=given.quiet)
    if not reached:
        return Exit.unreachable
    code = _EXITS[status]
    return Exit.ok if code is Exit.warning and given.fail_on == "error" else code


def recorded(home: Path) -> Record:
    """What the running server wrote about itself."""
    return read_record(home / "server.json", server=True)


def overall(items: list[Item]) -> State:
    """The worst of what is critical; anything else that is not ok makes it degraded."""
    core = [item.status for item in items if item.critical]
    if State.failed in core or State.unknown in core:
        return State.failed if State.failed in core else State.unknown
    return State.ok if all(item.status is State.ok for item in items) else State.degraded


def examine(options: Options) -> tuple[bool, bool, list[Item]]:
    """Whether something answered, whether it was our server and told its components, and what was found. A check that breaks is
    ``unknown``, and does not hide the others."""
    reached, told, items = _server(options)
    checks: list[tuple[str, Callable[[Options], Item | None]]] = [
        ("process", _process),
        ("frontend", _frontend),
        ("permissions", _permissions),
    ]
    if not told or options.comprehensive:
        checks.append(("database_file", _database_file))
    if not told:
        checks += [("disk", _disk), ("memory", _memory)]
    if options.comprehensive:
        checks.append(("external_portal", _portal))
    for name, check in checks:
        try:
            item = check(options)
        except Exception as error:
            item = Item(name, State.unknown, f"This could not be checked ({type(error).__name__}: {error}).")
        if item is not None:
            items.append(item)
    return reached, told, items


def _server(options: Options) -> tuple[bool, bool, list[Item]]:
    try:
        answer = ask(f"{options.base_url}/api/health", options.timeout)
    except TooLate:
        words = f"No answer within {options.timeout:g} s from {options.base_url}."
        return False, False, [Item("api", State.failed, words, critical=True)]
    except NoAnswer as error:
        words = f"Nothing answers at {options.base_url} ({error}). Start it: fossawork start."
        return False, False, [Item("api", State.failed, words, critical=True)]
    seconds, parts = answer.seconds, parts_of(answer.status, answer.body)
    if parts is None:
        words = f"{options.base_url} answers {answer.status}, but not as FossaWork does."
        return True, False, [Item("api", State.failed, words, critical=True, data={"status": answer.status})]
    data = {"status": answer.status, "seconds": round(seconds, 3)}
    if seconds > t.SLOW_SECONDS:
        api = Item("api", State.failed, f"It answers, but after {seconds:.1f} s.", critical=True, data=data)
    elif seconds > t.RESPONSE_SECONDS:
        api = Item("api", State.degraded, f"It answers slowly: {seconds:.1f} s.", data=data)
    else:
        api = Item("api", State.ok, f"It answers in {seconds * 1000:.0f} ms.", data=data)
    told = [Item(part.name, part.status, part.words or _WORDS[part.status], critical=part.critical) for part in parts]
    return True, True, [api, *told]


_WORDS = {
    State.ok: "works",
    State.degraded: "works with limits; operators see why in Operations",
    State.failed: "does not work; operators see why in Operations",
    State.unknown: "could not be checked",
}


def _process(options: Options) -> Item | None:
    record = recorded(options.settings.home)
    if record.kind is Kind.absent:
        return None
    if record.kind is Kind.damaged:
        words = "What the server wrote of itself (server.json) is damaged: which process it is cannot be told."
        return Item("process", State.unknown, words)
    if record.runs():
        return Item("process", State.ok, f"The server runs as process {record.facts['pid']}.")
    return Item("process", State.failed, "The server wrote that it runs, but its process is gone. Restart it.")


def _frontend(options: Options) -> Item | None:
    if options.frontend_url is None:
        return None
    try:
        answer = ask(options.frontend_url, options.timeout)
    except NoAnswer as error:
        return Item("frontend", State.failed, f"The UI does not answer ({error}).")
    if answer.ok and b'id="root"' in answer.body:
        return Item("frontend", State.ok, "The UI is served.")
    return Item("frontend", State.failed, f"The UI's address answers {answer.status}, but not with the UI.")


def _permissions(options: Options) -> Item:
    """Whether secrets can be read by others, and logs and data by us."""
    settings = options.settings
    loose = [
        path.name
        for path in (settings.home / "keys" / "master.key", settings.home / "watch" / "token")
        if os.name == "posix" and path.exists() and path.stat().st_mode & 0o077
    ]
    if loose:
        return Item("permissions", State.failed, f"Others can read {', '.join(loose)}: chmod 600.")
    closed = [
        folder.name for folder in (settings.home, settings.logs) if folder.exists() and not os.access(folder, os.R_OK)
    ]
    if closed:
        return Item("permissions", State.degraded, f"This user cannot read {', '.join(closed)}.")
    return Item("permissions", State.ok, "Keys are private, data can be read.")


def _database_file(options: Options) -> Item | None:
    """The SQLite file itself, read-only. (A PostgreSQL is asked by the server.)"""
    path = sqlite_file(options.settings.sqlalchemy_url)
    if path is None:
        return None
    if not path.exists():
        return Item("database_file", State.failed, f"There is no database file {path}.", critical=True)
    try:
        uri = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0] if options.comprehensive else "ok"
    except sqlite3.Error as error:
        busy = "locked" in str(error)
        state = State.degraded if busy else State.failed
        return Item("database_file", state, f"The database file cannot be read: {error}.", critical=not busy)
    if tables == 0:
        return Item("database_file", State.failed, "The database file is empty.", critical=True)
    if found != "ok":
        return Item("database_file", State.failed, f"The database file is damaged: {found}.", critical=True)
    return Item(
        "database_file", State.ok, "The database file is sound." if options.comprehensive else "It can be read."
    )


def _disk(options: Options) -> Item:
    used = psutil.disk_usage(str(options.settings.home)).percent / 100
    state = State.failed if used >= t.DISK_HIGH else State.degraded if used >= t.DISK_WARN else State.ok
    return Item("disk", state, f"The disk is {used:.0%} full.")


def _memory(_: Options) -> Item:
    used = psutil.virtual_memory().percent / 100
    state = State.degraded if used > t.MEMORY_WARN else State.ok
    return Item("memory", state, f"{used:.0%} of the memory is in use.")


def _portal(options: Options) -> Item:
    """The portal, from here. Its trouble is not ours: it never makes the whole fail."""
    try:
        answer = ask(options.settings.portal_url, options.timeout)
    except NoAnswer as error:
        return Item("external_portal", State.degraded, f"WorkFossa does not answer from here ({error}).")
    state = State.ok if answer.status < 500 else State.degraded
    return Item("external_portal", state, f"WorkFossa answers {answer.status}.")


def _print(status: State, items: list[Item], url: str, *, quiet: bool) -> None:
    shown = [item for item in items if not quiet or item.status is not State.ok]
    if not quiet:
        write(f"FossaWork at {url}: {status.value}\n")
    width = max((len(item.name) for item in shown), default=0)
    for item in shown:
        write(f"  {mark(item.status.value)} {item.name:<{width}}  {item.words}")
