"""docs/security.md tells the permissions as the template has them."""

import re

import pytest

from tests.template.cloud_template import ROOT, actions, folder, functions
from tests.template.test_template_permissions import AWS_MANAGED, LEDGER, WITHOUT_RESOURCE

PAGE = (ROOT / "docs/security.md").read_text()
ACTION = re.compile(r"`([a-z0-9-]+:[A-Z]\w+)`")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def told() -> dict[str, set[str]]:
    """Give the actions of each function as the page tells them; a row without a name belongs to the one above."""
    found: dict[str, set[str]] = {}
    name = ""
    for row in re.findall(r"^\| (.*) \|$", section("What each function may do"), re.MULTILINE):
        cells = [cell.strip() for cell in f"| {row}".split("|")[1:]]
        name = cells[0].strip("`") or name
        found.setdefault(name, set()).update(ACTION.findall(cells[1]))
    return found


@pytest.mark.parametrize("function", sorted(functions()))
def test_the_page_tells_what_a_function_may_do(function: str) -> None:
    on_the_index = {"dynamodb:Query"} & told()[folder(function)]
    assert told()[folder(function)] == actions(f"{function}Role") - LEDGER | on_the_index


def test_the_page_gives_a_reason_for_every_wildcard() -> None:
    rows = re.findall(r"^\| (`.*) \| (\w.*) \|$", section("Every wildcard, and why"), re.MULTILINE)
    assert {action for row, _ in rows for action in ACTION.findall(row)} == WITHOUT_RESOURCE
    assert all(reason.endswith(".") for _, reason in rows)


def test_the_page_names_the_managed_policies_of_aws() -> None:
    assert all(f"`{policy.rsplit('/', 1)[1]}`" in PAGE for policy in AWS_MANAGED)
