"""What the VPC of a spec must keep besides types and bounds; each rule looks at raw values of any type."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.release.verdicts import Finding

_KINDS = {
    "subnets": (re.compile(r"subnet-[0-9a-f]{8,25}"), "subnet-0123456789abcdef0"),
    "security_groups": (re.compile(r"sg-[0-9a-f]{8,29}"), "sg-0123456789abcdef0"),
}


def vpc_findings(vpc: Mapping[str, Any]) -> Iterator[Finding]:
    """Hold the part `serve.vpc` to what SageMaker takes (API_VpcConfig)."""
    given = {key: list(vpc[key]) for key in _KINDS if isinstance(vpc.get(key), list | tuple) and vpc[key]}
    for key, (pattern, example) in _KINDS.items():
        for index, name in enumerate(given.get(key, [])):
            where = f"serve.vpc.{key}[{index}]"
            if isinstance(name, str) and not pattern.fullmatch(name):
                yield Finding("SPEC_VPC_INVALID", "This is no id of one.", f"Write one like {example}.", where)
            elif name in given[key][:index]:
                yield Finding("SPEC_VPC_TWICE", "This one is named twice.", "Remove one.", where)
    if len(given) == 1:
        (lacking,) = _KINDS.keys() - given.keys()
        what = "A model is in a VPC by its subnets and its security groups together."
        yield Finding("SPEC_VPC_INCOMPLETE", what, "Name at least one, or leave both out.", f"serve.vpc.{lacking}")
    if given and vpc.get("keep") is False:
        what = "The spec names a VPC and says that the model is in none."
        yield Finding("SPEC_VPC_UNCLEAR", what, "Leave out either.", "serve.vpc.keep")
