"""The page of the ways in tells what there is: every event, every rule, and an example that is taken."""

import re
from pathlib import Path

import pytest
import yaml

from slipway.intake.approvals import Approved
from slipway.intake.contents import Contents
from slipway.intake.requests import Requested
from slipway.intake.smoke_files import smoke_cases
from slipway.intake.triggers import Drop, NotARelease, SpecDrop, read

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ways-in.md").read_text()
EVENTS = re.findall(r"`([a-z-]+\.json)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_that_is_named_is_one_of_a_way_in(name: str) -> None:
    event = yaml.safe_load((ROOT / "events" / name).read_text())
    assert isinstance(read(event, "slipway-artifacts"), Drop | SpecDrop | Requested | Approved)


def test_every_way_in_has_its_event() -> None:
    there = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / "events").glob("*.json")}
    ways = {name for name, event in there.items() if not isinstance(read(event, "slipway-artifacts"), NotARelease)}
    assert ways == set(EVENTS)


def test_the_rules_of_the_policy_are_those_of_the_code_and_the_template() -> None:
    rules = dict(re.findall(r"^\| `([A-Za-z]+)` \|.*\| `(POLICY_[A-Z_]+)` \|$", PAGE, re.MULTILINE))
    code = (ROOT / "layers/slipway/slipway/intake/policy.py").read_text()
    only_in_a_document = {"POLICY_ENVIRONMENT", "POLICY_COST", "POLICY_PRICE_UNKNOWN"}
    assert set(rules.values()) == set(re.findall(r'"(POLICY_[A-Z_]+)"', code)) - only_in_a_document
    template = (ROOT / "template.yaml").read_text()
    assert all(f"\n  {parameter}:\n    Type:" in template for parameter in rules)


def test_the_smoke_case_on_the_page_is_one() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    cases, _, found = smoke_cases(Contents(kept={"smoke/a.json": text.encode()}))
    assert not found
    assert len(cases) == 1
