"""``fossawork forms named``: its document, its words, its refusal."""

import json
from typing import Any

from typer.testing import CliRunner

from app.cli import app


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["forms", "named", *arguments])
    return result.exit_code, result.output


def _document(*arguments: str) -> dict[str, Any]:
    code, output = _run(*arguments, "--json")
    assert code == 0
    document: dict[str, Any] = json.loads(output)
    return document


def test_the_document_has_exactly_the_agreed_fields() -> None:
    assert _document("--text", "#3 Diesel only, #9", "--cards", "1/2,3/4,5/6") == {
        "dispensers": [{"numbers": [3, 4], "sides": [3], "grades": ["Diesel"], "span": [0, 2]}],
        "unresolved": [
            {
                "text": "#9",
                "why": "There is no dispenser with number 9 at this location (it has 1/2, 3/4, 5/6).",
            }
        ],
        "everything": False,
    }


def test_questions_stand_among_what_is_unresolved() -> None:
    document = _document("--text", "side #5", "--cards", "1/2, 3/4, 5/6", "--quantity", "3")
    assert document["dispensers"][0]["grades"] is None
    assert [item["text"] for item in document["unresolved"]] == ["Quantity 3"]
    assert _document("--text", "", "--cards", "") == {"dispensers": [], "unresolved": [], "everything": False}
    assert _document("--text", "all dispensers", "--cards", "1/2,9")["everything"] is True


def test_people_read_lines() -> None:
    code, output = _run("--text", "#3 Diesel, #1/2, #99", "--cards", "1/2,3/4")
    assert code == 0
    assert output.splitlines()[:2] == ["1/2: all grades", "3/4 side 3: Diesel"]
    assert "? “#99”" in output
    assert _run("--text", "all dispensers [x]", "--cards", "1/2")[1] == "All dispensers.\n"


def test_cards_that_are_no_list_are_refused() -> None:
    code, output = _run("--text", "#3", "--cards", "a/b", "--json")
    assert code == 1
    assert json.loads(output)["error"]["code"] == "invalid"
