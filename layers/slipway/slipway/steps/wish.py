"""What a release shall be like, as somebody wrote it down: in a file, in an event, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.intake.sources import located, named_findings
from slipway.intake.spec_reading import check_spec, defaults_spec, read_spec
from slipway.intake.spec_text import parse
from slipway.release.release import ObjectRef
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding
from slipway.steps.layers import Beneath


@dataclass(frozen=True)
class Wish:
    """A spec as it came: a file's text, an event's data, or nothing at all."""

    source: str = ""
    """Its S3 URI, or 'event'; empty where there is none."""
    version: str = "none"
    written_at: str = ""
    text: bytes | None = None
    data: Mapping[str, Any] | None = None
    trouble: Finding | None = None
    """Why a file's text could not be read."""

    def read(self, lower: Beneath, endpoint: str, region: str) -> ReleaseSpec | list[Finding]:
        """Read it over the layers beneath; what is wrong with those themselves is told with all the rest."""
        read = self._read(lower.values, endpoint, region)
        if not lower.findings:
            return read
        return [*lower.findings, *([] if isinstance(read, ReleaseSpec) else read)]

    def _read(self, defaults: Sequence[Mapping[str, Any]], endpoint: str, region: str) -> ReleaseSpec | list[Finding]:
        if self.trouble is not None:
            return [self.trouble]
        if self.text is not None:
            return read_spec(self.text, self.source, defaults, endpoint, region)
        if self.data is not None:
            return check_spec(self.data, defaults, endpoint, region)
        return defaults_spec(defaults, endpoint, region)

    @property
    def named(self) -> str:
        """What it names as its artifact, empty if nothing or if it cannot be read."""
        values: Mapping[str, Any] = self.data or {}
        if self.text is not None:
            parsed = parse(self.text, self.source)
            values = {} if isinstance(parsed, Finding) else parsed.values
        named = values.get("artifact")
        return named if isinstance(named, str) else ""

    def artifact(self, bucket: str) -> ObjectRef | None:
        """Locate the artifact that it names; None if it names none, or nothing that can be one."""
        named = self.named
        return located(named, bucket) if named and not any(named_findings(named)) else None
