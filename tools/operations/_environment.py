"""How every tool here starts: with any Python 3.8 or newer, from any folder, as any user, it finds the project's own
environment and goes on in there. Standard library only, and as little of it as possible.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend"
VENV = ROOT / ".venv"
CANNOT_RUN = 3
_NEEDED = (3, 11)


def run(module: str) -> None:
    """Runs ``main(arguments)`` of a module of the server in the project's environment, and ends with the code it returns.

    Ends with 3 and a sentence that says what to do when there is no such environment.
    """
    _open_streams()
    try:
        if not _is_ours():
            _go_on_in_ours()
    except OSError as error:  # a folder on the way to it that this user may not enter
        _end(f"The project's environment cannot be reached: {error}.")
    sys.path.insert(0, str(BACKEND))
    try:
        main = import_module(module).main
    except (ImportError, OSError) as error:
        _end(f"The project's environment is not complete: {error}.")
    sys.exit(main(sys.argv[1:]))


def _open_streams() -> None:
    """Somebody may have closed the standard streams (``>&-``): what is said there is lost, and the exit code is the answer."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # to the end of the process
        getattr(sys, name).reconfigure(errors="backslashreplace")  # cron may have any encoding


def _is_ours() -> bool:
    """Whether this Python is the environment's; or, where there is none (a container), one that has what is needed."""
    if VENV.exists():
        return Path(sys.prefix).resolve() == VENV.resolve()
    if sys.version_info < _NEEDED:
        return False
    from importlib.util import find_spec

    return find_spec("msgspec") is not None


def _go_on_in_ours() -> None:
    python = VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"
    if not os.access(str(python), os.X_OK):
        _end(f"{python} {'may not be used by this user' if python.exists() else 'is missing'}.")
    command = [str(python), *sys.argv]
    sys.stdout.flush()
    if os.name == "nt":  # there a replaced process would look ended to whoever waits for it
        import subprocess

        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def _end(reason: str) -> NoReturn:
    advice = f"Run `python3 dev.py setup` in {ROOT} as the user that runs the tools, or let that user read {VENV}."
    sys.stderr.write(f"{reason} {advice}\n")
    sys.exit(CANNOT_RUN)
