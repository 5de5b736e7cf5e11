"""What a request body may hold."""

from typing import Any

import pytest
from pydantic import Field, SecretStr, ValidationError

from app.kit.schema import Input


class Inner(Input):
    text: str


class Outer(Input):
    name: str = ""
    secret: SecretStr | None = None
    inner: Inner | None = None
    many: list[Inner] = Field(default_factory=list)
    words: dict[str, list[str]] = Field(default_factory=dict)
    number: int = 0


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": "a\x00b"}, ("name",)),
        ({"secret": "\x00"}, ("secret",)),
        ({"inner": {"text": "\x00"}}, ("inner", "text")),
        ({"many": [{"text": "a"}, {"text": "\x00"}]}, ("many", 1, "text")),
        ({"words": {"a": ["b", "\x00"]}}, ("words",)),
        ({"words": {"\x00": []}}, ("words",)),
    ],
)
def test_text_with_nul_is_refused_where_it_stands(body: dict[str, Any], place: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError, match=r"U\+0000") as refused:
        Outer.model_validate(body)
    assert [error["loc"] for error in refused.value.errors()] == [place]


def test_other_text_is_taken() -> None:
    body = {
        "name": "a\x01\u2028ü",
        "inner": {"text": "0"},
        "many": [{"text": ""}],
        "words": {"a": ["\\x00"]},
        "number": 0,
    }
    assert Outer.model_validate(body).name == "a\x01\u2028ü"
