"""Messages have no holes and no secrets."""

import pytest

from app.kit.problems import Invalid, NotFound
from app.operations.incidents.templates import TEMPLATES, Template, render


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_a_template_renders_when_all_is_filled_in_and_says_what_is_not(template: Template) -> None:
    filled = {name: f"<{name}>" for name in template.fields}
    message = render(template.id, filled)
    assert "{" not in message.subject + message.body
    assert all(f"<{name}>" in message.subject + message.body for name in template.fields)
    for name in template.fields:
        with pytest.raises(Invalid) as refused:
            render(template.id, {**filled, name: "  "})
        assert [error.field for error in refused.value.errors] == [f"fields.{name}"]


def test_an_unknown_template_is_told() -> None:
    with pytest.raises(NotFound):
        render("none", {})


def test_secrets_are_taken_out_and_a_subject_is_one_line() -> None:
    message = render(
        "deployment_finish", {"version": "2.1\r\nBcc: x", "time": "now", "checks": "Authorization: Bearer abcdef123456"}
    )
    assert "abcdef123456" not in message.body
    assert "\n" not in message.subject


def test_braces_of_a_person_are_text() -> None:
    assert "{0.__class__}" in render("deployment_finish", {"version": "1", "time": "x", "checks": "{0.__class__}"}).body
