"""What alarms say of a release: before it starts, and while it is watched."""

from collections.abc import Iterable, Mapping, Sequence

from slipway.judging.alarm_words import why_it_rang
from slipway.release.spec import Watch
from slipway.release.verdicts import Finding


def watch_findings(watch: Watch, slowest: str, needed: int) -> list[Finding]:
    """Refuse the watch of a first release that ends before its slowest alarm could ring; none at all is a choice.

    Args:
        watch: as the spec wants it.
        slowest: name of the alarm that takes longest.
        needed: seconds that it takes.
    """
    if not 0 < watch.seconds < needed:
        return []
    message = f"A watch of {watch.seconds} s ends before the slowest alarm, {slowest}, can ring ({needed} s)."
    return [Finding("WATCH_TOO_SHORT", message, f"Set it to at least {needed}, or to 0.", "watch.seconds")]


def preflight_findings(names: Sequence[str], states: Mapping[str, str]) -> list[Finding]:
    """Refuse to start under alarms that are missing or ringing already.

    Args:
        names: the user's alarms.
        states: state of each alarm that exists, by name.
    """
    findings = []
    for index, name in enumerate(names):
        where = f"alarms[{index}]"
        if name not in states:
            findings.append(
                Finding(
                    "ALARM_UNKNOWN",
                    f"CloudWatch knows no alarm {name!r} here, so it could not guard the release.",
                    "Create it or correct the name.",
                    where,
                )
            )
        elif states[name] == "ALARM":
            findings.append(
                Finding(
                    "ALARM_RINGING",
                    f"The alarm {name!r} rings already: SageMaker would put any update back at once.",
                    "Wait until it is OK, or leave it out of the spec.",
                    where,
                )
            )
    return findings


def ringing(names: Iterable[str], states: Mapping[str, str], rang: Mapping[str, str]) -> list[str]:
    """Say which alarms speak against the release: those that ring or rang since it began, and those that vanished."""
    reasons = []
    for name in names:
        if name in rang:
            reasons.append(why_it_rang(name, rang[name]))
        elif name not in states:
            reasons.append(f"the alarm {name} was deleted during the watch")
        elif states[name] == "ALARM":
            reasons.append(f"the alarm {name} rings")
    return reasons
