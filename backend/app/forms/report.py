"""The evidence of a visit as a PDF: for each dispenser the newest verdict, what was read back, and the pictures."""

import json
import shutil
import struct
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.forms import runs
from app.forms.evidence import SHOTS, shot_path
from app.forms.schemas import FormRun, RunForm, Verdict
from app.forms.views import run_views
from app.kit import clock
from app.kit.problems import NotFound
from app.work.service import find_visit

_PNG_END = b"IEND\xaeB`\x82"
_PAGE_CM = (17.6, 21.0)  # width and height that a picture may take
_VERDICTS = {
    Verdict.verified: "Verified",
    Verdict.already_done: "Was done already",
    Verdict.not_done: "Not done",
    Verdict.needs_human: "Needs a person",
}
_TITLES = {
    "section-1": "Dispenser and prover size, as saved",
    "grades": "Grades, as saved",
    "readings": "Readings, as saved",
}


def visit_report(db: Db, user: User, visit_id: int) -> bytes:
    """The PDF. :class:`NotFound` when nothing was ever prepared for the visit."""
    order, visit = find_visit(db, user.id, visit_id)
    views = run_views(db, runs.runs_of_visit(db, user.id, visit_id))
    newest: dict[str, tuple[FormRun, RunForm]] = {}
    for run in views:  # newest first: a later run that only looked does not hide the evidence of the earlier one
        for form in run.forms:
            known = newest.get(form.dispenser)
            if form.verdict is not None and (
                known is None or (known[1].evidence is None and form.evidence is not None)
            ):
                newest[form.dispenser] = (run, form)
    if not newest:
        raise NotFound("No form of this visit was prepared yet.", "Prepare its forms first.")
    zone = ZoneInfo(user.time_zone)
    now = clock.now().astimezone(zone)
    data = {
        "title": f"{order.store} · visit {visit_id}",
        "subtitle": f"Forms as prepared and read back from the portal · work order W-{order.work_id}",
        "printed": f"{now:%Y-%m-%d %H:%M %Z}",
        "facts": [
            ["Visit", f"{visit.date:%a %Y-%m-%d}"],
            ["Location", ", ".join(part for part in (order.street, order.city, order.state) if part)],
            ["Asked by", ", ".join(sorted({_who(user, run) for run, _ in newest.values()}))],
            ["Times", f"in {user.time_zone}"],
        ],
        "forms": [_form(run, form, zone, _who(user, run)) for run, form in newest.values()],
    }
    with tempfile.TemporaryDirectory() as folder:
        return _compile(Path(folder), data, newest)


def _compile(folder: Path, data: dict[str, Any], newest: dict[str, tuple[FormRun, RunForm]]) -> bytes:
    for entry, (run, form) in zip(data["forms"], newest.values(), strict=True):
        for name in SHOTS:
            path = shot_path(run.id, form.position, name)
            if _is_whole(path):
                file = f"{form.position}-{run.id}-{name}.png"
                shutil.copyfile(path, folder / file)
                entry["pictures"].append({"file": file, "title": _TITLES[name], "cm": _width(path)})
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "report.typ").write_bytes((resources.files("app.forms") / "report.typ").read_bytes())
    return typst.compile(folder / "report.typ", root=folder, ignore_system_fonts=True)


def _width(path: Path) -> float:
    """How wide a picture may be printed, in cm: as wide as the page, unless it would be too high then. A PNG says its size
    in the first block."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return min(_PAGE_CM[0], _PAGE_CM[1] * int(width) / max(1, int(height)))


def _is_whole(path: Path) -> bool:
    """Whether a picture is there and was written to its end; a crash may have cut it short."""
    return path.exists() and path.read_bytes().endswith(_PNG_END)


def _who(user: User, run: FormRun) -> str:
    """Who asked for a run: always the user whose run it is; another way than the screen is named."""
    return user.email if run.asked_by == "you" else f"{user.email} ({run.asked_by})"


def _form(run: FormRun, form: RunForm, zone: ZoneInfo, who: str) -> dict[str, Any]:
    evidence = form.evidence
    read_at = f"read back {evidence.read_at.astimezone(zone):%Y-%m-%d %H:%M:%S}, " if evidence else ""
    took = f"{form.seconds:.1f} s, " if form.seconds is not None else ""
    return {
        "dispenser": form.dispenser,
        "entry": str(form.entry_id) if form.entry_id else None,
        "verdict": _VERDICTS[form.verdict or Verdict.not_done],
        "reason": form.reason or "",
        "times": f"{read_at}{took}asked by {who} {run.asked_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "sections": [
            ["Equipment", evidence.equipment],
            ["Prover size", evidence.prover_size],
            ["Badge in the portal", evidence.badge],
        ]
        if evidence
        else [],
        "grades": [
            [grade.grade, {True: "yes", False: "no", None: None}[grade.has_meter], grade.fill, grade.prover]
            for grade in (evidence.grades if evidence else ())
        ],
        "readings": [
            [
                str(r.side),
                r.grade,
                str(r.number),
                r.procedure,
                r.flow,
                r.temperature,
                r.gpm,
                r.start,
                r.meniscus,
                r.end,
            ]
            for r in (evidence.readings if evidence else ())
        ],
        "pictures": [],
    }
