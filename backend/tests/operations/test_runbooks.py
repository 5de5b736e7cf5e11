"""Runbooks are read as they lie in their folder, and nothing else is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.operations import runbooks
from app.operations.alerts.rules import RULES
from backend.tests.conftest import Person

AREA = "/api/operations/runbooks"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two runbooks and what is none; beside it a file that is nobody's business."""
    made = tmp_path / "docs" / "runbooks"
    (made / "old.md").mkdir(parents=True)
    (tmp_path / "docs" / "secret.md").write_text("# Secret\n")
    (made / "restore.md").write_bytes("\ufeff\n# Restoring a backup\n\nStop first – then copy.\n".encode())
    (made / "alerts.md").write_text("No title here.\n\n# Later\n")
    (made / ".draft.md").write_text("# Not yet\n")
    (made / "notes.txt").write_text("# Not Markdown\n")
    monkeypatch.setattr(runbooks, "FOLDER", made)
    return made


def test_what_lies_in_the_folder_is_listed_by_name(client: TestClient, person: Person, folder: Path) -> None:
    known = [{"name": "alerts", "title": "alerts"}, {"name": "restore", "title": "Restoring a backup"}]
    assert client.get(AREA, headers=person.headers).json() == known
    (folder / "deploy.md").write_text("# Deploying\n")
    names = [item["name"] for item in client.get(AREA, headers=person.headers).json()]
    assert names == ["alerts", "deploy", "restore"], "a new one appears by itself"


def test_a_missing_folder_is_an_empty_list(
    client: TestClient, person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runbooks, "FOLDER", folder / "nowhere")
    assert client.get(AREA, headers=person.headers).json() == []


def test_one_is_read_whole(client: TestClient, person: Person, folder: Path) -> None:
    answer = client.get(f"{AREA}/restore", headers=person.headers)
    assert answer.json() == {
        "name": "restore",
        "title": "Restoring a backup",
        "text": "\n# Restoring a backup\n\nStop first – then copy.\n",
    }


@pytest.mark.parametrize(
    "name", ["none", "restore.md", "Restore", ".draft", "old", "notes", "notes.txt", "%2e%2e", "*"]
)
def test_a_name_that_is_not_in_the_list_is_not_found(
    client: TestClient, person: Person, folder: Path, name: str
) -> None:
    answer = client.get(f"{AREA}/{name}", headers=person.headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (404, "not_found")
    assert problem["detail"].startswith("There is no runbook ")
    assert problem["action"] == "Look at the list of runbooks."


@pytest.mark.parametrize(
    "name", ["..%2fsecret", "..%2Fsecret.md", "%2e%2e%2fsecret", "..%5csecret", "../secret", "//etc/x"]
)
def test_no_name_leads_out_of_the_folder(client: TestClient, person: Person, folder: Path, name: str) -> None:
    answer = client.get(f"{AREA}/{name}", headers=person.headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (404, "not_found")
    assert problem["detail"]
    assert problem["action"]
    assert client.get(f"{AREA}/{folder.parent.as_posix()}/secret", headers=person.headers).status_code == 404


def test_one_that_cannot_be_read_stays_in_the_list_and_says_so(
    client: TestClient, person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(runbooks, "_text", refuse)
    assert {"name": "restore", "title": "restore"} in client.get(AREA, headers=person.headers).json()
    answer = client.get(f"{AREA}/restore", headers=person.headers)
    assert answer.status_code == 503
    assert "Permission denied" in answer.json()["detail"]


@pytest.mark.parametrize("path", [AREA, f"{AREA}/restore", f"{AREA}/none"])
def test_they_are_not_for_technicians(
    client: TestClient, person: Person, add_person: Callable[..., Person], folder: Path, path: str
) -> None:
    answer = client.get(path, headers=add_person("two@example.com").headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_the_runbook_of_every_rule_can_be_read(client: TestClient, person: Person) -> None:
    for path in sorted({rule.runbook.partition("#")[0] for rule in RULES}):
        name = path.removeprefix("docs/operations/runbooks/").removesuffix(".md")
        answer = client.get(f"{AREA}/{name}", headers=person.headers)
        assert answer.status_code == 200, path
        assert answer.json()["title"] != name
