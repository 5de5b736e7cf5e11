"""The calling plan: whom the watcher calls, and by what, when neither the server nor its database can be asked.

The server keeps it in a sealed file beside the watcher's memory, and renews it when something has changed. Only the pager opens
it, with the installation's master key.
"""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from app.accounts.keys import get_envelope
from app.config import get_settings
from app.database import get_operations_database
from app.kit import clock
from app.kit.envelope import Place
from app.kit.files import write_atomically
from app.notifications import settings
from app.notifications.channels.desktop import DesktopSettings
from app.notifications.channels.email import SmtpSettings
from app.notifications.channels.pushover import PushoverSettings
from app.notifications.message import Recipient
from app.notifications.sending import Channels
from app.operations.oncall.service import recipients_for
from app.operations.terms import Kind

_PLACE = Place("watch", "plan", "1")
_LEVELS = (1, 2, 3)
_kept: dict[Path, str] = {}


@dataclass(frozen=True, slots=True)
class CallingPlan:
    """``levels``: the recipients of each level of the row "System Down"; ``gaps``: what is missing there, in words."""

    levels: dict[int, list[Recipient]]
    gaps: dict[int, str]
    channels: Channels


def plan_file() -> Path:
    return get_settings().home / "watch" / "plan.sealed"


def keep_plan() -> bool:
    """Writes the plan if it is another one than before; answers whether it did."""
    with get_operations_database().read() as db:
        reached = {level: recipients_for(db, Kind.system_down, level, clock.now(), page=level) for level in _LEVELS}
        channels = settings.channels(db)
    document = orjson.dumps(
        {
            "levels": {str(level): [asdict(person) for person in reach.recipients] for level, reach in reached.items()},
            "gaps": {str(level): reach.gap for level, reach in reached.items() if reach.gap},
            "channels": asdict(channels),
        }
    )
    digest = hashlib.sha256(document).hexdigest()
    path = plan_file()
    if _kept.get(path) == digest and path.exists():
        return False
    write_atomically(path, get_envelope().seal(document.decode(), _PLACE).encode(), private=True)
    _kept[path] = digest
    return True


def open_plan() -> CallingPlan:
    """The plan as last kept. ``OSError`` when there is none, ``CannotDecrypt`` under another key."""
    document = orjson.loads(get_envelope().open(plan_file().read_text(), _PLACE))
    made: dict[str, Any] = document["channels"]
    return CallingPlan(
        levels={int(level): [Recipient(**one) for one in people] for level, people in document["levels"].items()},
        gaps={int(level): gap for level, gap in document["gaps"].items()},
        channels=Channels(
            email=SmtpSettings(**made["email"]) if made["email"] else None,
            pushover=PushoverSettings(**made["pushover"]) if made["pushover"] else None,
            desktop=DesktopSettings(**made["desktop"]),
        ),
    )
