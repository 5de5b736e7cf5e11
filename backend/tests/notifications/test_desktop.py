"""The desktop's notifier: called once, with texts that stay texts; and machines without one."""

import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.notifications.channels import desktop
from app.notifications.channels.desktop import DesktopSettings, command, send
from app.notifications.channels.interface import ChannelFailed, NotSetUp
from app.notifications.message import Message, Urgency

NASTY = "--help; $(touch pwned) `touch pwned` \"'<b>&\n\x00line"
MESSAGE = Message("id", Urgency.p1, NASTY, NASTY, datetime(2026, 3, 2, tzinfo=UTC))
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in of the system's notifier: writes down its arguments, and does what the file ``then`` says."""
    name = "osascript" if sys.platform == "darwin" else "notify-send"
    path = tmp_path / name
    path.write_text(
        f'#!/bin/sh\nfor part in "$@"; do printf "%s\\036" "$part" >> "{tmp_path}/told"; done\n'
        f'[ -f "{tmp_path}/then" ] && . "{tmp_path}/then"\nexit 0\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return path


@posix
def test_the_notifier_is_called_once_and_its_texts_are_only_texts(program: Path, tmp_path: Path) -> None:
    send(MESSAGE, "", DesktopSettings())
    told = (tmp_path / "told").read_text().split("\x1e")[:-1]
    plain = "--help; $(touch pwned) `touch pwned` \"'<b>& line"
    assert told[-2] == plain
    assert told[-1].startswith("--help; $(touch pwned)")
    assert not list(tmp_path.rglob("pwned"))


@posix
def test_a_notifier_that_fails_says_so(program: Path, tmp_path: Path) -> None:
    (tmp_path / "then").write_text('echo "Cannot autolaunch D-Bus without X11" >&2; exit 1\n')
    with pytest.raises(ChannelFailed, match=r"refused it \(1\): Cannot autolaunch") as caught:
        send(MESSAGE, "", DesktopSettings())
    assert not caught.value.permanent


@posix
def test_a_notifier_that_hangs_is_ended(program: Path, tmp_path: Path) -> None:
    (tmp_path / "then").write_text("exec sleep 60\n")
    with pytest.raises(ChannelFailed, match=r"within 0\.2 seconds"):
        send(MESSAGE, "", DesktopSettings(seconds=0.2))


@posix
def test_a_notifier_that_cannot_be_run(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "notifier", lambda: str(program.parent))
    with pytest.raises(ChannelFailed, match="cannot be run") as caught:
        send(MESSAGE, "", DesktopSettings())
    assert caught.value.permanent


def test_machines_without_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "notifier", lambda: None)
    with pytest.raises(NotSetUp):
        send(MESSAGE, "", DesktopSettings())
    monkeypatch.setattr(desktop, "notifier", lambda: "/must/not/be/run")
    with pytest.raises(NotSetUp):
        send(MESSAGE, "", DesktopSettings(enabled=False))


def test_linux_shows_no_markup_and_takes_no_option_from_a_text() -> None:
    call = command(MESSAGE, "/usr/bin/notify-send", "linux")
    assert call.arguments[:4] == ["/usr/bin/notify-send", "--app-name=FossaWork", "--urgency=critical", "--"]
    assert "&lt;b&gt;&amp;" in call.arguments[-1]


def test_macos_gets_texts_as_arguments_of_the_script() -> None:
    call = command(MESSAGE, "/usr/bin/osascript", "darwin")
    assert [part for part in call.arguments[:-2] if "help" in part] == []
    assert call.arguments[1:3] == ["-e", "on run argv"]


def test_windows_gets_texts_by_the_environment() -> None:
    call = command(MESSAGE, "powershell.exe", "win32")
    assert not any("help" in part for part in call.arguments)
    assert call.environment["FOSSAWORK_TITLE"] == "--help; $(touch pwned) `touch pwned` \"'<b>& line"


def test_each_system_has_its_notifier() -> None:
    asked = {platform: desktop.notifier(platform, lambda name: name) for platform in ("linux", "darwin", "win32")}
    assert asked == {"linux": "notify-send", "darwin": "osascript", "win32": "powershell"}
