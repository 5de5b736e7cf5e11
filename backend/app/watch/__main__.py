"""The watcher's loop: look, judge, remember, call for help when it must, and tell the server what it has seen.

Started by ``fossawork watch`` (which knows the settings) as ``python -m app.watch --home FOLDER``; ends with SIGTERM.
"""

import argparse
import json
import os
import platform
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import __version__
from app.kit.asking import BadAddress, NoAnswer, ask, checked
from app.watch.calls import Call, due_calls, the_end
from app.watch.judge import Judge, Outage, see
from app.watch.memory import Memory
from app.watch.probe import look

DEFAULT_URL = "http://127.0.0.1:8000"
_CALL_SECONDS = 90
_DELIVER_SECONDS = 15
_RESTART_SECONDS = 600
Clock = Callable[[], float]
Caller = Callable[[Call, Outage], dict[str, Any]]


@dataclass
class Watcher:
    """One watcher. ``clock`` gives seconds since 1970; ``caller`` calls people and answers what came of it."""

    home: Path
    memory: Memory
    clock: Clock
    caller: Caller
    url: str | None = None

    def round(self) -> None:
        """One look, and everything that follows from it."""
        now = self.clock()
        if self.resting():
            return
        probe = look(self.server(), now)
        verdict = see(self.memory.judge(), probe)
        self.memory.keep_probe(probe)
        if verdict.told is not None:
            self._tell(verdict.told, now)
        # Only now: who is killed before this tells it again, and leaves no telephone ringing.
        self.memory.put_judge(verdict.judge)
        self._hear(verdict.judge, now)
        self._call(now)
        self.deliver()
        self.memory.forget(now)

    def resting(self) -> bool:
        """Whether somebody stopped the server on purpose: then nothing is looked at, and nothing is claimed either. A restart
        that has not come to its end after ten minutes is no purpose any more."""
        mark = self.home / "watch" / "resting"
        try:
            lasting = mark.read_text() != "restarting"
            return lasting or self.clock() - mark.stat().st_mtime < _RESTART_SECONDS
        except FileNotFoundError:
            return False

    def server(self) -> str:
        """Where the server is, or was last: it writes its address when it starts."""
        if self.url is not None:
            return self.url
        try:
            found = checked(str(json.loads((self.home / "server.json").read_text())["url"]))
            self.memory.put("url", found)
        except (OSError, ValueError, KeyError, TypeError, RecursionError, BadAddress):
            found = str(self.memory.get("url") or DEFAULT_URL)
        return found

    def _tell(self, outage: Outage, now: float) -> None:
        if outage.over is not None:
            down = (outage.recovered or outage.over) - outage.began
            words = f"The server answers again. It was down for {down:.0f} s."
            self.memory.keep_report("over", now, words=words)
            self._log("info", "watch.over", words)
            end = the_end(outage)
            if end is not None:
                self._report(end, outage, now)
            return
        words = f"The server is down: {outage.reason}."
        self.memory.keep_report("outage", now, words=words)
        self._log("error", "watch.outage", words)

    def _planned(self, now: float) -> bool:
        """Whether the server had announced planned work for this time."""
        return any(start <= now < end for start, end in self.memory.get("maintenance") or [])

    def _call(self, now: float) -> None:
        outage = self.memory.judge().outage
        if outage is None or outage.called is None or self._planned(now):
            return
        for call in due_calls(now, outage):
            outage = replace(outage, taken={**outage.taken, call.key: now})
            self._keep(outage)
            outage = replace(outage, receipts=[*outage.receipts, *self._report(call, outage, now)])
            self._keep(outage)

    def _keep(self, outage: Outage) -> None:
        self.memory.put_judge(replace(self.memory.judge(), outage=outage))

    def _report(self, call: Call, outage: Outage, now: float) -> list[dict[str, str]]:
        """Calls, and keeps what came of it; answers the receipts of what rings now."""
        result = self.caller(call, outage)
        reached = bool(result.get("reached"))
        error = str(result.get("error") or "").rstrip(".")
        nobody = f"nobody could be reached: {error}" if error else "nobody could be reached"
        who = ", ".join(result.get("reached", [])) or nobody
        words = f"{call.key}: {who}. {call.why}"
        self.memory.keep_report("called" if reached else "call_failed", now, words=words, level=call.key)
        self._log("info" if reached else "error", "watch.called" if reached else "watch.call_failed", words)
        return list(result.get("receipts") or [])

    def _hear(self, judge: Judge, now: float) -> None:
        """Whether somebody says that they look after it: with ``fossawork watch --acknowledge``, or on their telephone."""
        marker = self.home / "watch" / "acknowledged"
        outage = judge.outage
        if outage is None or outage.acknowledged is not None:
            if judge.bad == 0:
                marker.unlink(missing_ok=True)  # what is said while nothing is wrong is not said of the next outage
            return
        by = None
        if marker.exists():
            by = marker.read_text().strip()[:120] or "somebody"
        elif outage.receipts:
            by = self.caller(Call("receipts", 0, "", outage.receipts), outage).get("acknowledged_by")
        if by is None:
            return
        self._keep(replace(outage, acknowledged=now, receipts=()))
        marker.unlink(missing_ok=True)
        self.memory.keep_report("acknowledged", now, by=by, words=f"{by} looks after it.")
        self._log("info", "watch.acknowledged", f"{by} looks after it.")
        if outage.receipts:
            self.caller(Call("quiet", 0, "", outage.receipts), outage)

    def deliver(self) -> bool:
        """Tells the server what it has not heard; answers whether it took it. It may be up without being ready."""
        probes, reports = self.memory.undelivered()
        try:
            token = (self.home / "watch" / "token").read_text().strip()
            told = {"name": self.name(), "version": __version__, "probes": probes, "reports": reports}
            answer = ask(
                f"{self.server()}/api/operations/watchers/reports",
                _DELIVER_SECONDS,
                method="POST",
                headers={"X-Watcher-Token": token, "Content-Type": "application/json"},
                body=json.dumps(told).encode(),
            )
            if not answer.ok:
                return False
            taken = json.loads(answer.body)
            windows = [[_stamp(each["starts_at"]), _stamp(each["ends_at"])] for each in taken["maintenance"]]
            probe, report = int(taken["probe"]), int(taken["report"])
        except (OSError, NoAnswer, BadAddress, ValueError, KeyError, TypeError):
            return False
        self.memory.delivered(probe, report)
        self.memory.put("maintenance", windows)
        return True

    def name(self) -> str:
        """Another one per memory: its numbers begin at 1."""
        known = self.memory.get("name")
        if known is None:
            known = f"{platform.node()[:40] or 'watcher'}-{secrets.token_hex(3)}"
            self.memory.put("name", known)
        return str(known)

    def _log(self, level: str, event: str, message: str) -> None:
        """A line in the logs' own form, so that nothing of this is missing from them (operations spec R59); errors stand in a
        file of their own once more, as everybody's do."""
        now = datetime.fromtimestamp(self.clock(), UTC)
        line = {
            "ts": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
            "level": level,
            "category": "backend",
            "component": "watch",
            "event": event,
            "message": message,
            "request_id": "-",
        }
        logs = Path(os.environ.get("FOSSAWORK_LOGS") or self.home / "logs")
        for category in ("backend", "errors") if level == "error" else ("backend",):
            try:
                (logs / category).mkdir(parents=True, exist_ok=True)
                with (logs / category / f"{now:%Y-%m-%d}.jsonl").open("ab", buffering=0) as file:
                    file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            except OSError as problem:
                sys.stderr.write(f"The watcher cannot write its log: {problem}\n")


def _stamp(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def call_in_child(home: Path) -> Caller:
    """Calls by a process of its own, which has the keys and the channels; ours stays small. It never takes us down with it."""

    def call(call: Call, outage: Outage) -> dict[str, Any]:
        wish = {
            "key": call.key,
            "level": call.level,
            "why": call.why,
            "began": outage.began,
            "detected": outage.detected,
            "reason": outage.reason,
            "recovered": outage.recovered,
            "receipts": list(call.receipts),
        }
        try:
            done = subprocess.run(  # our own program
                [sys.executable, "-m", "app.operations.watcher.page"],
                input=json.dumps(wish),
                capture_output=True,
                text=True,
                timeout=_CALL_SECONDS,
                check=False,
                env={**os.environ, "FOSSAWORK_HOME": str(home)},
            )
            answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
            return {"reached": [], "error": f"the pager did not run ({type(error).__name__})"}
        return answer

    return call


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="fossawork watch", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--url", help="the server's address; else what it wrote when it started")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two looks")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds until the first look")
    arguments = parser.parse_args(argv)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    memory = Memory(arguments.home / "watch" / "watch.db")
    watcher = Watcher(arguments.home, memory, time.time, call_in_child(arguments.home), arguments.url)
    stop.wait(arguments.wait)
    while not stop.is_set():
        started = time.monotonic()
        try:
            watcher.round()
        except Exception as error:  # whoever watches goes on watching
            sys.stderr.write(f"watch: {error!r}\n")
        stop.wait(max(0.0, arguments.every - (time.monotonic() - started)))
    memory.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
