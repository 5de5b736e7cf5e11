"""Which names stand for secrets. A name that only speaks of one (``token_count``, ``password_changed_at``) does not."""

import itertools
import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset(
    [
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "pwd",
        "pass",
        "secret",
        "token",
        "authorization",
        "authorisation",
        "auth",
        "cookie",
        "credential",
        "jwt",
        "bearer",
        "otp",
        "totp",
        "csrf",
        "xsrf",
        "ssn",
        "social",
        "cvv",
        "apikey",
    ]
)
# Written together, too: userpassword, setcookie, mysecretkey.
_SECRET_PARTS = re.compile(
    r"passw(or)?d|passphrase|credential|authori[sz]ation|(api|private|secret|master|signing|encryption|shared|ssh)key"
    r"|(access|auth|refresh|id|session|client|bearer|user)(token|secret)|setcookie|creditcard|cardnumber|ccnumber"
)
_KEYS = frozenset(
    [
        "api",
        "private",
        "secret",
        "master",
        "signing",
        "encryption",
        "access",
        "session",
        "data",
        "ssh",
        "shared",
        "account",
        "license",
        "user",
        "pushover",
    ]
)
_ABOUT = frozenset(
    [
        "count",
        "counts",
        "id",
        "ids",
        "kind",
        "type",
        "types",
        "length",
        "size",
        "at",
        "age",
        "days",
        "hours",
        "minutes",
        "seconds",
        "ms",
        "bytes",
        "in",
        "expiry",
        "expires",
        "expired",
        "changed",
        "created",
        "renewed",
        "required",
        "valid",
        "present",
        "missing",
        "known",
        "refused",
        "accepted",
        "used",
        "left",
        "url",
        "uri",
        "endpoint",
        "policy",
        "attempts",
        "limit",
        "state",
        "status",
        "reason",
        "source",
        "field",
        "version",
        "name",
        "names",
        "method",
        "result",
        "scheme",
    ]
)


def is_plural(name: str) -> bool:
    """Whether a number under this name counts secrets (``tokens``); ``pass`` is one."""
    return name.lower().endswith("s") and not name.lower().endswith("ss")


@lru_cache(maxsize=2048)
def is_secret_name(name: str) -> bool:
    """Whether what stands under this name is a secret, and not merely about one."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or (len(words) > 1 and words[-1] in _ABOUT):
        return False
    if any(word in _SECRET_WORDS or word.removesuffix("s") in _SECRET_WORDS for word in words):
        return True
    if any(first in _KEYS and second in ("key", "keys") for first, second in itertools.pairwise(words)):
        return True
    return _SECRET_PARTS.search("".join(words)) is not None
