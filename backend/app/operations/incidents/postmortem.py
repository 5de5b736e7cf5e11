"""The post-mortem document of an incident, as Markdown. Pure: what is not known is written as not known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.operations.incidents.lifecycle import figures
from app.operations.incidents.models import ActionItem, Evidence, Incident, TimelineEntry

_UNKNOWN = "_not written yet_"


def document(
    incident: Incident,
    timeline: Sequence[TimelineEntry],
    actions: Sequence[ActionItem],
    evidence: Sequence[Evidence],
    now: datetime,
) -> str:
    """All that is known of an incident, for the review and for whoever reads it in a year."""
    measured = figures(incident, now)
    parts = [
        f"# {incident.id}: {incident.title}",
        " · ".join(
            (
                incident.priority.upper(),
                incident.kind.replace("_", " "),
                incident.status.replace("_", " "),
                f"in charge: {incident.commander or 'nobody yet'}",
            )
        ),
        "## Summary",
        _table(
            ("", "UTC", "after detection"),
            [
                (name, _instant(at), _span((at - incident.detected_at).total_seconds()) if at else "–")
                for name, at in (
                    ("Began", incident.started_at),
                    ("Detected", incident.detected_at),
                    ("Acknowledged", incident.acknowledged_at),
                    ("Contained", incident.contained_at),
                    ("Recovered", incident.recovered_at),
                    ("Reviewed", incident.reviewed_at),
                    ("Closed", incident.closed_at),
                )
            ],
        ),
        _table(
            ("Time to", "", "Objective"),
            [
                ("detect", _span(measured.to_detect), "–"),
                ("acknowledge", _span(measured.to_acknowledge), _met(measured.response_met)),
                ("contain", _span(measured.to_contain), "–"),
                ("recover", _span(measured.to_recover), _met(measured.recovery_met)),
            ],
        ),
        "## Impact",
        f"**Users:** {_text(incident.user_impact)}",
        f"**Business:** {_text(incident.business_impact)}",
        f"**Affected:** {', '.join(incident.services) or _UNKNOWN}",
        "## Cause",
        f"**Root cause:** {_text(incident.root_cause)}",
        f"**Contributing:** {_text(incident.contributing)}",
        "**Why, five times:**",
        "\n".join(f"{number}. {why}" for number, why in enumerate(incident.whys, 1)) or _UNKNOWN,
        "## Timeline",
        _table(("UTC", "Who", "What"), [(_instant(entry.at), entry.actor, entry.text) for entry in timeline]),
        "## What went well",
        _text(incident.went_well),
        "## What went badly",
        _text(incident.went_badly),
        "## Lessons",
        _text(incident.lessons),
        "## Actions",
        _table(
            ("What", "Who", "By", "State"),
            [(action.text, action.owner, f"{action.due:%Y-%m-%d}", _state(action, now)) for action in actions],
        ),
        f"**Procedures:** {_text(incident.procedures_updated)}",
        "## Evidence",
        _table(("File", "SHA-256"), [(item.path, item.sha256) for item in evidence]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "_none_"
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _text(text: str) -> str:
    return text.strip() or _UNKNOWN


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else str(timedelta(seconds=round(seconds)))


def _met(met: bool | None) -> str:
    return {True: "met", False: "missed", None: "open"}[met]


def _state(action: ActionItem, now: datetime) -> str:
    if action.done_at is not None:
        return f"done {action.done_at:%Y-%m-%d}"
    return "overdue" if action.due < now else "open"
