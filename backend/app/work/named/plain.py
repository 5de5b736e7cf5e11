"""Instructions in one plain spelling, with the way back to the positions of the text as it was given.

People paste from tickets and mails: dashes, spaces and signs come in many code points. The patterns then know one each.
"""

from dataclasses import dataclass

_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("‘’ʼ`´", "'"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("•·▪●◦‣∙", "*"),
        **dict.fromkeys("⁄∕／", "/"),
        **dict.fromkeys("＃№", "#"),
        **dict.fromkeys("，、", ","),
        "；": ";",
        "：": ":",
        "＆": "&",
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
    }
)
_NOTHING = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class PlainText:
    """``text``: single spaces, ``\\n`` for line ends without spaces around them. ``origin``: each character's position."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Positions in the text as given of what stands at ``start`` up to ``end`` here (not empty)."""
        return self.origin[start], self.origin[end - 1] + 1


def plain(text: str) -> PlainText:
    """``text`` in the plain spelling; takes time linear in its length."""
    letters: list[str] = []
    origin: list[int] = []
    for position, letter in enumerate(text.translate(_SAME)):
        if letter in _NOTHING:
            continue
        kind = "\n" if letter in _LINE_ENDS else " " if letter.isspace() else letter
        if kind in " \n" and letters and letters[-1] in " \n":
            if kind == "\n":
                letters[-1] = kind
            continue
        letters.append(kind)
        origin.append(position)
    return PlainText("".join(letters), tuple(origin))
