"""Which container or which model a smoke case asks: SageMaker takes TargetContainerHostname where containers are
direct and TargetModel where one container loads many models, and refuses each anywhere else
(API_runtime_InvokeEndpoint)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slipway.intake.names import readable
from slipway.release.serve_spec import Serve
from slipway.release.smoke_spec import MLFLOW, SmokeCase
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]

CONTAINER, MODEL = "target_container", "target_model"
_SHOWN = 20


def target_findings(values: Values, serve: Values) -> Iterator[Finding]:
    """Hold the smoke cases of a spec, and what is compared with the live model, to what serves.

    Which models there are is seen when they are verified.

    Args:
        values: the merged values, of any type.
        serve: its section `serve`.
    """
    names, many = _direct(serve), serve.get("multi_model") is True
    smoke, regression = values.get("smoke"), values.get("regression")
    for index, case in enumerate(smoke if isinstance(smoke, list) else []):
        if isinstance(case, Mapping):
            yield from _target(case.get(CONTAINER), bool(names), names, CONTAINER, f"smoke[{index}].")
            yield from _target(case.get(MODEL), many, (), MODEL, f"smoke[{index}].")
    if (names or many) and isinstance(regression, Mapping) and regression.get("inputs") == "captured":
        what = "A captured request does not tell which container or which model it was for."
        yield Finding("SPEC_REGRESSION_TARGETS", what, "Compare by the smoke cases.", "regression.inputs")


def variant_target_findings(target: str, names: Sequence[str], where: str) -> Iterator[Finding]:
    """Refuse a smoke case for a variant that there is not: it would be sent to none.

    Args:
        target: its `target_variant`, empty for all.
        names: of several variants; none where there is one, whose name only its endpoint may know.
        where: the place of the case's target.
    """
    if names and target and target not in names:
        what = f"There is no variant {readable(target, 63)} that this case could be sent to."
        yield Finding("SPEC_SMOKE_VARIANT", what, f"Name one of {_listed(names)}, or none: then all get it.", where)


def brought_findings(cases: Sequence[SmokeCase], serve: Serve, models: Sequence[str]) -> Iterator[Finding]:
    """Hold the smoke cases of a release to what serves; those that an archive brought are seen only with it.

    Args:
        cases: the cases.
        serve: what serves.
        models: the models that the one container can load; none where it serves one alone.
    """
    names = [each.name for each in serve.containers] if serve.execution == "direct" else []
    for case in cases:
        where = f"smoke {readable(case.name, 100)} "
        yield from _target(case.target_container, bool(names), names, CONTAINER, where)
        yield from _target(case.target_model, serve.multi_model, models, MODEL, where)


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


def unmet(cases: Sequence[SmokeCase], serve: Serve, models: Sequence[str]) -> Iterator[Finding]:
    """Tell of containers that are called directly, or of models, that no smoke case asks."""
    containers = [each.name for each in serve.containers] if serve.execution == "direct" else []
    for kind, names, key in (("containers", containers, CONTAINER), ("models", models, MODEL)):
        met = {getattr(case, key) for case in cases}
        if missed := [name for name in names if name not in met]:
            what = f"No smoke case meets the {kind} {_listed(missed)}, so nothing is known of how they answer."
            yield Finding("SMOKE_UNMET", what, f"Add a case with {key} for each.", "smoke")


def unmet_variants(cases: Sequence[SmokeCase], names: Sequence[str]) -> Iterator[Finding]:
    """Tell of variants that no smoke case asks, where there are cases at all."""
    met = {case.target_variant for case in cases}
    missed = [name for name in names if name not in met]
    if cases and missed and "" not in met:
        what = f"No smoke case meets the variants {_listed(missed)}, so nothing is known of how they answer."
        yield Finding("SMOKE_UNMET", what, "Add a case without target_variant, or one for each.", "smoke")


def _target(wanted: Any, needed: bool, names: Sequence[str], key: str, where: str) -> Iterator[Finding]:
    """Judge one target.

    Args:
        wanted: what the case asks for, of any type.
        needed: whether a request has to ask for one.
        names: what there is to ask for; none where that is not known.
        key: the key that says so.
        where: the place of the case.
    """
    if needed and not wanted:
        what = "A request to this endpoint has to name the one that answers it."
        step = f"Name one of {_listed(names)}." if names else "Name an archive of the folder, such as a.tar.gz."
        yield Finding("SPEC_SMOKE_TARGET", what, step, where + key)
    elif names and isinstance(wanted, str) and wanted and wanted not in names:
        what = f"There is no {readable(wanted, 80)}."
        yield Finding("SPEC_SMOKE_TARGET", what, f"Name one of {_listed(names)}.", where + key)
    elif wanted and not needed:
        what = "SageMaker refuses a request that names one, as there is nothing to choose from here."
        step = (
            "Remove it, or set serve.execution to direct."
            if key == CONTAINER
            else "Remove it, or set serve.multi_model."
        )
        yield Finding("SPEC_SMOKE_TARGET", what, step, where + key)


def _direct(serve: Values) -> list[str]:
    said = serve.get("containers")
    listed = said if isinstance(said, list) and serve.get("execution") == "direct" else []
    return [str(each.get("name")) for each in listed if isinstance(each, Mapping)]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return readable(", ".join(names[:_SHOWN]), 800) + more
