"""The variants of a spec while it is read: each gets the whole of what it is served by."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from slipway.intake.merging import laid_over, without_blanks
from slipway.intake.serving_image import displaced, resolve
from slipway.release.variant_spec import MOST_VARIANTS
from slipway.release.verdicts import Finding, placed

Values = Mapping[str, Any]

_COMPLETED = 2 * MOST_VARIANTS
"""More are refused for their number; a copy of `serve` for each of ten thousand would fill the function's memory."""

_PLACE = re.compile(r"variants\[\d+\]\.(serve.*)", re.DOTALL)


def complete(values: dict[str, Any], region: str) -> list[Finding]:
    """Lay what each variant says of serving over what `serve` says for all, and put in the images of frameworks.

    With variants nothing is served by `serve` alone, so what the first of them comes to stands in its place.

    Args:
        values: the merged values, of any type; changed in place.
        region: where the models will be served.

    Returns:
        Why there is no image for a framework.
    """
    if has_variants(values):
        among, beyond = values["variants"][:_COMPLETED], values["variants"][_COMPLETED:]
        values["variants"] = [*(_whole(variant, values["serve"]) for variant in among), *beyond]
    found = [placed(finding, where) for where, serve in sections(values).items() for finding in resolve(serve, region)]
    if has_variants(values):
        values["serve"] = next((serve for serve in sections(values).values()), values["serve"])
    return found


def _whole(variant: Any, common: Any) -> Any:
    said = variant.get("serve") if isinstance(variant, dict) else ""
    if not isinstance(common, dict) or not isinstance(said, Mapping | None):
        return variant
    above = without_blanks({"serve": said or {}}, (None,))
    below = {"serve": dict(common)}
    return {**variant, **laid_over(displaced(below, above), above)}


def has_variants(values: Values) -> bool:
    """Whether a spec speaks of variants."""
    return isinstance(values.get("variants"), list) and bool(values["variants"])


def sections(values: Values) -> dict[str, dict[str, Any]]:
    """Give each section that something is served by, with its place: those of the variants, or `serve`."""
    found = {"serve": values.get("serve")}
    if has_variants(values):
        variants = (variant if isinstance(variant, dict) else {} for variant in values["variants"])
        found = {f"variants[{index}].serve": variant.get("serve") for index, variant in enumerate(variants)}
    return {where: serve for where, serve in found.items() if isinstance(serve, dict)}


def told_once(found: Iterable[Finding], values: Values) -> list[Finding]:
    """Tell what is wrong with every variant alike once, of the `serve` that they have in common.

    Args:
        found: every finding of a spec; what stands in the place of `serve` is one of its variants, told there.
        values: the merged values.
    """
    if not has_variants(values):
        return list(found)
    single = dict.fromkeys(each for each in found if not re.match(r"serve\.", each.where))
    alike = Counter(_of_common(each) for each in single)
    most = len(values["variants"])
    return list(dict.fromkeys(_of_common(each) if alike[_of_common(each)] == most else each for each in single))


def _of_common(finding: Finding) -> Finding:
    found = _PLACE.fullmatch(finding.where)
    return replace(finding, where=found[1]) if found else finding
