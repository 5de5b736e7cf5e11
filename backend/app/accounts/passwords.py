"""Passwords: Argon2id, at most two at a time so that a burst of sign-ins cannot take all memory and cores."""

import threading
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_two_at_a_time = threading.Semaphore(2)


def hash_password(password: str) -> str:
    with _two_at_a_time:
        return _hasher.hash(password)


def verify_password(password: str, known_hash: str | None) -> bool:
    """Takes the same time whether or not the account exists (``known_hash`` ``None``), so that nobody learns which do."""
    with _two_at_a_time:
        matches = _hasher.verify(password, known_hash or _nobody())
    return matches and known_hash is not None


@lru_cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
