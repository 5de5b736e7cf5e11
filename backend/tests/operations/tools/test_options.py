"""What cannot be is wrong use, 64 and a sentence; and every tool knows an installation by either of its folders."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.operations.tools import health_check, log_analyzer, performance_monitor
from app.operations.tools.common import settings_of
from backend.tests.operations.logs.analyzer.written import own, write


@pytest.mark.parametrize(
    ("tool", "option", "values"),
    [
        (health_check, "--timeout", ["-1", "0", "nan", "inf", "1e300", "soon"]),
        (health_check, "--base-url", ["http://[::1", "127.0.0.1:8000", "http://a:port", "file:///x", ""]),
        (health_check, "--frontend-url", ["http://[::1"]),
        (performance_monitor, "--timeout", ["-1", "nan"]),
        (performance_monitor, "--base-url", ["http://[::1"]),
        (performance_monitor, "--interval", ["nan", "-1", "1e300"]),
        (performance_monitor, "--samples", ["0", "1.5"]),
        (log_analyzer, "--interval", ["nan", "0"]),
    ],
)
def test_a_value_that_cannot_be_is_wrong_use(
    home: Path, capsys: pytest.CaptureFixture[str], tool: Any, option: str, values: list[str]
) -> None:
    for value in values:
        with pytest.raises(SystemExit) as ended:
            tool.main([f"{option}={value}", "--json"])
        told = capsys.readouterr()
        assert (ended.value.code, told.out) == (64, ""), value
        assert "usage:" in told.err
        assert option in told.err


def test_root_is_the_installation_or_its_home_folder(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installation, other = tmp_path / "installation", tmp_path / "other"
    (installation / "backend" / "app").mkdir(parents=True)
    write(installation, "logs/backend/2026-03-01.jsonl", [own(level="error", message="of the installation")])
    write(tmp_path, "logs/backend/2026-03-01.jsonl", [own(level="error", message="of the settings")])
    (other / "keys").mkdir(parents=True)

    assert settings_of(None).home == home
    assert settings_of(other).home == other
    monkeypatch.setenv("FOSSAWORK_HOME", str(home))
    found = settings_of(installation)
    assert (found.home, found.logs) == (home, installation / "logs")
    monkeypatch.setenv("FOSSAWORK_LOGS", str(tmp_path / "logs"))

    def told(root: Path) -> tuple[int, str]:
        return log_analyzer.main(["--errors", "--root", str(root)]), capsys.readouterr().out

    assert told(installation)[0] == told(other)[0] == 1
    assert "of the installation" in told(installation)[1]
    assert "of the settings" in told(other)[1], "a home folder keeps no logs: they are where the settings say"
    assert told(tmp_path / "nowhere")[0] == 3


@pytest.mark.parametrize("tool", [health_check, performance_monitor, log_analyzer])
def test_help_says_what_root_is(tool: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tool.main(["--help"])
    assert "or its home folder" in " ".join(capsys.readouterr().out.split())


def test_json_is_one_document_also_when_there_is_nothing_to_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "backend/2026-03-01.jsonl", [own()])
    asked = ["--errors", "--quiet", "--logs-dir", str(tmp_path)]
    assert log_analyzer.main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"]["code"] == 0
    assert log_analyzer.main(asked) == 0
    assert capsys.readouterr().out == ""
