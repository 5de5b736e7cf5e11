"""Notifications of the machine's own desktop. Texts are given as arguments or environment, never as part of a program."""

import html
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.notifications.channels.interface import ChannelFailed, NotSetUp, Sent, one_line
from app.notifications.message import Message, Urgency

_TITLE, _TEXT = 120, 400
_APPLE = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
# Toasts need the id of an application that Windows knows; PowerShell's own is always there.
_WINDOWS = """
$kinds = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$xml = $kinds::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $xml.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($xml.CreateTextNode($env:FOSSAWORK_TITLE))
[void]$texts.Item(1).AppendChild($xml.CreateTextNode($env:FOSSAWORK_TEXT))
$toast = [Windows.UI.Notifications.ToastNotification, Windows.UI.Notifications, ContentType = WindowsRuntime]::new($xml)
$kinds::CreateToastNotifier(
  '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe').Show($toast)
"""


@dataclass(frozen=True, slots=True)
class DesktopSettings:
    """``enabled``: false on machines nobody sits at. ``seconds``: how long the notifier may take."""

    enabled: bool = True
    seconds: float = 10


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: the program with its arguments, and what is added to its environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def notifier(platform: str = sys.platform, which: Callable[[str], str | None] = shutil.which) -> str | None:
    """The path of this system's notifier; ``None`` where there is none."""
    name = {"darwin": "osascript", "win32": "powershell"}.get(platform, "notify-send")
    return which(name)


def command(message: Message, program: str, platform: str = sys.platform) -> Command:
    """How the notifier is told this message. A text that looks like an option, a script or markup stays a text."""
    title, text = one_line(message.subject, _TITLE), one_line(message.body, _TEXT)
    if platform == "darwin":
        script = [part for line in _APPLE for part in ("-e", line)]
        return Command([program, *script, title, text])
    if platform == "win32":
        arguments = [program, "-NoProfile", "-NonInteractive", "-WindowStyle", "Hidden", "-Command", _WINDOWS]
        return Command(arguments, {"FOSSAWORK_TITLE": title, "FOSSAWORK_TEXT": text})
    urgency = {Urgency.p1: "critical", Urgency.p2: "critical", Urgency.p3: "normal"}.get(message.urgency, "low")
    return Command([program, "--app-name=FossaWork", f"--urgency={urgency}", "--", title, html.escape(text)])


def send(message: Message, address: str, settings: DesktopSettings) -> Sent:
    """Shows the message on the desktop of the machine this runs on. ``address`` is not needed: there is one desktop."""
    program = notifier() if settings.enabled else None
    if program is None:
        raise NotSetUp("This machine has no desktop to show it on; it waits in the list for the desktop application.")
    call = command(message, program)
    try:
        done = subprocess.run(  # noqa: S603  # the system's own notifier; our texts are its arguments, no shell reads them
            call.arguments,
            env={**os.environ, **call.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=settings.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChannelFailed(
            f"The desktop's notifier did not end within {settings.seconds:g} seconds.", permanent=False
        ) from error
    except OSError as error:
        raise ChannelFailed(f"The desktop's notifier cannot be run: {error.strerror}.", permanent=True) from error
    if done.returncode != 0:
        said = one_line(done.stderr.decode(errors="replace"), 200)
        raise ChannelFailed(f"The desktop's notifier refused it ({done.returncode}): {said}", permanent=False)
    return Sent()
