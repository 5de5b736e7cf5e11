"""Start the sandbox portal from the command line."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
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
    stop: threading.Event | None = None,
) -> int:
    """Serve until interrupted (or until `stop` is set) and return the exit code: 0 ended, 1 could not start.

    `port` 0 takes a free port; `state` keeps the world in a file, so that a restart continues where it was.
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
        print(f"Sandbox portal: {server.url}", flush=True)
        for technician in server.world.state.technicians:
            print(f"  {technician.email}  password {technician.password}", flush=True)
        if control:
            print(f"Control API: {server.control_url}/state", flush=True)
        stop.wait()
    finally:
        server.stop()
    return 0


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
