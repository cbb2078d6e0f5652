"""Which image serves a framework in a region: AWS's own, by the table that is extracted from AWS's SDK."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from slipway.intake.image_table import DOMAINS, IMAGES, REGISTRIES
from slipway.intake.names import readable
from slipway.intake.serverless_rules import INSTANCE_KEYS
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]

UNRESOLVED = "unresolved"
"""What stands for the image while the rest of a spec is judged."""

_ACCELERATED = re.compile(r"ml\.(?:g|p|inf|trn)[a-z]*[0-9].*")
_GRAVITON = re.compile(r"ml\.[a-z]+[0-9]+g.*")
_NEWEST = 3


def displaced(below: dict[str, Any], above: Values) -> dict[str, Any]:
    """Take out of the lower layers what an upper one replaces: an image by a framework and the other way round, and
    instances by what is said of a serverless model and the other way round."""
    lower, upper = below.get("serve"), above.get("serve")
    if not isinstance(lower, dict) or not isinstance(upper, Mapping):
        return below
    gone: set[str] = set()
    if "image" in upper:
        gone = {"framework", "framework_version"}
    elif "framework" in upper:
        gone = {"image"} if upper["framework"] == lower.get("framework") else {"image", "framework_version"}
    if "serverless" in upper:
        gone |= {*INSTANCE_KEYS, "vpc"}
    elif any(key in upper for key in INSTANCE_KEYS):
        gone |= {"serverless"}
    return {**below, "serve": {key: value for key, value in lower.items() if key not in gone}}


def resolve(serve: dict[str, Any], region: str) -> list[Finding]:
    """Put the images of frameworks into a section `serve`: its own, and those of its containers.

    Args:
        serve: the merged values, of any type; gets `image`, and so does each of its containers.
        region: where the model will be served.

    Returns:
        Why there is no such image, with the nearest that there are.
    """
    found = _resolve(serve, region)
    containers = serve.get("containers")
    if not isinstance(containers, list) or not containers:
        return found
    own = [_said(each) for each in containers]
    for index, container in enumerate(own):
        if not isinstance(container, dict) or not {"image", "framework", "framework_version"} & container.keys():
            continue
        kind = {"instance_type": serve["instance_type"]} if "instance_type" in serve else {}
        whole = {**container, **kind}
        found += [_of_container(finding, index) for finding in _resolve(whole, region)]
        if "image" in whole:
            container["image"] = whole["image"]
    serve["containers"] = [_with_image(each, serve.get("image")) for each in own]
    images = [each.get("image") if isinstance(each, dict) else None for each in own]
    if "image" not in serve and all(images):
        serve["image"] = images[0]  # no container takes it
    return list(dict.fromkeys(found))


def _said(container: Any) -> Any:
    """Leave out what is blank; what is no section is refused by the types of the record."""
    if not isinstance(container, Mapping):
        return container
    return {key: value for key, value in container.items() if value is not None}


def _with_image(container: Any, image: Any) -> Any:
    return {"image": image, **container} if isinstance(container, dict) and image is not None else container


def _of_container(finding: Finding, index: int) -> Finding:
    if finding.where == "serve.instance_type":
        return finding
    return replace(finding, where=finding.where.replace("serve", f"serve.containers[{index}]", 1))


def _resolve(serve: dict[str, Any], region: str) -> list[Finding]:
    framework, version = serve.get("framework"), serve.get("framework_version")
    if framework is None:
        return list(_without_framework(serve))
    found = list(_conflicts(serve))
    serve["image"] = UNRESOLVED
    if not isinstance(framework, str) or framework not in IMAGES or not isinstance(version, str | None):
        return found  # the types of the record refuse these
    rows = {row.split()[0]: row.split()[1:] for row in IMAGES[framework].strip().splitlines()}
    if version not in rows:
        return [*found, _unknown_version(framework, version, list(rows))]
    registry, repository, tag = rows[version]
    account = _accounts(registry).get(region)
    if account is None:
        what = f"AWS has no registry for the images of {framework} {version} in {readable(region, 40) or 'no region'}."
        return [*found, Finding("SPEC_FRAMEWORK_REGION", what, "Name an image of yours instead.", "serve.framework")]
    serve["image"] = f"{account}.dkr.ecr.{region}.{DOMAINS.get(region, 'amazonaws.com')}/{repository}:{tag}"
    return found


def _without_framework(serve: Values) -> Iterator[Finding]:
    if serve.get("framework_version") is not None:
        what = "A version without its framework names no image."
        yield Finding("SPEC_FRAMEWORK_MISSING", what, "Add framework.", "serve.framework_version")


def _conflicts(serve: Values) -> Iterator[Finding]:
    if "image" in serve:
        what = "The image is named, and a framework that would choose one."
        yield Finding("SPEC_IMAGE_TWICE", what, "Remove one of the two.", "serve.framework")
    kind = serve.get("instance_type")
    if isinstance(kind, str) and (_ACCELERATED.fullmatch(kind) or _GRAVITON.fullmatch(kind)):
        what = (
            f"{readable(kind, 60)} needs an image of its own, and frameworks are resolved to those for x86 processors."
        )
        yield Finding("SPEC_FRAMEWORK_INSTANCE", what, "Name the image, or use another type.", "serve.instance_type")


def _unknown_version(framework: str, version: str | None, known: list[str]) -> Finding:
    newest = ", ".join(known[-_NEWEST:])
    if version is None:
        step = f'Add one, such as "{known[-1]}"; the newest are {newest}.'
        what = f"{framework} is named without its version."
        return Finding("SPEC_MISSING_KEY", what, step, "serve.framework_version")
    starts = [each for each in known if each.startswith(version)]
    near = starts[-1:] or get_close_matches(version, known, 1)
    meant = f'Did you mean "{near[0]}"? ' if near else ""
    what = f"AWS serves no {framework} {readable(version, 60)} that this Slipway knows."
    step = f"{meant}The newest are {newest}; of another one name the image."
    return Finding("SPEC_FRAMEWORK_VERSION", what, step, "serve.framework_version")


def _accounts(registry: str) -> dict[str, str]:
    """Read a registry: each account stands before its regions."""
    accounts: dict[str, str] = {}
    account = ""
    for word in REGISTRIES[registry].split():
        if word.isdigit():
            account = word
        else:
            accounts[word] = account
    return accounts
