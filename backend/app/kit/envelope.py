"""Envelope encryption of stored secrets.

Each secret gets a data key of its own (AES-256-GCM); the data key is wrapped by the installation's master key. What is
stored is ``v1.<key id>.<wrapped data key>.<nonce>.<ciphertext>``, all URL-safe base64. The additional data bind a value
to its place (table, column, row): copied to another row it does not decrypt.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """The stored value was made with another key, for another place, or was altered. Never answered with its ciphertext."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret is stored."""

    table: str
    column: str
    row: str

    def as_bytes(self) -> bytes:
        return "\x1f".join((self.table, self.column, self.row)).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Envelope:
    """Seals and opens secrets with one 32-byte master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"The master key must have {KEY_BYTES} bytes, not {len(master_key)}.")
        self._master = master_key
        self.key_id = hashlib.sha256(b"key-id" + master_key).hexdigest()[:12]

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for another purpose (signing tokens), from which the master key cannot be told."""
        return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(self._master)

    def seal(self, secret: str, place: Place) -> str:
        data_key, key_nonce, nonce = (secrets.token_bytes(size) for size in (KEY_BYTES, _NONCE_BYTES, _NONCE_BYTES))
        wrapped = key_nonce + AESGCM(self._master).encrypt(key_nonce, data_key, place.as_bytes())
        body = AESGCM(data_key).encrypt(nonce, secret.encode(), place.as_bytes())
        return ".".join(("v1", self.key_id, _encode(wrapped), _encode(nonce), _encode(body)))

    def open(self, sealed: str, place: Place) -> str:
        """The secret; :class:`CannotDecrypt` says why when it cannot be had."""
        parts = sealed.split(".")
        if len(parts) != 5 or parts[0] != "v1":
            raise CannotDecrypt("The stored secret has a form this version does not know.")
        if parts[1] != self.key_id:
            raise CannotDecrypt(
                f"The secret was stored under key {parts[1]}, but this installation uses key {self.key_id}."
            )
        try:
            wrapped, nonce, body = (_decode(part) for part in parts[2:])
            data_key = AESGCM(self._master).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], place.as_bytes())
            return AESGCM(data_key).decrypt(nonce, body, place.as_bytes()).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt("The stored secret was altered or belongs to another record.") from error
