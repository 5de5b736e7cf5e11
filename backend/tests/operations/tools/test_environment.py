"""The tools start from anywhere, by any Python, as any user, quickly, and in little memory."""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from backend.tests.operations.logs.analyzer.written import own, write

ROOT = Path(__file__).resolve().parents[4]
FOLDER = ROOT / "tools" / "operations"
TOOL = FOLDER / "log-analyzer.py"
VENV = ROOT / ".venv"
OTHERS = sorted({path for name in ("python3", "/usr/bin/python3") if (path := shutil.which(name))} | {sys.executable})


def _run(command: Sequence[str | Path], **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False, **how)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write(tmp_path, "logs/backend/2026-03-01.jsonl", [own(level="error", message="it broke")])
    return tmp_path / "logs"


@pytest.mark.parametrize("python", OTHERS)
def test_any_python_goes_on_in_the_projects_environment(python: str, logs: Path, tmp_path: Path) -> None:
    result = _run([python, TOOL, "--errors", "--logs-dir", logs], cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, "")
    assert "it broke" in result.stdout


def test_it_may_be_called_by_another_name_and_relative_to_any_folder(logs: Path, tmp_path: Path) -> None:
    link = tmp_path / "analyse"
    link.symlink_to(TOOL)
    assert _run([sys.executable, "analyse", "--errors", "--logs-dir", "logs"], cwd=tmp_path).returncode == 1
    relative = os.path.relpath(TOOL, logs)
    assert _run([relative, "--errors", "--root", ".."], cwd=logs).returncode == 1


def test_nothing_of_what_is_called_is_newer_than_python_3_8() -> None:
    for path in (TOOL, FOLDER / "_environment.py"):
        ast.parse(path.read_text(), feature_version=(3, 8))


def test_a_missing_environment_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "operations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".venv").mkdir()
    result = _run([sys.executable, folder / TOOL.name, "--help"])
    assert result.returncode == 3
    assert "dev.py setup" in result.stderr
    assert str(tmp_path) in result.stderr
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "python").write_text("not for you")
    assert "may not be used by this user" in _run([sys.executable, folder / TOOL.name]).stderr


def test_an_incomplete_environment_says_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "tools" / "operations", ignore=shutil.ignore_patterns("__pycache__"))
    result = _run([sys.executable, "-c", f"""
import sys; sys.path.insert(0, {str(tmp_path / "tools" / "operations")!r})
import _environment; _environment.run("app.operations.tools.nothing_of_this_name")"""])  # fmt: skip
    assert result.returncode == 3
    assert "not complete" in result.stderr
    assert "dev.py setup" in result.stderr


def test_any_encoding_of_the_terminal_will_do(logs: Path) -> None:
    write(logs.parent, "logs/backend/2026-03-02.jsonl", [own(level="error", message="déjà\nvu")])
    result = _run(
        [sys.executable, TOOL, "--errors", "--logs-dir", logs], env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert result.returncode == 1
    assert "d\\xe9j\\xe0" in result.stdout


def test_who_reads_only_the_beginning_is_no_failure(logs: Path) -> None:
    write(logs.parent, "logs/backend/2026-03-02.jsonl", [own(message=f"line {number}") for number in range(5_000)])
    command = f"{sys.executable} {TOOL} --grep line --top 5000 --logs-dir {logs} | head -1"
    result = _run(["sh", "-c", command])
    assert (result.stderr, len(result.stdout.splitlines())) == ("", 1)


@pytest.fixture
def unreached(tmp_path: Path) -> dict[str, str]:
    """The environment of who asks for a server where none is."""
    return {**os.environ, "FOSSAWORK_HOME": str(tmp_path), "FOSSAWORK_LOGS": str(tmp_path / "logs")}


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "| true"])
def test_who_hears_nothing_still_gets_the_finding(logs: Path, unreached: dict[str, str], closed: str) -> None:
    dead = "--base-url http://127.0.0.1:9"
    for tool, code in (
        (f"log-analyzer.py --json --logs-dir {logs}", 1),
        (f"log-analyzer.py --logs-dir {logs}", 1),
        (f"health-check.py {dead}", 3),
        (f"health-check.py --json {dead}", 3),
        (f"performance-monitor.py {dead}", 3),
    ):
        # The pipe's reader ends first; what is asked for is the code of the tool, not of the reader.
        command = f"{{ {OTHERS[-1]} {FOLDER}/{tool}; echo $? >{logs.parent}/code; }} {closed}"
        result = _run(["sh", "-c", command], env=unreached)
        assert "Traceback" not in result.stdout + result.stderr, tool
        assert "Exception ignored" not in result.stdout + result.stderr, tool
        assert (logs.parent / "code").read_text().strip() == str(code), tool


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_an_answer_that_cannot_be_written_is_none(logs: Path, unreached: dict[str, str]) -> None:
    for tool in (f"log-analyzer.py --logs-dir {logs}", "health-check.py --json", "health-check.py"):
        result = _run(["sh", "-c", f"{sys.executable} {FOLDER}/{tool} >/dev/full"], env=unreached)
        assert (result.returncode, result.stderr) == (
            3,
            "The answer cannot be written: No space left on device.\n",
        ), tool


def test_in_a_container_without_an_environment_the_own_python_does(tmp_path: Path, logs: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "tools" / "operations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "backend").symlink_to(ROOT / "backend")
    tool = tmp_path / "tools" / "operations" / TOOL.name
    assert _run([sys.executable, tool, "--errors", "--logs-dir", logs]).returncode == 1


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="fossawork-tools-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="this user has no rights to give away")
def test_a_user_without_rights_can_use_it_and_is_told_what_is_closed(open_folder: Path) -> None:
    write(open_folder, "logs/backend/2026-03-01.jsonl", [own(level="error")])
    closed = write(open_folder, "logs/automation/2026-03-01.jsonl", [own(level="error")])
    # It runs once before the rights are given away: this checkout's environment may be root's alone to load modules from.
    ask = f"main(['--errors', '--root', {str(open_folder)!r}])"
    code = (
        f"import os, sys; from app.operations.tools.log_analyzer import main; {ask}; "
        f"os.setgroups([]); os.setgid(65534); os.setuid(65534); sys.exit({ask})"
    )
    assert _run([sys.executable, "-c", code], cwd="/").returncode == 1
    closed.chmod(0o600)
    result = _run([sys.executable, "-c", code], cwd="/")
    assert result.returncode == 3
    assert "automation/2026-03-01.jsonl (no permission to read it)" in result.stdout
    (open_folder / "logs" / "automation").chmod(0o700)
    result = _run([sys.executable, "-c", code], cwd="/")
    assert result.returncode == 3
    assert "automation (Permission denied)" in result.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="this user has no rights to give away")
@pytest.mark.parametrize("closed", [".venv", ".venv/bin"])
def test_a_user_who_cannot_reach_the_environment_is_told_what_to_do(open_folder: Path, closed: str) -> None:
    folder = open_folder / "tools" / "operations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (open_folder / ".venv" / "bin").mkdir(parents=True)
    (open_folder / ".venv" / "bin" / "python").write_text("")
    (open_folder / closed).chmod(0o700)
    code = (
        f"import os, sys; sys.path.insert(0, {str(folder)!r}); import _environment; "
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); _environment.run('app.operations.tools.health_check')"
    )
    result = _run([sys.executable, "-c", code], cwd="/")
    assert result.returncode == 3
    assert "Traceback" not in result.stderr
    assert "cannot be reached" in result.stderr
    assert f"or let that user read {open_folder}/.venv" in result.stderr


def test_nothing_heavy_is_imported_for_a_small_answer(logs: Path) -> None:
    code = (
        "import sys; from app.operations.tools.log_analyzer import main; "
        f"main(['--errors', '--last-hour', '--logs-dir', {str(logs)!r}]); "
        "print([name for name in ('fastapi', 'sqlalchemy', 'pydantic', 'structlog', 'duckdb', 'asyncio', 'rich', 'typer') if name in sys.modules])"
    )
    assert _run([sys.executable, "-c", code]).stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    "options", [["--errors"], ["--group-by", "request_id", "--quantiles"], ["--grep", "nowhere"]], ids=str
)
def test_memory_stays_small_however_large_the_logs_are(tmp_path: Path, options: list[str]) -> None:
    lines = b"".join(
        own(
            message="x" * 200,
            request_id=f"{number:012x}",
            duration_ms=number / 7,
            level="error" if number % 50 == 0 else "info",
        )
        for number in range(100_000)
    )
    write(tmp_path, "backend/2026-03-01.jsonl", [lines, lines])
    code = (
        "import re, resource; from pathlib import Path; from app.operations.tools.log_analyzer import main; "
        f"main([*{options!r}, '--logs-dir', {str(tmp_path)!r}]); "
        # Of the two other processes the larger one's peak is known. In their own figure counts what was before they began.
        "own = int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]); "
        "print((own + 2 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)"
    )
    peak = int(_run([sys.executable, "-c", code]).stdout.splitlines()[-1])
    assert 10 < peak < 200
