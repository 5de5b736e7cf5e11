"""Reads files for a question: piece by piece, in two processes when that pays."""

import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from app.operations.logs.analyzer.analysis import Analysis, Origin, Question
from app.operations.logs.analyzer.chunks import Piece, Unreadable, chunks_of, pieces_of
from app.operations.logs.analyzer.files import LogFile, Skipped, find_files
from app.operations.logs.analyzer.selection import select

PIECE = 8_000_000
_PAYS_FROM = 48_000_000  # bytes; starting the processes costs as much as reading twenty million
_PROCESSES = 2
_PACKED_TIMES = 8  # what is packed becomes larger by so much, at least
_EXAMPLES = 10
_ATTEMPTS = 3
Task = tuple[Piece, Origin]


@dataclass(slots=True)
class Outcome:
    """What was found in all files, and how reading them went. ``malformed`` names some malformed lines as ``file:line``.

    ``unfinished``: last lines of live files that somebody was just writing; they are not malformed.
    """

    analysis: Analysis
    files: list[LogFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    outside: int = 0
    malformed: list[str] = field(default_factory=list)
    unfinished: int = 0


@dataclass(slots=True)
class _Result:
    analysis: Analysis
    malformed: list[int]
    unfinished: bool = False
    trouble: str = ""


def answer(root: Path, question: Question, categories: frozenset[str] = frozenset()) -> Outcome:
    """Reads what the question needs of the folder of logs. Raises ``NoLogs``.

    When a file was packed or archived meanwhile, all is read again: its lines are in another file now.
    """
    for _ in range(_ATTEMPTS - 1):
        outcome = _answer(root, question, categories)
        if not any(not file.harmless and not (root / file.name).exists() for file in outcome.skipped):
            return outcome
    return _answer(root, question, categories)


def _answer(root: Path, question: Question, categories: frozenset[str]) -> Outcome:
    found = find_files(root, question.period, categories)
    select(found, question.period)
    outcome = Outcome(Analysis(question), found.files, found.skipped, found.outside)
    origins = origins_of(found.files)
    tasks: list[Task] = []
    for file, origin in zip(found.files, origins, strict=True):
        if file.kind == "parquet":
            continue
        try:
            tasks += ((piece, origin) for piece in pieces_of(file, PIECE))
        except Unreadable as error:
            outcome.skipped.append(Skipped(file.name, str(error), harmless=False))
    _collect(outcome, tasks, _results(question, tasks))
    archived = [(file, origin) for file, origin in zip(found.files, origins, strict=True) if file.kind == "parquet"]
    if archived:
        from app.operations.logs.analyzer.archived import add_archived

        outcome.skipped += add_archived(outcome.analysis, archived)
    return outcome


def nothing(root: Path, question: Question) -> Outcome:
    """The outcome where there is no folder of logs."""
    return Outcome(Analysis(question), skipped=[Skipped(str(root), "there is no such folder", harmless=False)])


def origins_of(files: Sequence[LogFile]) -> list[Origin]:
    """Every error is written twice: to its category and to ``errors``. The second copy does not count where the first is read."""
    days: dict[date | None, set[str]] = {}
    for file in files:
        if file.category != "errors":
            days.setdefault(file.day, set()).add(file.category)
    return [
        Origin(file.category, frozenset(days.get(file.day, ())) if file.category == "errors" else frozenset())
        for file in files
    ]


def _read_piece(task: Task, question: Question) -> _Result:
    piece, origin = task
    result = _Result(Analysis(question), [])
    read = result.analysis.read
    malformed: Sequence[int] = ()
    chunk, before = b"", 0
    try:
        for chunk in chunks_of(piece):
            before = read.lines
            malformed = result.analysis.add_chunk(chunk, origin)
            result.malformed += (before + number for number in malformed[: _EXAMPLES - len(result.malformed)])
    except Unreadable as error:
        result.trouble = str(error)
    result.analysis.settle()
    if (
        piece.file.kind == "plain"
        and malformed
        and not chunk.endswith(b"\n")
        and before + malformed[-1] == read.lines - 1
    ):
        result.unfinished = True
        read.malformed -= 1
        if result.malformed[-1] == read.lines - 1:
            result.malformed.pop()
    return result


def _collect(outcome: Outcome, tasks: Iterable[Task], results: Iterable[_Result]) -> None:
    name, lines = "", 0
    for (piece, _), result in zip(tasks, results, strict=True):
        if piece.file.name != name:
            name, lines = piece.file.name, 0
        outcome.malformed += (f"{name}:{lines + number + 1}" for number in result.malformed)
        del outcome.malformed[_EXAMPLES:]
        lines += result.analysis.read.lines
        outcome.unfinished += result.unfinished
        outcome.analysis.merge(result.analysis)
        if result.trouble:
            outcome.skipped.append(Skipped(name, result.trouble, harmless=False))


def _results(question: Question, tasks: Sequence[Task]) -> Iterator[_Result]:
    read = partial(_read_piece, question=question)
    if len(tasks) < 2 or sum(_work(piece) for piece, _ in tasks) < _PAYS_FROM or not _may_fork():
        yield from map(read, tasks)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(_PROCESSES, multiprocessing.get_context("fork"), _ignore_interrupts) as pool:
        try:
            waiting = deque(pool.submit(read, task) for task in tasks)
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            for process in multiprocessing.active_children():
                process.kill()  # the pool would let them finish what they have, and may wait for ever
            raise


def _work(piece: Piece) -> int:
    """About how many bytes of lines a piece has."""
    return piece.file.size * _PACKED_TIMES if piece.end is None else piece.end - piece.start


def _may_fork() -> bool:
    """Whether another process helps: with a second processor, and where forking is cheap and, without threads, safe."""
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    return processors > 1 and threading.active_count() == 1


def _ignore_interrupts() -> None:
    """A person's interrupt ends the tool once, not in three processes."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
