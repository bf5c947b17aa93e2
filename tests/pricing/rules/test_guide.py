"""The guide to the rule language is that of the tables, and its example is a rule set."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pricing.rules.guide import MARK, reference
from pricing.rules.parse import parse_rule_set

_GUIDE = (Path(__file__).parents[3] / "docs" / "pricing-rules.md").read_text()


def test_the_reference_part_is_up_to_date() -> None:
    """If this fails: python manage.py rule_docs."""
    assert MARK + _GUIDE.split(MARK)[1] == reference()


def test_the_example_of_the_guide_is_a_rule_set() -> None:
    """What people copy is read without a fault."""
    example = re.search(r"```json\n(.*?)```", _GUIDE, re.DOTALL)
    assert example is not None
    assert parse_rule_set(json.loads(example[1])).rules[0].key == "competitor_cheaper"
