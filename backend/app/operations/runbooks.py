"""The runbooks, as they lie in the installation: whoever is called reads them in the product. Operators only."""

from pathlib import Path

from fastapi import APIRouter

from app.accounts.current import OPERATORS_ONLY, Operator
from app.config import ROOT
from app.kit.problems import NotFound, Unavailable, problem_responses
from app.kit.schema import Output

router = APIRouter(prefix="/api/operations/runbooks", tags=["runbooks"])
FOLDER = ROOT / "docs" / "operations" / "runbooks"


class RunbookItem(Output):
    """``name``: the file's name without its ending."""

    name: str
    title: str


class Runbook(RunbookItem):
    """``text``: Markdown."""

    text: str


@router.get("", responses=OPERATORS_ONLY)
def read_runbooks(_: Operator) -> list[RunbookItem]:
    """Every runbook that lies in the folder, by name."""
    return [RunbookItem(name=name, title=_title(path, name)) for name, path in _files().items()]


@router.get("/{name}", responses=OPERATORS_ONLY | problem_responses(NotFound))
def read_runbook(name: str, _: Operator) -> Runbook:
    """One runbook, whole."""
    path = _files().get(name)  # chosen among what is there: a name never becomes a path
    if path is None:
        raise NotFound(f"There is no runbook {name}.", "Look at the list of runbooks.")
    try:
        text = _text(path)
    except OSError as error:
        raise Unavailable(
            f"The runbook {name} is there, but cannot be read: {error.strerror}.",
            f"Look at its permissions, or read it on the server's own computer: {path.name} in docs/operations/runbooks.",
        ) from error
    return Runbook(name=name, title=title_of(text, name), text=text)


def _files() -> dict[str, Path]:
    found = sorted(FOLDER.glob("*.md"))
    return {path.stem: path for path in found if path.is_file() and not path.name.startswith(".")}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")


def _title(path: Path, name: str) -> str:
    """One that cannot be read stays in the list: there, its trouble is told."""
    try:
        return title_of(_text(path), name)
    except OSError:
        return name


def title_of(text: str, name: str) -> str:
    """What the first line says when it is a heading, else the name."""
    first = text.lstrip().partition("\n")[0].strip()
    return first.removeprefix("# ").strip() if first.startswith("# ") else name
