"""Which policy holds for a release: the stack's parameters, and the document in SSM if there is one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from slipway.administration import Parameters
from slipway.errors import UnreadableError
from slipway.intake.freezes import freeze_findings
from slipway.intake.policy import refusals
from slipway.intake.policy_document import PolicyDocument
from slipway.intake.policy_reading import read_policy, unusable
from slipway.intake.policy_rules import Policy, stricter
from slipway.intake.writers import Who, writer_findings
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding
from slipway.settings import Settings


class Office(Protocol):
    """What it takes to know the policy; `steps.work.Tools` is one."""

    @property
    def settings(self) -> Settings: ...
    @property
    def parameters(self) -> Parameters: ...


@dataclass(frozen=True)
class InForce:
    """The policy of one release, read once for all its steps."""

    stack: Policy
    name: str = ""
    """What the document is called, with its version; empty where there is none."""
    document: PolicyDocument | None = None
    findings: tuple[Finding, ...] = ()
    """Why the document cannot be used; then nothing may be released."""

    @property
    def about_pickles(self) -> Policy:
        """The stricter of the stack's rule and the document's."""
        return stricter(self.stack, self.document.rules(self.name)) if self.document else self.stack

    @property
    def signature_required(self) -> bool:
        """Whether an artifact must be signed."""
        return self.document is not None and self.document.signature_required

    def judge(self, spec: ReleaseSpec) -> list[Finding]:
        """Tell everything in a spec that is not allowed."""
        said = (self.document.rules(self.name),) if self.document else ()
        return refusals(spec, self.stack, *said)

    def admit(self, endpoint: str, who: Who | None, now: datetime) -> list[Finding]:
        """Tell why nothing may be released now: an unusable document, a freeze, or a writer who may not.

        Args:
            endpoint: where the release would go.
            who: the writer; None where nobody is asked, as before an upload.
            now: the time.
        """
        if self.document is None:
            return list(self.findings)
        found = freeze_findings(self.document.freezes, now, self.name)
        if who is not None:
            found += writer_findings(self.document.writers, who, endpoint, self.name)
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """What later steps hold the release to, for the ledger."""
        if self.document is None:
            return {}
        held: Mapping[str, Any] = {
            "name": self.name,
            "pickles": self.document.pickles,
            "signature_required": self.document.signature_required,
            "freezes": [asdict(freeze) for freeze in self.document.freezes],
        }
        return {"policy": dict(held)}


def in_force(tools: Office) -> InForce:
    """Read the policy. A document that cannot be read is a policy that allows nothing."""
    stack, name = tools.settings.policy, tools.settings.policy_parameter
    if not name:
        return InForce(stack)
    shown = f"the policy {name}"
    try:
        parameter = tools.parameters.read(name)
    except UnreadableError as error:
        step = "Have the parameter written, and the stack's PolicyParameter name it."
        absent = Finding("", f"The SSM parameter cannot be read ({error}).", step)
        return InForce(stack, shown, None, (unusable(shown, absent),))
    shown = f"{shown} (version {parameter.version})"
    read = read_policy(parameter.text, shown)
    if isinstance(read, PolicyDocument):
        return InForce(stack, shown, read)
    return InForce(stack, shown, None, tuple(read))
