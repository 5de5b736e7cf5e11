"""Sealed secrets open only with their key, at their place, unaltered."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.envelope import KEY_BYTES, CannotDecrypt, Envelope, Place

HERE = Place("portal_links", "password", "row-1")


@given(st.text())
def test_what_was_sealed_opens_again(secret: str) -> None:
    envelope = Envelope(b"k" * KEY_BYTES)
    assert envelope.open(envelope.seal(secret, HERE), HERE) == secret


def test_the_sealed_text_does_not_show_the_secret_and_differs_each_time() -> None:
    envelope = Envelope(secrets.token_bytes(KEY_BYTES))
    first, second = envelope.seal("hunter2hunter2", HERE), envelope.seal("hunter2hunter2", HERE)
    assert "hunter2" not in first
    assert first != second


@pytest.mark.parametrize(
    "other",
    [
        Place("users", "password", "row-1"),
        Place("portal_links", "name", "row-1"),
        Place("portal_links", "password", "row-2"),
    ],
)
def test_it_does_not_open_at_another_place(other: Place) -> None:
    envelope = Envelope(b"k" * KEY_BYTES)
    with pytest.raises(CannotDecrypt):
        envelope.open(envelope.seal("secret", HERE), other)


def test_another_key_is_named_as_the_reason() -> None:
    sealed = Envelope(b"a" * KEY_BYTES).seal("secret", HERE)
    with pytest.raises(CannotDecrypt, match="uses key"):
        Envelope(b"b" * KEY_BYTES).open(sealed, HERE)


@given(st.integers(0, 200), st.characters(min_codepoint=33, max_codepoint=126))
def test_an_altered_text_never_opens_as_something_else(position: int, letter: str) -> None:
    envelope = Envelope(b"k" * KEY_BYTES)
    sealed = envelope.seal("secret", HERE)
    position %= len(sealed)
    altered = sealed[:position] + letter + sealed[position + 1 :]
    try:
        assert envelope.open(altered, HERE) == "secret"  # base64 may have several spellings of its last letter
    except CannotDecrypt:
        assert altered != sealed


@pytest.mark.parametrize("text", ["", "v1", "v1.a.b.c", "v2.a.b.c.d", "plain text"])
def test_what_is_no_sealed_secret_is_refused(text: str) -> None:
    with pytest.raises(CannotDecrypt):
        Envelope(b"k" * KEY_BYTES).open(text, HERE)


def test_derived_keys_differ_by_purpose_and_are_stable() -> None:
    envelope = Envelope(b"k" * KEY_BYTES)
    assert envelope.derive("a") == envelope.derive("a") != envelope.derive("b")


def test_a_key_of_a_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Envelope(b"short")
