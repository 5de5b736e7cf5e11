"""Every alert leads to a section of the runbook that says what the rule says."""

import re

import pytest

from app.config import ROOT
from app.operations.alerts.rules import RULES, Rule
from app.operations.alerts.views import condition, over


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_its_section(rule: Rule) -> None:
    path, _, anchor = rule.runbook.partition("#")
    text = (ROOT / path).read_text()
    section = re.search(rf"^## {anchor}\n(.*?)(?=^## |^---$|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert f"**{rule.title}.** {condition(rule)}" in section[1]
    ending = over(rule)
    assert f"Over: {ending[0].lower()}{ending[1:]}" in section[1]
    for part in ("Find out:", "Do:", "Verify:"):
        assert part in section[1]
