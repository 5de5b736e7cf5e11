"""What an incident says of itself, so that nobody types it again into a message."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from backend.tests.conftest import Person


def test_an_incident_offers_what_it_knows_for_messages(client: TestClient, add_person: Callable[..., Person]) -> None:
    owner = add_person()
    wish = {"title": "Nobody can sync", "priority": "p2", "kind": "performance", "user_impact": "Weeks are old."}
    opened = client.post("/api/operations/incidents", json=wish, headers=owner.headers).json()
    offered = opened["message_fields"]
    assert offered["incident"] == opened["id"]
    assert offered["priority"] == "P2"
    assert offered["user_impact"] == "Weeks are old."
    # What is not known is not offered: an empty field has to be filled in by a person.
    assert "root_cause" not in offered
    assert "commander" not in offered

    body = {"template": "declaration", "fields": {"symptoms": "Syncs wait.", "services": "sync", "commander": "Ada"}}
    path = f"/api/operations/incidents/{opened['id']}/updates"
    sent = client.post(path, json=body, headers=owner.headers)
    assert sent.status_code == 201, sent.text
    assert "Weeks are old." in sent.json()["timeline"][-1]["data"]["body"]
