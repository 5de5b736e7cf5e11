#!/usr/bin/env python3
"""The one entry for people who work on FossaWork: ``python3 dev.py setup | start | test | check | bench``.

Standard library only: a fresh machine has nothing else. Each step says what it does, and on failure what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
FRONTEND = ROOT / "frontend"
LOCK = ROOT / "requirements.lock"
STAMPS = VENV / "setup-stamps.json"
UV = "uv==0.13.9"
SYSTEM_BROWSERS = (
    "chromium-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
)
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class StepFailed(Exception):
    """A step did not work; the text says what to do."""


def say(text: str) -> None:
    print(f"\033[1m• {text}\033[0m" if sys.stdout.isatty() else f"• {text}", flush=True)


def run(command: Sequence[str | Path], *, cwd: Path = ROOT, env: dict[str, str] | None = None, help_: str = "") -> None:
    """Runs a command and shows its output; :class:`StepFailed` with ``help_`` when it fails."""
    result = subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, **(env or {})}, check=False)
    if result.returncode != 0:
        shown = " ".join(str(part) for part in command)
        raise StepFailed(f"`{shown}` ended with {result.returncode}. {help_}".strip())


def venv_env() -> dict[str, str]:
    """The environment in which the project's own Python and Node are found first. Compiled modules are kept, whatever the
    machine's setting: without them every command and every server takes seconds longer to start."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONDONTWRITEBYTECODE": ""}


# --- setup ------------------------------------------------------------------------------------------------------------


def digest_of(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def tree_digest(folder: Path, *, skip: tuple[str, ...]) -> str:
    """A digest over names and contents of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part in skip for part in parts):
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def once(name: str, fingerprint: str, step: Callable[[], None], text: str, *, result: Path) -> None:
    """Does a step unless it was done for this very input and its result is still there."""
    stamps: dict[str, str] = json.loads(STAMPS.read_text()) if STAMPS.exists() else {}
    if stamps.get(name) == fingerprint and result.exists():
        return
    say(text)
    step()
    STAMPS.write_text(json.dumps({**stamps, name: fingerprint}, indent=1))


def set_up() -> None:
    """Everything a fresh machine needs. Running it again costs a second."""
    install_packages()
    sources = tree_digest(FRONTEND, skip=("node_modules", "dist", "tests", "coverage"))
    once("ui", sources, build_ui, "Building the UI", result=FRONTEND / "dist" / "index.html")
    find_or_install_browser()


def install_packages() -> None:
    """The locked packages of Python and Node: all that checking needs. The UI may not build before it is checked."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever has an older one should read a sentence, not a trace
        raise StepFailed(f"Python 3.11 or newer is needed, this is {platform.python_version()}.")
    if not (BIN / f"python{EXE}").exists():
        say("Making the Python environment (.venv)")
        run([sys.executable, "-m", "venv", VENV], help_="On Debian and Ubuntu: apt-get install python3-venv.")
    python = digest_of(LOCK, ROOT / "pyproject.toml")
    fossawork = BIN / f"fossawork{EXE}"
    once("python", python, install_python, "Installing the locked Python packages", result=fossawork)
    lock = digest_of(FRONTEND / "package-lock.json", FRONTEND / "package.json")
    once("node", lock, install_node, "Installing the locked frontend packages", result=FRONTEND / "node_modules")


def install_python() -> None:
    advice = "Check the network, then run it again."
    run([BIN / "python", "-m", "pip", "install", "--quiet", UV], help_=advice)
    uv: list[str | Path] = [BIN / "uv", "pip"]
    python: list[str | Path] = ["--python", BIN / "python"]
    run([*uv, "sync", "--quiet", "--require-hashes", "--compile-bytecode", *python, LOCK], help_=advice)
    run([*uv, "install", "--quiet", "--no-deps", "--no-build-isolation", *python, "-e", ROOT])


def install_node() -> None:
    run(
        [BIN / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FRONTEND,
        env=venv_env(),
        help_="Check the network, then run it again.",
    )


def build_ui() -> None:
    run([BIN / "npm", "run", "--silent", "build"], cwd=FRONTEND, env=venv_env())


def find_browser() -> str | None:
    """An installed Chrome, Chromium or Edge, or Playwright's own download."""
    setting = os.environ.get("FOSSAWORK_BROWSER")
    if setting:
        return setting
    found = next((path for name in SYSTEM_BROWSERS if (path := shutil.which(name))), None)
    if found is None and os.name == "nt":
        folders = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        files = [
            Path(f) / p
            for f in folders
            if f
            for p in ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
        ]
        found = next((str(file) for file in files if file.exists()), None)
    if found is None:
        found = next((path for path in MAC_BROWSERS if Path(path).exists()), None)
    return found or _playwright_browser()


def _playwright_browser() -> str | None:
    caches = {"Darwin": "Library/Caches/ms-playwright", "Windows": "AppData/Local/ms-playwright"}
    cache = Path(
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
        or Path.home() / caches.get(platform.system(), ".cache/ms-playwright")
    )
    names = ("headless_shell", "chrome-headless-shell", "chrome", "chrome.exe", "chrome-headless-shell.exe", "Chromium")
    return next(
        (str(path) for path in sorted(cache.glob("chromium*/**/*")) if path.name in names and path.is_file()), None
    )


def find_or_install_browser() -> None:
    """A browser is found, downloaded, or installed from the system's packages; or the exact command is said."""
    if find_browser() is not None:
        return
    say("No Chrome, Chromium or Edge found: downloading one")
    download = subprocess.run(
        [BIN / "playwright", "install", "chromium-headless-shell"], check=False, capture_output=True
    )
    if download.returncode == 0 and find_browser() is not None:
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        say("The download is not possible here: installing the system's package")
        apt = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], env=apt)
        for package in ("chromium-headless-shell", "chromium"):
            if (
                subprocess.run(
                    ["apt-get", "install", "-y", "-qq", package],
                    env={**os.environ, **apt},
                    check=False,
                    stdout=subprocess.DEVNULL,
                ).returncode
                == 0
            ):
                break
    if find_browser() is None:
        raise StepFailed(
            "No browser could be found or installed. Install Google Chrome, Microsoft Edge or Chromium "
            "(Debian: sudo apt-get install chromium), or set FOSSAWORK_BROWSER to the path of one."
        )


# --- commands ---------------------------------------------------------------------------------------------------------


def start(arguments: Sequence[str]) -> None:
    set_up()
    command = [str(BIN / f"fossawork{EXE}"), "start", "--open", *arguments]
    if os.name == "nt":
        run(command)
        return
    os.execve(command[0], command, {**os.environ, **venv_env()})


def test(arguments: Sequence[str]) -> None:
    """Every test there is; with arguments, pytest with them only."""
    set_up()
    pytest: list[str | Path] = [BIN / "python", "-m", "pytest"]
    if arguments:
        run([*pytest, *arguments], env=venv_env())
        return
    started = time.monotonic()
    check([])
    say("Frontend tests")
    run([BIN / "npm", "run", "--silent", "test"], cwd=FRONTEND, env=venv_env())
    say("Server, sandbox, portal and end-to-end tests")
    run([*pytest, "-n", "2", "--dist", "loadfile", "--durations", "15"], env=venv_env())
    say(f"All tests passed in {time.monotonic() - started:.0f} s")


def check(arguments: Sequence[str]) -> None:
    """Format, lint, types, import contract, API-client drift, lock files. ``--fix`` formats and regenerates."""
    install_packages()
    fix = "--fix" in arguments
    steps: list[tuple[str, list[str | Path]]] = [
        ("Format", [BIN / "ruff", "format", *([] if fix else ["--check"]), "."]),
        ("Lint", [BIN / "ruff", "check", *(["--fix"] if fix else []), "."]),
        ("Types", [BIN / "mypy"]),
        ("Import contract", [BIN / "lint-imports"]),
    ]
    for text, command in steps:
        say(text)
        run(command, env=venv_env())
    say("API client")
    check_api_client(fix=fix)
    say("Lock files")
    problems = lock_problems()
    if problems:
        raise StepFailed("Lock files: " + " ".join(problems))
    say("Frontend format, lint and types")
    run([BIN / "npm", "run", "--silent", "check"], cwd=FRONTEND, env=venv_env())


def check_api_client(*, fix: bool) -> None:
    """The frontend's generated client must say what the server says."""
    spec, types = FRONTEND / "openapi.json", FRONTEND / "src" / "api" / "schema.d.ts"
    before = [path.read_text() if path.exists() else "" for path in (spec, types)]
    code = "import json; from app.main import app; print(json.dumps(app.openapi(), indent=1, sort_keys=True))"
    result = subprocess.run([BIN / "python", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise StepFailed(f"The server's API description could not be made:\n{result.stderr}")
    spec.write_text(result.stdout)
    run([BIN / "npm", "run", "--silent", "api"], cwd=FRONTEND, env=venv_env())
    after = [path.read_text() for path in (spec, types)]
    if before != after and not fix:
        raise StepFailed("The API client was out of date. It is regenerated now: look at the change and commit it.")


def lock_problems() -> list[str]:
    """What is wrong with the lock files, each as a sentence."""
    problems = []
    lock = LOCK.read_text()
    locked = {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    wanted = re.findall(
        r'^\s+"([A-Za-z0-9_.-]+)', (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0], re.MULTILINE
    )
    missing = sorted({name.lower().replace("_", "-") for name in wanted} - locked)
    if missing:
        problems.append(
            f"requirements.lock lacks {', '.join(missing)}; see CONTRIBUTING.md for the command that locks."
        )
    if re.search(r"https?://|file:", lock):
        problems.append("requirements.lock names a host or a file.")
    if "--hash=" not in lock:
        problems.append("requirements.lock has no hashes.")
    package_lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = package_lock["packages"]
    if any("resolved" in package and "://" in package["resolved"] for package in packages.values()):
        problems.append("package-lock.json names a registry host.")
    for platform_name in ("linux-x64", "linux-arm64", "darwin-arm64", "win32-x64"):
        for tool in ("@biomejs/cli-", "@rolldown/binding-"):
            if not any(f"node_modules/{tool}{platform_name}" in name for name in packages):
                problems.append(f"package-lock.json lacks {tool}{platform_name}.")
    return problems


def bench(arguments: Sequence[str]) -> None:
    set_up()
    run([BIN / "python", "-m", "benchmarks", *arguments], env=venv_env())


def main() -> int:
    commands: dict[str, Callable[[Sequence[str]], None]] = {
        "setup": lambda _: set_up(),
        "start": start,
        "test": test,
        "check": check,
        "bench": bench,
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("command", choices=list(commands), help="what to do")
    arguments, rest = parser.parse_known_args()
    try:
        commands[arguments.command](rest)
    except StepFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
