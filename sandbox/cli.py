"""Start the sandbox portal from the command line."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from json import dumps
from pathlib import Path
from types import FrameType

from .server import SandboxServer


def run(
    *,
    port: int = 8765,
    seed: int = 7,
    latency: str = "none",
    control: bool = False,
    state: Path | None = None,
    json: bool = False,
    stop: threading.Event | None = None,
) -> int:
    """Serve until interrupted (or until `stop` is set) and return the exit code: 0 ended, 1 could not start.

    `json` prints where it is and the accounts as one document. `port` 0 takes a free port; `state` keeps the world in a file, so that a restart continues where it was.
    """
    stop = stop or threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, leave)
        signal.signal(signal.SIGTERM, leave)
    try:
        server = SandboxServer(seed, port, control=control, state_file=state, latency=latency).start()
    except (OSError, ValueError) as error:
        print(f"The sandbox portal could not start: {error}", file=sys.stderr)
        return 1
    try:
        _tell(server, control=control, json=json)
        stop.wait()
    finally:
        server.stop()
    return 0


def _tell(server: SandboxServer, *, control: bool, json: bool) -> None:
    """Says where it is and who can sign in; with `json` as one document."""
    accounts = {technician.email: technician.password for technician in server.world.state.technicians}
    if json:
        print(
            dumps({"url": server.url, "control_url": server.control_url if control else None, "accounts": accounts}),
            flush=True,
        )
        return
    print(f"Sandbox portal: {server.url}", flush=True)
    for email, password in accounts.items():
        print(f"  {email}  password {password}", flush=True)
    if control:
        print(f"Control API: {server.control_url}/state", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="sandbox", description="A local stand-in of the WorkFossa portal.")
    parser.add_argument("--port", type=int, default=8765, help="loopback port, 0 = any free one (default 8765)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the synthetic world (default 7)")
    parser.add_argument("--latency", choices=("none", "typical"), default="none", help="how fast the portal answers")
    parser.add_argument("--control", action="store_true", help="serve the control API below /_control")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the world in this file")
    given = parser.parse_args(arguments)
    return run(port=given.port, seed=given.seed, latency=given.latency, control=given.control, state=given.state)
