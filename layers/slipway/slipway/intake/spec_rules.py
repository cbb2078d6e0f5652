"""What a spec must keep besides types and bounds; each rule looks at raw values of any type and tells all it finds."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.intake.autoscaling_rules import SCALING_ALARMS, autoscaling_findings
from slipway.intake.container_rules import container_findings
from slipway.intake.event_values import child
from slipway.intake.multi_model_rules import mixed_findings, multi_model_findings
from slipway.intake.names import endpoint_findings, is_one_line
from slipway.intake.parts_rules import together_findings
from slipway.intake.serve_rules import serve_findings
from slipway.intake.serverless_rules import serverless_findings
from slipway.intake.smoke_rules import not_one_line, smoke_findings
from slipway.intake.sources import digest_findings, named_findings
from slipway.intake.target_rules import target_findings
from slipway.intake.variant_rules import variant_findings
from slipway.intake.variants import has_variants, sections
from slipway.release.naming import ALARM_PREFIX
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]

_TAG_KEY, _TAG_VALUE = 128, 256
_LINK_NAME, _LINK = 80, re.compile(r"https?://[!-~]{1,500}")
_TAG_SIGNS = "_.:/=+-@"


def rule_findings(values: Values, endpoint: str) -> Iterator[Finding]:
    """Hold a spec to every rule.

    Args:
        values: the merged values, of any type.
        endpoint: the endpoint that the release is for; empty when only the spec says so.
    """
    yield from _top(values, endpoint)
    named = values.get("artifact")
    yield from named_findings(named) if isinstance(named, str) else ()
    yield from digest_findings(values.get("artifact_sha256"), "artifact_sha256")
    for where, serve in sections(values).items():
        yield from serve_findings(serve, where)
        yield from container_findings(serve, where)
        yield from autoscaling_findings(child(values, "autoscaling"), serve, where)
        yield from target_findings(values, serve)
        yield from multi_model_findings(values, serve, where)
    yield from together_findings(values)
    yield from mixed_findings(sections(values).values())
    yield from _tags(child(values, "tags"))
    yield from _links(child(values, "links"))
    yield from _alarms(values.get("alarms"))
    yield from variant_findings(values) if has_variants(values) else serverless_findings(values)
    yield from smoke_findings(values.get("smoke"))


def _top(values: Values, endpoint: str) -> Iterator[Finding]:
    wanted = values.get("endpoint")
    if isinstance(wanted, str) and endpoint and wanted != endpoint:
        what = f"The spec is for {wanted!a}, but it was dropped for {endpoint!a}."
        yield Finding("SPEC_ENDPOINT_DIFFERS", what, "Remove the key, or drop under the other endpoint.", "endpoint")
    elif isinstance(wanted, str) and wanted and not endpoint:
        yield from endpoint_findings(wanted)
    if isinstance(values.get("schema"), bool):
        yield Finding("SPEC_WRONG_TYPE", "True is not a whole number.", "Write schema: 1.", "schema")
    owner = values.get("owner")
    if isinstance(owner, str) and not is_one_line(owner):
        yield not_one_line("owner")


def _tags(tags: Values) -> Iterator[Finding]:
    for key, value in tags.items():
        where, said = f"tags.{key[:80]}", value if isinstance(value, str) else ""
        if not 1 <= len(key) <= _TAG_KEY or len(said) > _TAG_VALUE or not _is_tag_text(key + said):
            step = f"Use letters, digits, spaces and {_TAG_SIGNS}; at most {_TAG_KEY} and {_TAG_VALUE} characters."
            yield Finding("SPEC_TAG_INVALID", "AWS does not take this tag.", step, where)
        if key.lower().startswith("aws:"):
            yield Finding("SPEC_TAG_RESERVED", "Tags that begin with aws: belong to AWS.", "Rename it.", where)


def _is_tag_text(text: str) -> bool:
    return all(character in _TAG_SIGNS or unicodedata.category(character)[0] in "LZN" for character in text)


def _links(links: Values) -> Iterator[Finding]:
    for name, address in links.items():
        if not is_one_line(name) or not 1 <= len(name) <= _LINK_NAME:
            what = "This cannot be the name of a link."
            yield Finding("SPEC_LINK_INVALID", what, f"Use at most {_LINK_NAME} printable characters.", "links")
        elif isinstance(address, str) and not _LINK.fullmatch(address):
            what = "This is no address that people can open."
            yield Finding("SPEC_LINK_INVALID", what, "Write one like https://….", f"links.{name}")


def _alarms(alarms: Any) -> Iterator[Finding]:
    names = [name for name in alarms if isinstance(name, str)] if isinstance(alarms, list) else []
    for index, name in enumerate(names):
        where = f"alarms[{index}]"
        if not name.strip() or len(name) > 255 or not is_one_line(name):
            what = "This cannot be the name of an alarm."
            yield Finding("SPEC_ALARM_INVALID", what, "Write an alarm's name, at most 255 characters.", where)
        if name.startswith(ALARM_PREFIX):
            what = f"Alarms that begin with {ALARM_PREFIX} are made and removed by Slipway."
            yield Finding("SPEC_ALARM_RESERVED", what, "Give your alarm another name.", where)
        if name.startswith(SCALING_ALARMS):
            what = "This alarm calls for more instances or fewer, and says nothing of how good the model is."
            yield Finding("SPEC_ALARM_SCALES", what, "Name an alarm that rings when something is wrong.", where)
        if name in names[:index]:
            yield Finding("SPEC_ALARM_TWICE", "This alarm is named twice.", "Remove one.", where)
