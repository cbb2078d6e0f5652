"""What the model registry keeps: groups of model packages, and packages; plain data."""

from dataclasses import dataclass, field
from typing import Any

GROUP, PACKAGE = "model-package-group", "model-package"


@dataclass
class PackageGroup:
    """A model package group; `definition` is the request of CreateModelPackageGroup without its tags."""

    name: str
    arn: str
    created: float
    definition: dict[str, Any]
    versions: int = 0
    """The highest version given out; numbers are never given twice."""


@dataclass
class Package:
    """A model package, versioned (in a group) or not; `definition` holds what was asked, as updates left it."""

    name: str
    """Of its group when it is versioned."""
    arn: str
    created: float
    modified: float
    version: int
    """0 for an unversioned one."""
    definition: dict[str, Any]


@dataclass
class Registry:
    """All of it."""

    groups: dict[str, PackageGroup] = field(default_factory=dict)
    """By lower-cased name."""
    packages: dict[str, Package] = field(default_factory=dict)
    """By ARN."""
