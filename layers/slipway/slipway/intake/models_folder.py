"""One pass over the models of a multi-model endpoint: a folder of archives, each judged like one that is dropped.

Source: developer guide, "Multi-model endpoints"; an archive is unpacked when a request names it first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from slipway.intake.archive import Inspection, Limits, inspect
from slipway.intake.contents import Contents
from slipway.intake.folder import File, digest_of, odd_name
from slipway.intake.names import readable
from slipway.intake.smoke_files import CASES, smoke_cases, together_findings
from slipway.intake.tar_names import Names
from slipway.release.smoke_spec import MLFLOW, SmokeCase
from slipway.release.verdicts import Finding

ARCHIVE = ".tar.gz"
_FINDINGS = 20
_CASE_NAME = 100


@dataclass
class Models:
    """What is known of the archives after each of them, in memory that is bounded for a thousand of them."""

    inspection: Inspection = field(default_factory=lambda: Inspection("", 0, 0, 0, (), ()))
    """Of all of them together."""
    contents: dict[str, Contents] = field(default_factory=dict)
    """What each holds, without the bytes of what was kept."""
    cases: tuple[SmokeCase, ...] = ()
    """The smoke cases that they bring, each of which asks for the archive that brought it."""
    unreadable: tuple[Finding, ...] = ()
    """What is wrong with these."""


def inspect_models(files: Iterable[File], limits: Limits | None = None) -> Models:
    """Judge the archives of a folder, one after the other.

    Args:
        files: the files, by name.
        limits: what is too much, of all of them together or of each.
    """
    held, names, models = limits or Limits(), Names(), Models()
    digests, found = dict[str, str](), list[Finding]()
    for file in files:
        odd = odd_name(file, names) or _no_archive(file) or _too_large(models.inspection.size + file.size, held)
        if odd is not None:
            found.append(odd)
            continue
        one = inspect(file.chunks, held)
        digests[file.name] = one.digest
        found += [_in(file.name, finding) for finding in one.findings]
        models.unreadable = (*models.unreadable, *_take(models, file.name, one))[:_FINDINGS]
    models.unreadable = (*models.unreadable, *together_findings(models.cases))[:_FINDINGS]
    whole = models.inspection
    digest = "" if found else digest_of(digests)
    models.inspection = replace(whole, digest=digest, findings=tuple(found[:_FINDINGS]))
    return models


def _take(models: Models, name: str, one: Inspection) -> Iterator[Finding]:
    """Add one archive to what is known of all; gives what is wrong with its smoke cases."""
    whole, contents = models.inspection, one.contents
    pickles = [*whole.contents.pickles, *(f"{name} {pickle}" for pickle in contents.pickles)][:_FINDINGS]
    models.inspection = replace(
        whole,
        size=whole.size + one.size,
        members=whole.members + one.members,
        unpacked=whole.unpacked + one.unpacked,
        contents=Contents(pickles=pickles),
    )
    # Cases of further archives are not read once there is enough to refuse: they take longer than the archive itself.
    cases, source, wrong = smoke_cases(contents if len(models.unreadable) < _FINDINGS else Contents())
    if not wrong and (source != MLFLOW or len(models.cases) < CASES):
        models.cases += tuple(_aimed(case, name) for case in cases)
    models.contents[name] = contents.without_bytes()
    return (_in(name, finding) for finding in wrong)


def _aimed(case: SmokeCase, name: str) -> SmokeCase:
    told = f"{name}: {case.name}"[-_CASE_NAME:]
    return replace(case, name=told, target_model=case.target_model or name)


def _no_archive(file: File) -> Finding | None:
    if file.name.endswith(ARCHIVE):
        return None
    what = "A multi-model endpoint loads archives, and this is none by its name."
    return Finding("MODELS_NO_ARCHIVE", what, f"Pack it as <model>{ARCHIVE}, or remove it.", readable(file.name, 120))


def _too_large(size: int, limits: Limits) -> Finding | None:
    if size <= limits.packed_bytes:
        return None
    what = f"The archives have more than {limits.packed_bytes} bytes together."
    return Finding("FOLDER_TOO_LARGE", what, "Spread them over several endpoints.")


def _in(name: str, finding: Finding) -> Finding:
    return replace(finding, where=f"{readable(name, 120)} {finding.where}".strip())
