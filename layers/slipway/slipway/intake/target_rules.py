"""Which container a smoke case asks: SageMaker takes TargetContainerHostname where containers are direct, and only
there (API_runtime_InvokeEndpoint)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slipway.intake.names import readable
from slipway.intake.smoke_files import MLFLOW
from slipway.release.serve_spec import Serve
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]


def target_findings(values: Values, serve: Values) -> Iterator[Finding]:
    """Hold the smoke cases of a spec, and what is compared with the live model, to the containers that serve.

    Args:
        values: the merged values, of any type.
        serve: its section `serve`.
    """
    names, smoke, regression = _direct(serve), values.get("smoke"), values.get("regression")
    for index, case in enumerate(smoke if isinstance(smoke, list) else []):
        if isinstance(case, Mapping):
            yield from _target(case.get("target_container"), names, f"smoke[{index}].target_container")
    if names and isinstance(regression, Mapping) and regression.get("inputs") == "captured":
        what = "A captured request does not tell which container it was for."
        yield Finding("SPEC_REGRESSION_TARGETS", what, "Compare by the smoke cases.", "regression.inputs")


def brought_findings(cases: Sequence[SmokeCase], serve: Serve) -> Iterator[Finding]:
    """Hold the smoke cases that an archive brought to the containers that serve."""
    names = [each.name for each in serve.containers] if serve.execution == "direct" else []
    for case in cases:
        yield from _target(case.target_container, names, f"smoke/ {readable(case.name, 100)} target_container")


def aimed(cases: Sequence[SmokeCase], source: str, serve: Serve) -> tuple[SmokeCase, ...]:
    """Let the smoke cases that an archive brought ask for the container that serves it, where they ask for none.

    In a pipeline they are requests to all of it; an example that MLflow wrote is one only for the first container.
    """
    own = next((each for each in serve.containers if each.artifact is None), None)
    if own is None:
        return tuple(cases)
    if serve.execution == "direct":
        return tuple(replace(case, target_container=case.target_container or own.name) for case in cases)
    return () if source == MLFLOW and own is not serve.containers[0] else tuple(cases)


def unmet(cases: Sequence[SmokeCase], serve: Serve) -> Iterator[Finding]:
    """Tell of containers that are called directly and that no smoke case asks."""
    met = {case.target_container for case in cases}
    missed = [each.name for each in serve.containers if each.name not in met]
    if serve.execution == "direct" and missed:
        what = f"No smoke case meets the containers {', '.join(missed)}, so nothing is known of how they answer."
        yield Finding("SMOKE_UNMET", what, "Add a case with target_container for each.", "smoke")


def _target(wanted: Any, names: Sequence[str], where: str) -> Iterator[Finding]:
    if names and not wanted:
        what = "The containers are direct, so a request has to name the one that answers it."
        yield Finding("SPEC_SMOKE_TARGET", what, f"Name one of {_listed(names)}.", where)
    elif names and isinstance(wanted, str) and wanted not in names:
        what = f"There is no container {readable(wanted, 63)}."
        yield Finding("SPEC_SMOKE_TARGET", what, f"Name one of {_listed(names)}.", where)
    elif wanted and not names:
        what = "SageMaker refuses a request that names a container, unless there are several that are direct."
        yield Finding("SPEC_SMOKE_TARGET", what, "Remove it, or set serve.execution to direct.", where)


def _direct(serve: Values) -> list[str]:
    said = serve.get("containers")
    listed = said if isinstance(said, list) and serve.get("execution") == "direct" else []
    return [str(each.get("name")) for each in listed if isinstance(each, Mapping)]


def _listed(names: Sequence[str]) -> str:
    return readable(", ".join(names), 200)
