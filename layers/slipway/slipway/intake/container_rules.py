"""What several containers of one model must keep besides types and bounds.

Source: CreateModel and ContainerDefinition in the API reference; developer guide, "Multi-container endpoints" and
"Inference pipelines". One artifact is dropped, so one container serves it: that is a choice of Slipway's.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.intake.names import readable
from slipway.intake.serve_rules import serve_findings
from slipway.intake.sources import own_findings
from slipway.release.container_spec import MOST_CONTAINERS
from slipway.release.naming import is_valid_name
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]


def container_findings(serve: Values, place: str) -> Iterator[Finding]:
    """Hold the containers of a section that says how a model is served to their rules.

    Args:
        serve: the section, of any type within.
        place: where it stands in the spec.
    """
    said = serve.get("containers")
    listed = said[: MOST_CONTAINERS + 1] if isinstance(said, list) else []  # more are refused for their number
    containers = [each if isinstance(each, Mapping) else {} for each in listed]
    if not containers:
        if serve.get("execution") == "direct":
            what = "No request can name a container where there is one alone."
            yield Finding("SPEC_EXECUTION_ALONE", what, "Leave it out, or add containers.", f"{place}.execution")
        return
    if len(containers) == 1:
        what = "One container needs no list."
        step = f"Say of {place} itself what is said here, or add another one."
        yield Finding("SPEC_CONTAINERS_ONE", what, step, f"{place}.containers")
    if serve.get("serverless") is not None:
        what = "SageMaker serves no model of several containers without instances."
        step = "Put all into one container, or give the model instances."
        yield Finding("SPEC_SERVERLESS_CONTAINERS", what, step, f"{place}.containers")
    for index, container in enumerate(containers):
        where = f"{place}.containers[{index}]"
        yield from serve_findings(container, where)
        yield from _together(serve, container, where)
        yield from _name(container, containers[:index], where)
        yield from own_findings(container, where, "container")
    yield from _dropped(containers, place)


def _together(serve: Values, container: Values, where: str) -> Iterator[Finding]:
    """Hold to SageMaker's bounds what a container gets of both environments; each alone is held to them elsewhere."""
    common, own = serve.get("environment"), container.get("environment")
    if not (isinstance(common, Mapping) and isinstance(own, Mapping) and common and own):
        return
    alone = {code for each in (common, own) for code in _of_environment(each)}
    for finding in serve_findings({"environment": {**common, **own}}, where):
        if finding.code == "SPEC_ENVIRONMENT_TOO_LARGE" and finding.code not in alone:
            yield finding


def _of_environment(environment: Values) -> set[str]:
    return {finding.code for finding in serve_findings({"environment": environment}, "")}


def _name(container: Values, before: Sequence[Values], where: str) -> Iterator[Finding]:
    name = container.get("name")
    if not isinstance(name, str) or not name:
        return
    if not is_valid_name(name):
        what = "SageMaker does not take this as the name of a container."
        yield Finding("SPEC_CONTAINER_NAME", what, "Use letters, digits and single hyphens.", f"{where}.name")
    if any(each.get("name") == name for each in before):
        what = f"The name {readable(name, 63)} is used twice."
        yield Finding("SPEC_CONTAINER_TWICE", what, "Rename one.", f"{where}.name")


def _dropped(containers: Sequence[Values], place: str) -> Iterator[Finding]:
    without = [index for index, each in enumerate(containers) if each.get("artifact") is None]
    if len(without) == 1:
        return
    what = "Every container names its artifact, so none serves what was dropped."
    step = "Leave it out at one of them, and name that one at the top, as artifact, where it is not dropped."
    if without:
        listed = ", ".join(str(index) for index in without)
        what = f"The containers {listed} name no artifact, and only one can serve what was dropped."
        step = "Name the artifacts of the others."
    yield Finding("SPEC_CONTAINERS_DROP", what, step, f"{place}.containers")
