"""Following the logs as they are written, and watching them: what is shown, and how it ends."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.kit.clock import VirtualClock
from app.operations.tools import log_analyzer, log_following
from app.operations.tools.log_analyzer import main
from backend.tests.operations.logs.analyzer.written import NOON, own, write, write_today


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "logs"


class _Script:
    """What happens while the tool waits: one step after the other; then somebody interrupts it."""

    def __init__(self, *steps: Callable[[], object], clock: VirtualClock) -> None:
        self.steps = list(steps)
        self.clock = clock

    def __call__(self, seconds: float) -> None:
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()
        self.clock.advance(seconds=seconds)


def _options(*given: str) -> argparse.Namespace:
    return log_analyzer._parser().parse_args(["--follow", *given])


def test_following_shows_errors_as_they_are_written_also_over_midnight(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_today(root, own(level="error", message="old"))
    options = _options()
    with VirtualClock(NOON) as clock:
        script = _Script(
            lambda: write(
                root, "backend/2026-03-02.jsonl", [own(level="error", message="new day"), own(message="quiet")]
            ),
            lambda: write_today(
                root, own(level="error", message="old"), own(level="critical", message="last of the old")
            ),
            lambda: None,
            clock=clock,
        )
        code = log_following.follow(root, frozenset(), log_analyzer._question(options, NOON), options, script)
    shown = capsys.readouterr().out.splitlines()
    assert code == 0
    assert len(shown) == 2
    assert "new day" in shown[0]
    assert "last of the old" in shown[1]


def test_following_with_a_filter_shows_every_line_that_passes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_today(root, own())
    options = _options("--request-id", "r1", "--json")
    more = [own(request_id="r1", message="mine"), own(request_id="r2", level="error"), b"broken\n"]
    with VirtualClock(NOON) as clock:
        script = _Script(lambda: write(root, "automation/2026-03-01.jsonl", more), clock=clock)
        log_following.follow(root, frozenset(), log_analyzer._question(options, NOON), options, script)
    printed = capsys.readouterr()
    assert [json.loads(line)["message"] for line in printed.out.splitlines()] == ["mine"]
    assert "1 new lines are no JSON objects" in printed.err


def test_watching_gives_an_answer_for_each_interval_and_ends_with_the_worst(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_today(root, own(level="critical", message="before anybody watched"))
    options = _options("--interval", "1", "--errors", "--json")
    path = root / "backend/2026-03-01.jsonl"

    def written(*lines: bytes) -> Callable[[], None]:
        def write_more() -> None:
            with path.open("ab") as file:
                file.write(b"".join(lines))

        return write_more

    with VirtualClock(NOON) as clock:
        script = _Script(
            written(own(level="error")), written(own()), written(own(level="critical")), written(), written(own()), written(),
            clock=clock,
        )  # fmt: skip
        code = log_following.follow(root, frozenset(), log_analyzer._question(options, NOON), options, script)
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(document["verdict"]["code"], document["errors"]["count"], document["errors"]["before"]) for document in documents] == [
        (1, 1, None), (2, 1, 1), (0, 0, 1),
    ]  # fmt: skip
    assert documents[1]["period"] == {"since": "2026-03-01T12:00:01.000Z", "until": "2026-03-01T12:00:02.000Z"}
    assert code == 2


def test_there_is_nothing_to_follow_without_a_folder(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--follow", "--logs-dir", str(root)]) == 3
    assert "There is no folder" in capsys.readouterr().err
