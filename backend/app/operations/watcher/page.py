"""The pager: a short-lived process that the watcher starts to call people. It needs the master key and the sealed plan, no
database and no server. Reads one wish as JSON, answers one line of JSON: ``reached`` (names), ``receipts``, ``error``.
It also asks who has acknowledged, and makes telephones stop ringing.
"""

import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from app.config import get_settings
from app.kit import clock
from app.kit.envelope import CannotDecrypt
from app.kit.ids import new_id
from app.notifications.channels import pushover
from app.notifications.channels.interface import ChannelFailed
from app.notifications.message import Channel, Message, Recipient, Urgency
from app.notifications.routing import Outcome
from app.notifications.sending import Channels, Send, page, send_by
from app.operations.watcher.plan import CallingPlan, open_plan
from app.telemetry import logs
from app.telemetry.logs import get_logger

_LEVELS = 3
_log = get_logger("backend")


def call(wish: dict[str, Any], plan: CallingPlan, send: Send = send_by) -> dict[str, Any]:
    """Tells everybody of the wish's level; of the end, everybody up to that level, each once."""
    message = _message(wish)
    reached, receipts = [], []
    first = 1 if wish["key"] == "over" else wish["level"]
    for person in dict.fromkeys(one for level in range(first, wish["level"] + 1) for one in _people(level, plan)):
        attempts = page(message, person, plan.channels, send)
        delivered = [a for a in attempts if a.outcome is Outcome.delivered and a.channel is not Channel.log]
        if delivered:
            reached.append(f"{person.name} ({', '.join(a.channel.value for a in delivered)})")
        receipts += [{"receipt": a.receipt, "name": person.name} for a in attempts if a.receipt]
    error = "" if reached else plan.gaps.get(wish["level"], "no channel worked")
    return {"reached": reached, "receipts": receipts, "error": error}


def _people(level: int, plan: CallingPlan) -> list[Recipient]:
    """Where a level has nobody, the next one that has somebody is told instead."""
    there = next((each for each in range(level, _LEVELS + 1) if plan.levels.get(each)), None)
    return plan.levels[there] if there is not None else [Recipient("this computer", desktop=True)]


def _message(wish: dict[str, Any]) -> Message:
    began = datetime.fromtimestamp(wish["began"], UTC)
    if wish["recovered"] is not None:
        down = wish["recovered"] - wish["began"]
        subject, urgency = "[OVER] FossaWork answers again", Urgency.info
        body = f"The server was down for {down / 60:.0f} min, since {began:%Y-%m-%d %H:%M:%S} UTC."
    else:
        prefix = "[P1]" if wish["key"] == "L1" else "[ESCALATION] [P1]"
        subject, urgency = f"{prefix} FossaWork does not answer", Urgency.p1
        body = (
            f"The server is down since {began:%Y-%m-%d %H:%M:%S} UTC: {wish['reason']}. {wish['why']}\n\n"
            "What to do: run tools/operations/health-check.py on its computer. If the server is not running: "
            "fossawork restart.\n\n"
            "Say that you look after it: fossawork watch --acknowledge NAME, or acknowledge this message."
        )
    return Message(new_id(), urgency, subject, body, clock.now(), about="system_down")


def acknowledged_by(receipts: list[dict[str, str]], plan: CallingPlan) -> str | None:
    """The first person who has acknowledged on their telephone."""
    if plan.channels.pushover is None:
        return None
    for known in receipts:
        try:
            if pushover.read_receipt(known["receipt"], plan.channels.pushover).acknowledged_at is not None:
                return known["name"]
        except ChannelFailed:
            continue
    return None


def silence(receipts: list[dict[str, str]], plan: CallingPlan) -> None:
    """Telephones stop ringing. One that cannot be stopped does so by itself within the hour."""
    if plan.channels.pushover is None:
        return
    for known in receipts:
        try:
            pushover.cancel(known["receipt"], plan.channels.pushover)
        except ChannelFailed as error:
            _log.warning("notification.receipt_failed", to=known["name"], detail=error.detail)


def main() -> int:
    logs.set_up(get_settings().logs)
    sys.stdout.write(orjson.dumps(answer(orjson.loads(sys.stdin.buffer.read()))).decode() + "\n")
    return 0


def answer(wish: dict[str, Any]) -> dict[str, Any]:
    """Does what is wished, with the plan that the server has left."""
    try:
        plan = open_plan()
    except (OSError, CannotDecrypt, ValueError) as error:
        plan = CallingPlan({}, dict.fromkeys(range(1, _LEVELS + 1), f"there is no calling plan ({error})"), Channels())
    match wish["key"]:
        case "receipts":
            return {"acknowledged_by": acknowledged_by(wish["receipts"], plan)}
        case "quiet":
            silence(wish["receipts"], plan)
            return {}
        case "over":
            told = call(wish, plan)
            silence(wish["receipts"], plan)
            return told
        case _:
            return call(wish, plan)


if __name__ == "__main__":
    sys.exit(main())
