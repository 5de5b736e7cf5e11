"""Which of the found files are read: a look into those at the edge of a period, and into files that are there twice."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from app.operations.logs.analyzer.chunks import CHUNK, Piece, Unreadable, chunks_of, first_line
from app.operations.logs.analyzer.files import Found, LogFile, Skipped, span_of
from app.operations.logs.analyzer.scan import scan
from app.operations.logs.fields import first
from app.operations.logs.instants import Period, instant

_LOOK = 65_536
_DISORDER = timedelta(minutes=5)  # how far lines of one file may be out of order
_TIME = frozenset({"ts"})


def select(found: Found, period: Period) -> None:
    """Takes out of ``found`` what need not be read, and says so there."""
    chosen = []
    for _, group in groupby(found.files, key=lambda file: (file.day, file.category, file.base)):
        chosen.extend(_without_twins(list(group), found))
    found.files = []
    for file in chosen:
        if _is_needed(file, period):
            found.files.append(file)
        else:
            found.outside += 1


def _without_twins(files: list[LogFile], found: Found) -> list[LogFile]:
    """A day that stands in several forms (it is being packed or archived, or that was interrupted) is read once.

    Of our own files their content and the manifest tell which lines stand where. Others are taken for the same when they begin
    with the same line.
    """
    kept, others = _own_forms(files, found) if len(files) > 1 else ([], files)
    for file in others:
        twin = next((other for other in kept if _begin_alike(other, file)), None)
        if twin is None:
            kept.append(file)
        else:
            found.skipped.append(Skipped(file.name, f"has the same lines as {twin.name}", harmless=True))
    return kept


def _own_forms(files: list[LogFile], found: Found) -> tuple[list[LogFile], list[LogFile]]:
    """Our own files of a day, so that each line is read once; and those that are not ours, or cannot be told apart."""
    from app.operations.logs.archive import read_manifest
    from app.operations.logs.layout import Kind, path_of
    from app.operations.logs.search import UNREADABLE
    from app.operations.logs.sources import places

    one = files[0]
    if one.day is None:
        return [], files
    root = one.path.parents[one.name.count("/")]
    kinds = {path_of(root, one.category, one.day, kind): kind for kind in Kind}
    try:
        if not any((entry.category, entry.day) == (one.category, one.day) for entry in read_manifest(root)):
            del kinds[path_of(root, one.category, one.day, Kind.archived)]
        ours = {kinds[file.path]: file for file in files if file.path in kinds}
        if len(ours) < 2:
            return [], files
        starts = {place.kind: place.floor for place in places(root, one.category, one.day)}
    except UNREADABLE:
        return [], files  # reading them will tell
    kept = []
    for kind, file in ours.items():
        if kind in starts and starts[kind] < file.size:
            kept.append(replace(file, start=starts[kind]))
        else:
            found.skipped.append(Skipped(file.name, "has the same lines as other files of its day", harmless=True))
    return kept, [file for file in files if file not in ours.values()]


def _begin_alike(one: LogFile, other: LogFile) -> bool:
    try:
        if "parquet" in (one.kind, other.kind):
            from app.operations.logs.analyzer.parquet import has_line

            return one.kind != other.kind and has_line(other.path, first_line(one))
        line = first_line(one)
        return bool(line) and line == first_line(other)
    except Unreadable:
        return False  # reading it will tell


def _is_needed(file: LogFile, period: Period) -> bool:
    """Whether a file of a neighbouring day reaches into the period. Only plain files can be looked into at both ends."""
    if file.day is None or file.kind != "plain" or period.is_everything:
        return True
    start, end = span_of(file.day)
    earliest = (period.before or period).since
    try:
        if earliest is not None and end <= earliest:
            instants = _instants(Piece(file, max(0, file.size - _LOOK), file.size))
            return not instants or max(instants) >= earliest - _DISORDER
        if period.until is not None and start >= period.until:
            instants = _instants(Piece(file, 0, _LOOK))
            return not instants or min(instants) < period.until + _DISORDER
    except Unreadable:
        pass  # reading it will tell
    return True


def _instants(piece: Piece) -> list[datetime]:
    chunk = b"".join(chunks_of(piece))[:CHUNK]
    rows = scan(chunk[chunk.find(b"\n") + 1 :] if piece.start else chunk, _TIME).rows
    return [at for row in rows if (at := instant(first(row, "ts"))) is not None]
