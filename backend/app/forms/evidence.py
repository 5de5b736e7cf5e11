"""Evidence of a form: what the portal said when it was read back, and pictures of the sections as they were saved.

Pictures show the form's own part of the page only: no account name, no menu. They are files in the home folder, one
folder per form of a run, and are kept for as long as the settings say.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from app.config import get_settings
from app.forms.readings import names_of
from app.forms.schemas import FormPlan
from app.kit import clock
from app.portal.records import FormSections, ReadingsPage

SHOTS = ("section-1", "grades", "readings")


class Camera(Protocol):
    async def picture(self, path: Path) -> bool: ...


def shot_path(run_id: str, position: int, name: str) -> Path:
    return get_settings().home / "evidence" / run_id / str(position) / f"{name}.png"


class Album:
    """The pictures of one form of a run. What an earlier attempt took is kept."""

    def __init__(self, run_id: str, position: int, *, wanted: bool = True) -> None:
        self._run_id, self._position, self._wanted = run_id, position, wanted
        self._taken: dict[str, datetime] = {}
        for name in SHOTS:
            path = shot_path(run_id, position, name)
            if path.exists():
                self._taken[name] = datetime.fromtimestamp(path.stat().st_mtime, UTC)

    async def take(self, name: str, camera: Camera) -> None:
        """A picture of the section that is shown. One that cannot be taken is missing from the evidence, nothing else."""
        if not self._wanted:
            return
        path = shot_path(self._run_id, self._position, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if await camera.picture(path):
            self._taken[name] = clock.now()

    def entries(self) -> list[dict[str, str]]:
        return [{"name": name, "taken_at": self._taken[name].isoformat()} for name in SHOTS if name in self._taken]


def evidence_of(sections: FormSections, readings: ReadingsPage | None, plan: FormPlan, album: Album) -> dict[str, Any]:
    """What was read back, as stored (``schemas.Evidence``)."""
    grades, per_side = names_of(plan), len(plan.grades)
    return {
        "read_at": clock.now().isoformat(),
        "equipment": sections.equipment,
        "prover_size": sections.prover_size,
        "badge": None,
        "grades": [
            {
                "grade": panel.grade,
                "has_meter": {"yes": True, "no": False, None: None}[panel.has_meter],
                "fill": panel.fill,
                "prover": panel.prover,
            }
            for panel in sections.grades
        ],
        "readings": [
            {
                "side": plan.numbers[reading.group // per_side],
                "grade": grades[reading.group],
                "number": reading.number + 1,
                "procedure": reading.values.procedure,
                "flow": reading.values.flow,
                "temperature": reading.values.temperature,
                "gpm": reading.values.gpm,
                "start": reading.values.start,
                "meniscus": reading.values.meniscus,
                "end": reading.values.end,
                "variance": reading.variance,
            }
            for reading in (readings.readings if readings is not None else ())
            if reading.group < len(grades)
        ],
        "shots": album.entries(),
    }
