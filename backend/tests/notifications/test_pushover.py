"""Pushover against a real HTTP server: priorities, emergencies with receipts, and what is worth another try."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.notifications.channels.interface import ChannelFailed, NotSetUp
from app.notifications.channels.pushover import PushoverSettings, Receipt, cancel, read_receipt, send
from app.notifications.message import Message, Urgency
from backend.tests.notifications.servers import HOST, KEY, TOKEN, PushoverServer, silent_server

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
MESSAGE = Message("id", Urgency.p1, "System down", "The API does not answer.", NOW, "https://example.com/alerts/1")


def _failure(settings: PushoverSettings | None, key: str = KEY) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as caught:
        send(MESSAGE, key, settings)
    return caught.value


def test_an_emergency_is_repeated_until_somebody_acknowledges(pushover: PushoverServer) -> None:
    receipt = send(MESSAGE, KEY, pushover.settings).receipt
    assert receipt is not None
    (sent,) = pushover.sent
    assert (sent["priority"], sent["retry"], sent["expire"]) == ("2", "30", "3600")
    assert (sent["token"], sent["user"], sent["title"]) == (TOKEN, KEY, "System down")
    assert (sent["url"], sent["timestamp"]) == (MESSAGE.url, str(int(NOW.timestamp())))
    assert read_receipt(receipt, pushover.settings) == Receipt(None, over=False)
    pushover.acknowledged[receipt] = int(NOW.timestamp()) + 60
    assert read_receipt(receipt, pushover.settings) == Receipt(NOW.replace(minute=1), over=True)


def test_an_emergency_ends_when_it_runs_out_or_is_cancelled(pushover: PushoverServer) -> None:
    receipt = str(send(MESSAGE, KEY, pushover.settings).receipt)
    pushover.expired.add(receipt)
    assert read_receipt(receipt, pushover.settings) == Receipt(None, over=True)
    cancel(receipt, pushover.settings)
    assert pushover.cancelled == [receipt]


@pytest.mark.parametrize(("urgency", "priority"), [(Urgency.p2, "1"), (Urgency.p3, "0"), (Urgency.info, "-1")])
def test_what_is_no_emergency_has_no_receipt(pushover: PushoverServer, urgency: Urgency, priority: str) -> None:
    assert send(replace(MESSAGE, urgency=urgency), KEY, pushover.settings).receipt is None
    assert pushover.sent[0]["priority"] == priority
    assert not {"retry", "expire"} & pushover.sent[0].keys()


def test_long_and_empty_texts_fit(pushover: PushoverServer) -> None:
    send(replace(MESSAGE, subject="s" * 999, body="b" * 9999, url="https://" + "u" * 999), KEY, pushover.settings)
    send(replace(MESSAGE, body=" \n"), KEY, pushover.settings)
    long, empty = pushover.sent
    assert (len(long["title"]), len(long["message"]), long["message"][-1]) == (250, 1024, "…")
    assert "url" not in long
    assert empty["message"] == "System down"


def test_a_wrong_key_is_not_tried_again(pushover: PushoverServer) -> None:
    failure = _failure(pushover.settings, "short")
    assert failure.permanent
    assert failure.detail == "Pushover refused it (400): user identifier is not a valid user or group"


def test_a_secret_that_comes_back_in_an_error_is_hidden(pushover: PushoverServer) -> None:
    failure = _failure(PushoverSettings("b" * 30, pushover.url))
    assert failure.permanent and "b" * 30 not in failure.detail and "[hidden]" in failure.detail


@pytest.mark.parametrize(
    ("status", "body", "permanent"),
    [
        (429, {"status": 0, "errors": ["over quota"]}, False),
        (500, b"oops", False),
        (503, {}, False),
        (408, {"status": 0, "errors": ["too slow"]}, False),
        (403, {"status": 0, "errors": ["no"]}, True),
        (403, b"[]", False),
        (302, b"", False),
        (200, {"status": 0, "errors": ["no"]}, False),
        (200, b"<html>a hotspot's sign-in page</html>", False),
    ],
)
def test_answers_that_are_no_success(pushover: PushoverServer, status: int, body: Any, permanent: bool) -> None:
    pushover.failing = (status, body)
    failure = _failure(pushover.settings)
    assert failure.permanent is permanent and f"({status})" in failure.detail


def test_a_service_that_never_answers_or_is_not_there() -> None:
    with silent_server() as port:
        slow = _failure(PushoverSettings(TOKEN, f"http://{HOST}:{port}", seconds=0.1))
    gone = _failure(PushoverSettings(TOKEN, f"http://{HOST}:{port}", seconds=0.1))
    assert (slow.permanent, gone.permanent) == (False, False)
    assert "did not answer within 0.1 seconds" in slow.detail and "cannot be reached" in gone.detail


def test_without_a_token() -> None:
    assert isinstance(_failure(None), NotSetUp)
    assert TOKEN not in repr(PushoverSettings(TOKEN))
