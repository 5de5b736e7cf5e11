"""What a process writes about itself, so that others find it: read with care, because anything may stand in such a file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import psutil

from app.kit.asking import BadAddress, checked

_Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class _Process(msgspec.Struct):
    """``created``: when the process began, as the system says it; another one with the same number began at another time."""

    pid: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    created: float


class _Server(_Process):
    url: str
    ui_url: str | None = None
    host: str = ""
    port: _Port = 0
    ui_port: _Port = 0
    watch: bool = True
    systemd: bool = False


class Kind(StrEnum):
    absent = "absent"
    damaged = "damaged"
    sound = "sound"


class Record(NamedTuple):
    """``facts``: what is written there; empty unless it is sound."""

    kind: Kind
    facts: dict[str, Any]

    def runs(self) -> bool:
        """Whether the process runs that wrote it (one that merely got its number again does not count)."""
        if self.kind is not Kind.sound:
            return False
        try:
            process = psutil.Process(self.facts["pid"])
            same = abs(process.create_time() - self.facts["created"]) < 1
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False


def read_record(path: Path, *, server: bool) -> Record:
    """A process' record; ``server``: that of the server, which has an address too. A damaged one says nothing: least of all the
    number of a process. One that this user may not read is as good as none."""
    try:
        data = path.read_bytes()
    except OSError:
        return Record(Kind.absent, {})
    try:
        if server:
            known = msgspec.json.decode(data, type=_Server)
            for url in filter(None, (known.url, known.ui_url)):
                checked(url)
        else:
            msgspec.json.decode(data, type=_Process)
        facts: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError, BadAddress):
        return Record(Kind.damaged, {})
    return Record(Kind.sound, facts)
