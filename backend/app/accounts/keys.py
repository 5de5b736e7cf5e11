"""The installation's master key: from the environment, the system's keyring, or a file only its owner can read."""

import base64
import binascii
import secrets
from functools import lru_cache
from pathlib import Path

import keyring
from filelock import FileLock
from keyring.errors import KeyringError

from app.config import get_settings
from app.kit.envelope import KEY_BYTES, Envelope
from app.kit.files import write_atomically

_SERVICE = "fossawork"


class KeyUnusable(Exception):
    """The master key cannot be read or has the wrong form. Without it no stored secret can be opened."""


@lru_cache
def get_envelope() -> Envelope:
    """Made once per process. The key is created at the very first start, never silently replaced later."""
    settings = get_settings()
    if settings.key is not None:
        return Envelope(_decode(settings.key.get_secret_value(), "FOSSAWORK_KEY"))
    path = settings.home / "keys" / "master.key"
    if path.exists():
        return Envelope(_decode(path.read_text().strip(), str(path)))
    if settings.key_source == "auto":
        from_keyring = _from_keyring(str(settings.home))
        if from_keyring is not None:
            return Envelope(from_keyring)
    return Envelope(_new_file(path))


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise KeyUnusable(f"The master key in {where} is not base64. Restore it from your backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"The master key in {where} has {len(key)} bytes instead of {KEY_BYTES}.")
    return key


def _from_keyring(account: str) -> bytes | None:
    """The key in the system's keyring, made there when absent; ``None`` on a machine without a usable keyring."""
    try:
        if keyring.get_keyring().priority < 1:
            return None
        stored = keyring.get_password(_SERVICE, account)
        if stored is None:
            stored = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
            keyring.set_password(_SERVICE, account, stored)
        return _decode(stored, "the system's keyring")
    except (KeyringError, RuntimeError):
        return None


def _new_file(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may start for the first time at once: the second one takes the key of the first.
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            write_atomically(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)), private=True)
    return _decode(path.read_text().strip(), str(path))
