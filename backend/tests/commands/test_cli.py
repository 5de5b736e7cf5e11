"""The ``fossawork`` command as a whole: what is behind each name, and what a quick command does not wait for."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import PLACES, app


@pytest.mark.parametrize("name", PLACES)
def test_every_command_tells_what_it_does(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f" {name} " in result.output.splitlines()[1]


def test_the_overview_names_them_all() -> None:
    output = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in (*PLACES, "version") if name not in output] == []


def test_a_slip_of_the_pen_is_answered_with_what_was_meant() -> None:
    result = CliRunner().invoke(app, ["statsu"])
    assert result.exit_code == 2
    assert "'status'" in result.output


# What takes long to import: the engine, the browser, the databases, the web framework.
_HEAVY = ("dbos", "playwright", "sqlalchemy", "fastapi", "alembic")


@pytest.mark.parametrize(
    ("command", "not_waited_for"),
    [("version", _HEAVY), ("status", _HEAVY), ("stop", _HEAVY), ("slo", ("dbos", "playwright", "uvicorn"))],
)
def test_a_command_imports_what_it_needs(command: str, not_waited_for: tuple[str, ...], home: Path) -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from app.cli import app; "
        "print(CliRunner().invoke(app, [sys.argv[1]]).output, file=sys.stderr); "
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True, check=True)
    imported = set(run.stdout.split())
    assert f"app.commands.{'operations' if command == 'slo' else 'server'}" in imported or command == "version"
    assert sorted(imported.intersection(not_waited_for)) == []
