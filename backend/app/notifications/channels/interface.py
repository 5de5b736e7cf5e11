"""What every channel is: ``send(message, address, settings) -> Sent``, or :class:`ChannelFailed`. None needs a database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took the message. ``receipt``: by which it can be asked whether a person has seen it."""

    receipt: str | None = None


class ChannelFailed(Exception):
    """The message did not get out this way. ``detail`` is a sentence for operators, without any address or secret.

    ``permanent``: trying the same again cannot help, somebody has to change a setting or an address first.
    """

    def __init__(self, detail: str, *, permanent: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent


class NotSetUp(ChannelFailed):
    """Nobody has entered what this channel needs."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, permanent=True)


def one_line(text: str, longest: int) -> str:
    """``text`` on one line without control characters, cut to ``longest`` characters with a visible mark."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
