"""The answer for people: aligned, quiet, and without colour where nobody looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.operations.logs.analyzer import report as parts
from app.operations.logs.analyzer.lines import Line
from app.operations.logs.analyzer.wording import before_text, many, milliseconds

_COLOURS = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32"}
_VERDICTS = {
    "ok": ("green", "Nothing found."),
    "warnings": ("yellow", "Warnings"),
    "critical": ("red", "Critical"),
    "unreadable": ("red", "Could not tell"),
}
_LEVEL_COLOURS = {"critical": "red", "error": "red", "warning": "yellow"}
# What a terminal would obey, or what would let a text pretend to be another.
_UNPRINTABLE = {
    **dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "·"),
    ord("\n"): " ⏎ ",
    ord("\t"): " ",
}


def printable(text: str) -> str:
    """A text from a log on one line, without anything that a terminal would obey."""
    return text.translate(_UNPRINTABLE)


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: ``width`` characters (0: as many as it takes), in colour or not."""

    width: int = 0
    colour: bool = False

    def paint(self, text: str, *styles: str) -> str:
        """The text in styles, where there is colour."""
        if not self.colour or not styles:
            return text
        return f"\033[{';'.join(_COLOURS[style] for style in styles)}m{text}\033[0m"

    def cut(self, text: str, used: int = 0) -> str:
        """The text, shortened to what is left of the width."""
        room = self.width - used
        return text if not self.width or len(text) <= room else text[: max(room - 1, 1)] + "…"


def render(report: parts.Report, paper: Paper) -> str:
    """The whole answer."""
    sections = [_head(report, paper)]
    if report.errors is not None:
        sections.append(_errors(report.errors, paper))
    if report.performance is not None:
        sections.append(_performance(report.performance, paper))
    if report.security is not None:
        sections.append(_security(report.security, paper))
    if report.groups is not None:
        sections.append(_groups(report.groups, paper))
    if report.lines is not None:
        sections.append(_lines(report.lines, paper))
    if report.table is not None:
        sections.append(_table(report.table, paper))
    sections.append(_verdict(report, paper))
    return "\n\n".join(filter(None, sections)) + "\n"


def render_alerts(report: parts.Report, paper: Paper) -> str:
    """One line for each alert; nothing when there is none."""
    colours = {"P1": "red", "P2": "red", "P3": "yellow"}
    lines = [
        f"{paper.paint(alert.priority, colours[alert.priority])}  {printable(f'{alert.key}  {alert.summary}')}"
        for alert in report.alerts
    ]
    return "".join(f"{line}\n" for line in lines)


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], paper: Paper) -> str:
    """Columns as wide as they need to be, to the right where the name begins with ``>``, and left out where all is empty; the
    last one is cut at the paper's edge."""
    columns = [cells for cells in zip(header, *rows, strict=True) if any(cells[1:])]
    aligns = [">" if name.startswith(">") else "<" for name, *_ in columns]
    columns = [(name.lstrip(">"), *cells) for name, *cells in columns]
    widths = [max(map(len, cells)) for cells in columns]
    used = 2 + sum(width + 2 for width in widths[:-1])
    lines = []
    for row in zip(*columns, strict=True):
        cells = [f"{cell:{align}{width}}" for cell, align, width in zip(row, aligns, widths, strict=True)]
        lines.append("  " + "  ".join([*cells[:-1], paper.cut(cells[-1].rstrip(), used)]))
    return "\n".join([paper.paint(lines[0], "dim"), *lines[1:]]) if lines else ""


def _head(report: parts.Report, paper: Paper) -> str:
    reading = report.reading
    period = f"{_minute(report.period.since) or 'the beginning'} to {_minute(report.period.until) or 'now'} UTC"
    if report.period.since is None and report.period.until is None:
        period = "everything"
    facts = [f"{many(reading.lines_in_period, 'line')} in {many(reading.files, 'file')}", f"{reading.seconds:.1f} s"]
    facts += [f"{name.replace('_', ' ')} {printable(value)}" for name, value in report.filters.items()]
    if report.categories:
        facts.append(f"only {', '.join(report.categories)}")
    levels = ", ".join(f"{level} {count:,}" for level, count in report.levels.items())
    lines = [
        paper.paint(f"Logs, {period}", "bold"),
        printable(f"{reading.folder}: {'; '.join(facts)}"),
    ]
    return "\n".join([*lines, levels] if levels else lines)


def _errors(errors: parts.ErrorsPart, paper: Paper) -> str:
    title = paper.paint(f"Errors: {errors.count:,}", "bold") + before_text(errors.before)
    if not errors.families:
        return title
    families = [
        [family.family, f"{family.count:,}", _count(family.before), f"{family.critical:,}" if family.critical else ""]
        for family in errors.families
    ]
    table = grid(["family", ">errors", ">before", ">critical"], families, paper)
    rows = []
    for entry in errors.entries:
        kind = f"{entry.error_type}: " if entry.error_type and not entry.text.startswith(entry.error_type) else ""
        where = " ".join(filter(None, (entry.category, entry.component, entry.event)))
        rows.append(
            [f"{entry.count:,}", _count(entry.before), _minute(entry.last_seen), printable(f"{kind}{entry.text}")]
        )
        story = f"--request-id {entry.request_id}" if entry.request_id else ""
        rows.append(
            ["", "", "", printable("  ".join(filter(None, (f"({where}, {entry.family}, {entry.fingerprint})", story))))]
        )
    parts_ = [title, table]
    if rows:
        parts_.append(grid([">count", ">before", "last seen", "what"], rows, paper))
    if errors.entries_not_shown:
        parts_.append(f"  and {many(errors.entries_not_shown, 'error')} of other kinds (--top shows more)")
    return "\n\n".join(parts_)


_TIMED_HEADER = [">count", ">mean", ">p50", ">p95", ">p99", ">max"]


def _timed(durations: parts.Durations) -> list[str]:
    return [
        f"{durations.count:,}",
        *map(milliseconds, (durations.mean, durations.p50, durations.p95, durations.p99, durations.max)),
    ]


def _performance(performance: parts.PerformancePart, paper: Paper) -> str:
    if performance.durations is None:
        return paper.paint("Performance: no durations in this period", "bold")
    share = f"; server errors {performance.server_errors:,} of {many(performance.answers, 'answer')}"
    title = paper.paint(f"Performance: p95 {milliseconds(performance.durations.p95)}", "bold")
    if performance.p95_before is not None:
        title += f" ({milliseconds(performance.p95_before)} in the period before)"
    title += f"; {performance.slow:,} slower than {milliseconds(performance.threshold)}"
    sections = [title + (share if performance.answers else "")]
    for name, entries in (("route", performance.routes), ("component", performance.components)):
        if entries:
            rows = [
                [
                    *_timed(entry.durations),
                    milliseconds(entry.p95_before) if entry.p95_before is not None else "",
                    printable(entry.value),
                ]
                for entry in entries
            ]
            sections.append(grid([*_TIMED_HEADER, ">p95 before", name], rows, paper))
    if performance.slowest:
        rows = [
            [milliseconds(line.duration_ms or 0), _second(line.ts), str(line.status or ""), printable(_what(line))]
            for line in performance.slowest
        ]
        sections.append(grid([">took", "at", ">status", "slowest"], rows, paper))
    return "\n\n".join(sections)


def _security(security: parts.SecurityPart, paper: Paper) -> str:
    title = paper.paint(f"Security: {many(security.failed_sign_ins, 'failed sign-in')}", "bold")
    sections = [title + before_text(security.failed_sign_ins_before)]
    if security.attacks:
        rows = [
            [
                f"{attack.count:,}",
                _count(attack.before),
                _minute(attack.last_seen),
                attack.kind.replace("_", " "),
                printable(", ".join(attack.addresses)),
            ]
            for attack in security.attacks
        ]
        sections.append(grid([">count", ">before", "last seen", "attempt", "from"], rows, paper))
    if security.suspicious:
        rows = [
            [
                f"{source.failures:,}",
                _count(source.before),
                _minute(source.first_seen),
                _minute(source.last_seen),
                f"{source.source} {printable(source.value)}",
            ]
            for source in security.suspicious
        ]
        sections.append(grid([">failures", ">before", "from", "to", "suspicious source"], rows, paper))
    if security.suspicious_not_shown:
        sections.append(f"  and {many(security.suspicious_not_shown, 'other source')} (--top shows more)")
    return "\n\n".join(sections)


def _groups(groups: parts.GroupsPart, paper: Paper) -> str:
    is_timed = any(entry.durations for entry in groups.entries)
    header = [">lines", ">before", *(_TIMED_HEADER if is_timed else []), groups.field]
    rows = []
    for entry in groups.entries:
        timed = (_timed(entry.durations) if entry.durations else [""] * len(_TIMED_HEADER)) if is_timed else []
        rows.append([f"{entry.lines:,}", _count(entry.before), *timed, printable(entry.value) or "(none)"])
    sections = [paper.paint(f"By {groups.field.replace('_', ' ')}", "bold"), grid(header, rows, paper)]
    if groups.entries_not_shown:
        sections.append(f"  and {many(groups.entries_not_shown, 'other value')} (--top shows more)")
    if groups.lost:
        sections.append(
            f"  {many(groups.lost, 'line')} of rare values not told apart: there are too many different ones"
        )
    return "\n\n".join(sections)


def _lines(lines: parts.LinesPart, paper: Paper) -> str:
    rows = [line_text(line, paper) for line in lines.lines]
    if lines.not_shown:
        rows.insert(0, paper.paint(f"({many(lines.not_shown, 'earlier line')} not shown; --top shows more)", "dim"))
    return "\n".join(rows) or "No line matches."


def line_text(line: Line, paper: Paper) -> str:
    """One line of a log as one line of text."""
    level = paper.paint(f"{line.level:<8}", *filter(None, [_LEVEL_COLOURS.get(line.level)]))
    text = printable(_what(line))
    took = f"  {milliseconds(line.duration_ms)}" if line.duration_ms is not None else ""
    request = f"  [{printable(line.request_id)}]" if line.request_id else ""
    return f"{printable(line.ts)}  {level}  {line.category:<11}  {text}{took}{request}"


def _what(line: Line) -> str:
    error = ": ".join(filter(None, (line.error_type, line.error)))
    asked = " ".join(filter(None, (line.method, line.route, str(line.status or ""))))
    return "  ".join(dict.fromkeys(filter(None, (line.component, line.event, line.message, asked, error))))


def _table(table: parts.TablePart, paper: Paper) -> str:
    rows = [["" if value is None else printable(str(value)) for value in row] for row in table.rows]
    numeric = [
        all(isinstance(row[place], int | float | None) for row in table.rows) for place in range(len(table.columns))
    ]
    header = [f"{'>' if right else ''}{printable(name)}" for name, right in zip(table.columns, numeric, strict=True)]
    text = grid(header, rows, paper) if rows else "No row."
    return text if table.complete else f"{text}\n\n  only the first {many(len(rows), 'row')} shown"


def _verdict(report: parts.Report, paper: Paper) -> str:
    verdict, reading = report.verdict, report.reading
    colour, word = _VERDICTS[verdict.word]
    lines = [paper.paint(word if not verdict.reasons else f"{word}:", "bold", colour)]
    lines += [f"  - {printable(reason)}" for reason in verdict.reasons]
    if len(reading.malformed_examples) > 1:
        lines.append(paper.paint(f"  malformed: {', '.join(map(printable, reading.malformed_examples))}", "dim"))
    notes = [f"{file.file} not read: {file.reason}" for file in reading.skipped]
    if reading.unfinished:
        notes.append(f"{many(reading.unfinished, 'line')} still being written")
    return "\n".join([*lines, *(paper.paint(f"  {printable(note)}", "dim") for note in notes)])


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _minute(instant: str | None) -> str:
    return instant[:16].replace("T", " ") if instant else ""


def _second(instant: str) -> str:
    return printable(instant[:19].replace("T", " "))
