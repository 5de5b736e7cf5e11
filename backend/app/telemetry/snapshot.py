"""What a caller gives is taken as it is at that moment: it may change before the line is written, and it may be anything."""

import traceback
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

LONGEST_TEXT = 16_384
_DEEPEST = 8
_MOST_PARTS = 2000
_LONGEST_OBJECT = 2000
_LONGEST_KEY = 200
_UNCHANGING = (int, float, bool, type(None))


def clip(text: str, longest: int) -> str:
    """A text of about this length at most, with a mark that says how much is missing."""
    return text if len(text) <= longest else f"{text[:longest]}…[cut {len(text) - longest} characters]"


def clip_start(text: str, longest: int) -> str:
    """The same for stack traces, whose end tells most."""
    return text if len(text) <= longest else f"[cut {len(text) - longest} characters]…{text[-longest:]}"


def snapshot(value: Any) -> Any:
    """A copy that consists of texts, numbers, lists and dictionaries only, of bounded depth and size. Never raises."""
    return _Snapshot().of(value, 0)


class _Snapshot:
    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _MOST_PARTS

    def of(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return clip(value, LONGEST_TEXT)
        if kind in _UNCHANGING:
            return value
        self.left -= 1
        if self.left < 0 or depth > _DEEPEST:
            return "[cut]"
        if isinstance(value, Enum):
            return self.of(value.value, depth + 1)
        if isinstance(value, bytes | bytearray | memoryview):
            return clip(bytes(value).decode("utf-8", "replace"), LONGEST_TEXT)
        if isinstance(value, BaseException):
            return said(value)
        if isinstance(value, date):  # and datetime
            return value.isoformat()
        try:
            if isinstance(value, Mapping):
                return self._mapping(value, depth)
            if isinstance(value, list | tuple | set | frozenset):
                return self._sequence(value, depth)
            return clip(str(value), _LONGEST_OBJECT)
        except Exception:  # somebody's own __str__ or __iter__
            return f"[{kind.__name__}]"

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for key, item in value.items():
            if self.left <= 0:
                taken["[cut]"] = len(value) - len(taken)
                break
            self.left -= 1
            name = key if type(key) is str else self.of(key, _DEEPEST)
            taken[clip(str(name), _LONGEST_KEY)] = self.of(item, depth + 1)
        return taken

    def _sequence(self, value: Any, depth: int) -> list[Any]:
        taken: list[Any] = []
        for item in value:
            if self.left <= 0:
                taken.append(f"[cut {len(value) - len(taken)}]")
                break
            self.left -= 1
            taken.append(self.of(item, depth + 1))
        return taken


def said(error: BaseException) -> str:
    """What an exception says; its name when it says nothing."""
    try:
        text = str(error)
    except Exception:
        text = ""
    return clip(text, LONGEST_TEXT) if text else type(error).__name__


def error_fields(error: BaseException, *, stack: bool) -> dict[str, str]:
    """``{type, message, stack}`` of an exception."""
    fields = {"type": type(error).__name__, "message": said(error)}
    if stack:
        try:
            text = "".join(traceback.format_exception(error))
        except Exception:
            text = ""
        if text:
            fields["stack"] = clip_start(text, LONGEST_TEXT)
    return fields
