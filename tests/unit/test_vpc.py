"""Which VPC a spec may name, and what becomes of one that it does not name."""

from dataclasses import replace
from typing import Any

import pytest

from slipway.intake.policy import refusals
from slipway.intake.policy_document import PolicyDocument
from slipway.intake.policy_document import Vpc as VpcOfDocument
from slipway.intake.policy_rules import Policy
from slipway.intake.spec_reading import check_spec
from slipway.intake.vpc_policy import VpcRules
from slipway.release.spec import ReleaseSpec, spec_from, spec_item
from slipway.release.vpc_spec import Vpc

SUBNETS, GROUPS = ["subnet-0a1b2c3d", "subnet-0123456789abcdef0"], ["sg-0a1b2c3d"]


def read(vpc: dict[str, Any], *layers: dict[str, Any]) -> Any:
    return check_spec({"endpoint": "churn", "serve": {"image": "x", "vpc": vpc}}, layers, "churn")


def codes(found: Any) -> list[str]:
    return [] if isinstance(found, ReleaseSpec) else [finding.code for finding in found]


def test_a_spec_names_its_vpc_by_subnets_and_groups() -> None:
    spec = read({"subnets": SUBNETS, "security_groups": GROUPS})
    assert spec.serve.vpc.as_request() == {"SecurityGroupIds": GROUPS, "Subnets": SUBNETS}
    assert spec_from(spec_item(spec)) == spec


def test_a_layer_beneath_may_name_it() -> None:
    beneath = {"serve": {"vpc": {"subnets": SUBNETS, "security_groups": GROUPS}}}
    assert read({}, beneath).serve.vpc.subnets == tuple(SUBNETS)


def test_a_spec_from_before_there_was_a_vpc_names_none() -> None:
    item = spec_item(read({}))
    del item["serve"]["vpc"]
    assert spec_from(item).serve.vpc == Vpc()


@pytest.mark.parametrize(
    ("vpc", "code"),
    [
        ({"subnets": ["vpc-12345678"], "security_groups": GROUPS}, "SPEC_VPC_INVALID"),
        ({"subnets": [SUBNETS[0], SUBNETS[0]], "security_groups": GROUPS}, "SPEC_VPC_TWICE"),
        ({"subnets": SUBNETS}, "SPEC_VPC_INCOMPLETE"),
        ({"security_groups": GROUPS}, "SPEC_VPC_INCOMPLETE"),
        ({"subnets": SUBNETS, "security_groups": GROUPS, "keep": False}, "SPEC_VPC_UNCLEAR"),
    ],
)
def test_what_sagemaker_would_not_take_is_refused(vpc: dict[str, Any], code: str) -> None:
    assert codes(read(vpc)) == [code]


@pytest.mark.parametrize(
    ("rules", "named", "refused"),
    [
        (VpcRules(possible=False), True, 1),
        (VpcRules(possible=False), False, 0),
        (VpcRules(required=True), False, 1),
        (VpcRules(required=True), True, 0),
        (VpcRules(subnets=("subnet-0a*",)), True, 1),
        (VpcRules(subnets=("subnet-*",), security_groups=("sg-ffff*",)), True, 1),
    ],
)
def test_the_policy_judges_what_is_named(rules: VpcRules, named: bool, refused: int) -> None:
    spec = read({"subnets": SUBNETS, "security_groups": GROUPS} if named else {})
    found = refusals(spec, replace(Policy(), vpc=rules))
    assert [finding.code for finding in found] == ["POLICY_VPC"] * refused


def test_a_document_says_which_ones() -> None:
    document = PolicyDocument(schema=1, vpc=VpcOfDocument(required=True, subnets=("subnet-1*",)))
    (finding,) = refusals(read({}), document.rules("the policy"))
    assert "`vpc.required` of the policy" in finding.next_step
