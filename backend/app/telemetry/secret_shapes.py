"""What secrets look like in texts.

Each shape: hints (one of them must occur, in lower case: a cheap look first), a pattern, and what stands there afterwards.
No pattern repeats what is itself repeated: its time grows with the text and not faster.
"""

import re
from collections.abc import Callable

from app.telemetry.secret_names import is_plural, is_secret_name

HIDDEN = "[hidden]"
Replacement = str | Callable[[re.Match[str]], str]
Shape = tuple[tuple[str, ...], re.Pattern[str], Replacement]

# --- name = value, name: value, "name": "value", ('name', b'value') -----------------------------------------------------

_NAMES = (
    r"passw(?:or)?d|passphrase|passcode|(?<![a-z])pass(?=\s?[=:]|\\*[\"'])|pwd|secret|token|api[_-]?key|private[_-]?key|signing[_-]?key|master[_-]?key"
    r"|encryption[_-]?key|access[_-]?key|(?:user|pushover)[_-]?key|(?<![a-z])ssn|social[_-]?security|credit[_-]?card|card[_-]?number"
    r"|cc[_-]?number|authori[sz]ation|cookie|credential|jwt|otp|(?<![a-z])auth(?![a-z])"
)
_NAME_HINTS = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "cookie",
    "credential",
    "jwt",
    "otp",
    "ssn",
    "social",
    "card",
    "cc",
)
_NAME = rf"(?P<name>(?:{_NAMES})[\w-]{{0,30}})"
_GAP = r"(?P<gap>\s{0,3}(?::|==?>?)\s{0,3})"
_QUOTED_GAP = (
    r"""(?P<gap>\\*["']?\s{0,3}(?::|==?>?)\s{0,3}[bu]?(?=\\*["'])|\\*["']\s{0,2}(?:[,:]|=>?)\s{0,2}[bu]?(?=\\*["'](?!value\\*["']\s?:))"""
    r"""|\\*["']\s{0,2}:\s{0,2})"""
)
# Inside a text that is itself quoted, quotes have backslashes before them: it ends at the same ones.
_QUOTED = (
    r"""(?P<mark>\\+["'])(?:(?!(?<!\\)(?P=mark)).)*(?:(?P=mark)|\Z)"""
    r"""|"(?:\\.|[^"\\])*(?:"|\Z)|'(?:\\.|[^'\\])*(?:'|\Z)"""
)
# A list or a dictionary of secrets: where it ends cannot be told for sure, so the rest of the line goes with it.
_NESTED = r"(?!\[hidden\])b?[\[{(][^\r\n]*"
_NEXT_NAME = r"[,;&]\s?[\w.-]+[=:]"
_CLOSING = r"[)\]}>]+(?:[\s,;]|\Z)|[,;](?:\s|\Z)"
_WORD = rf"(?:(?!{_NEXT_NAME}|{_CLOSING})[^\s\"'])+"
# A passphrase may have spaces: it ends with the line, with a sentence, or at the next name=.
_PHRASE = rf"(?:(?!\s[\w.-]+\s?[=:]|[.,;](?:\s|\Z)|{_NEXT_NAME}|{_CLOSING})[^\r\n\"'])+"
_HARMLESS = re.compile(r"\d{1,3}|true|false|null|none|\[hidden\]?", re.IGNORECASE)


def _assigned(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    quote = re.match(r"\\*[\"']", value)
    plain = (value[quote.end() : -1] if quote else value).strip()
    counted = plain.isdigit() and is_plural(name)
    if counted or _HARMLESS.fullmatch(plain) or not is_secret_name(name):
        return match[0]
    mark = quote[0] if quote else ""
    return f"{name}{match['gap']}{mark}{HIDDEN}{mark}"


# --- others --------------------------------------------------------------------------------------------------------------

_AFTER_SCHEME = frozenset(
    ["token", "tokens", "auth", "authentication", "authorization", "scheme", "credentials", "header", "of", "is"]
)


def _scheme(match: re.Match[str]) -> str:
    """``Basic dXNlcjpwdw==`` is hidden; “basic authentication” is prose."""
    scheme, value = match["scheme"], match["value"]
    word = value.rstrip(".,:;!?").lower()
    prose = word.isalpha() and value.islower() and scheme.lower() != "bearer"
    return match[0] if prose or word in _AFTER_SCHEME else f"{scheme} {HIDDEN}"


def _card(match: re.Match[str]) -> str:
    """Sixteen or so digits in groups are a card's if their check digit says so."""
    digits = [int(digit) for digit in reversed(match[0]) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return HIDDEN if (sum(digits[::2]) + sum(doubled)) % 10 == 0 else match[0]


def _long_after_name(match: re.Match[str]) -> str:
    """``master key 9f86d081…``: digits as well as letters, and no path."""
    value = match["value"]
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    path = "/" in value and (value.islower() or value.startswith("/"))
    return match[0][: match.start("value") - match.start()] + HIDDEN if mixed and not path else match[0]


SHAPES: tuple[Shape, ...] = (
    (
        ("-----begin",),
        re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----(?s:.*?)(?:-----END [A-Z0-9 ]{1,40}-----|\Z)"),
        HIDDEN,
    ),
    (("eyj",), re.compile(r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){0,4}"), HIDDEN),
    (("v1.",), re.compile(r"(?<![\w.])v1\.[0-9a-f]{12}\.[\w.-]+"), HIDDEN),
    (("gaaaa",), re.compile(r"(?<![\w-])gAAAA[\w-]{10,}={0,2}"), HIDDEN),
    (("$argon2", "$2"), re.compile(r"\$(?:argon2\w{1,2}|2[aby])\$[\w$./+=,-]+"), HIDDEN),
    (
        ("akia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "aiza", "sk_live_"),
        re.compile(r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|xox[abprs]-[\w-]{8,}|AIza[\w-]{30,}|sk_live_\w{10,})"),
        HIDDEN,
    ),
    # Our own refresh token is a sign-in's id and a secret: the id may be seen.
    (
        ("-7",),
        re.compile(r"(\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.)[\w-]{43}"),
        rf"\1{HIDDEN}",
    ),
    (("://",), re.compile(r"(://[^/\s:]{0,200}:)(?!\d{1,5}(?:[/?#\s]|\Z))[^\s\"'<>]{0,500}@"), rf"\1{HIDDEN}@"),
    (("://",), re.compile(r"(://)[^/\s:@\[]{16,500}@"), rf"\1{HIDDEN}@"),
    (("[parameters:",), re.compile(r"\[parameters: [^\r\n]*"), f"[parameters: {HIDDEN}]"),
    # To the end of the line: a cookie header has many values, an authorization scheme words of its own.
    (
        ("cookie", "authori"),
        re.compile(rf"(?i)(?P<name>cookie2?|authori[sz]ation){_GAP}(?P<value>(?!\\*[\"'])\S[^\r\n\"]*)"),
        _assigned,
    ),
    (
        ("bearer", "basic", "digest"),
        re.compile(r"(?i)\b(?P<scheme>bearer|basic|digest)\s+(?P<value>[\w.~+/=:-]{3,})"),
        _scheme,
    ),
    (
        ("passw", "passphrase"),
        re.compile(
            rf"(?i)(?P<name>(?:passw(?:or)?d|passphrase)[\w-]{{0,30}}){_GAP}(?P<value>(?!\s|\\*[\"']){_PHRASE})"
        ),
        _assigned,
    ),
    # {"name": "password", "value": …}
    (
        ("value",),
        re.compile(
            rf"""(?is){_NAME}(?P<gap>\\*["']\s{{0,2}},\s{{0,2}}\\*["']value\\*["']\s{{0,2}}[:=]\s{{0,2}}[bu]?)(?P<value>{_QUOTED})"""
        ),
        _assigned,
    ),
    (_NAME_HINTS, re.compile(rf"(?is){_NAME}{_QUOTED_GAP}(?P<value>{_QUOTED}|{_NESTED}|{_WORD})"), _assigned),
    (_NAME_HINTS, re.compile(rf"(?is){_NAME}{_GAP}(?P<value>(?!\\*[\"'])(?:{_NESTED}|{_WORD}))"), _assigned),
    (
        ("secret", "token", "key", "password", "credential"),
        re.compile(
            r"(?i)\b(?:secret|token|key|password|credential)s?\b[^\n\w]{1,4}(?:[a-z]{1,12}[^\n\w]{1,3}){0,3}"
            r"(?P<value>(?![0-9a-f]{8}-[0-9a-f]{4}-)[\w+/=-]{24,})"
        ),
        _long_after_name,
    ),
    (("-",), re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), HIDDEN),
    ((" ", "-"), re.compile(r"(?<![\w-])\d{4}([ -])\d{4,6}\1\d{4,5}(?:\1\d{1,7})?(?![\w-])"), _card),
    (("@",), re.compile(r"(?<![\w.+…-])([\w.+-])[\w.+-]{0,200}@([\w-]{1,100}\.[\w.-]{1,200})"), r"\1…@\2"),
)
