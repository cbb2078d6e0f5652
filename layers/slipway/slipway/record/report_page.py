"""The report of a release as one page: no script, nothing from elsewhere, fit to be kept, mailed and printed.

Much of what it shows was written by whoever dropped the model, so every text is escaped, and the page itself forbids
the browser to run or load anything.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from slipway.record.announcements import next_command
from slipway.record.endpoint_items import drop_version
from slipway.release.objections import is_against
from slipway.release.phases import Phase
from slipway.release.release import PhaseRecord, Release
from slipway.release.verdicts import Outcome

STYLE = """
:root { color-scheme: light dark; --good: #177245; --bad: #b3261e; --warn: #8a5a00; --calm: #4a5568; --line: #8884;
  --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #5fd08f; --bad: #ff8a80; --warn: #f2b84b; --calm: #a0aec0; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2.25rem 0 .5rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; } p { margin: .4rem 0; }
.outcome { font-weight: 700; } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.calm { color: var(--calm); } .reason { font-size: 1.05rem; margin: .75rem 0; }
.next { background: var(--soft); border-left: 3px solid var(--calm); padding: .5rem .75rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .35rem .75rem .35rem 0; vertical-align: top;
  border-top: 1px solid var(--line); } td.name { white-space: nowrap; } td.took { text-align: right;
  white-space: nowrap; font-variant-numeric: tabular-nums; } td.when { width: 22%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; } dt { color: var(--calm); }
dd { margin: 0; overflow-wrap: anywhere; } ul { margin: .25rem 0; padding-left: 1.1rem; }
.track { display: block; height: .6rem; margin-top: .4rem; background: var(--soft); }
.bar { display: block; height: 100%; background: currentColor; min-width: 2px; }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"

TONES = {
    None: "calm",
    Outcome.LIVE: "good",
    Outcome.UNCHANGED: "good",
    Outcome.SUPERSEDED: "calm",
    Outcome.ROLLED_BACK: "warn",
    Outcome.REJECTED: "bad",
    Outcome.NEEDS_HUMAN: "bad",
}


def page(release: Release, outcome: Outcome | None, reason: str, now: datetime) -> str:
    """Write the page.

    Args:
        release: with all its phases.
        outcome: how it ended, None while it has not.
        reason: why.
        now: until when a phase lasts that has not ended.
    """
    title = f"{release.endpoint}: {_outcome(outcome)}"
    parts = [
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f"<h1>{escape(_headline(release))}</h1>",
        f'<p class="outcome {TONES[outcome]}">{escape(_outcome(outcome))}</p>',
        f'<p class="reason">{escape(reason)}</p>' if reason else "",
        f'<p class="next">Next: <code>{escape(next_command(release, outcome))}</code></p>',
        "<h2>What happened</h2>",
        _phases(release, now),
        "<h2>What it was about</h2>",
        _facts(release),
    ]
    head = '<!doctype html><html lang="en"><meta charset="utf-8">'
    width = '<meta name="viewport" content="width=device-width">'
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return "\n".join([head, width, policy, *filter(None, parts), "</html>\n"])


def _outcome(outcome: Outcome | None) -> str:
    return outcome.value.replace("_", " ") if outcome else "under way"


def _headline(release: Release) -> str:
    version = drop_version(release.artifact)
    return f"{release.endpoint}, version {version}" if version else f"{release.endpoint}, {release.kind.value}"


def _phases(release: Release, now: datetime) -> str:
    records = sorted(release.phases.values(), key=lambda record: record.started_at)
    spans = [_span(record, now) for record in records]
    begins = min((begin for begin, _ in spans), default=now.timestamp())
    whole = max((end for _, end in spans), default=begins) - begins or 1.0
    rows, said = list[str](), list[str]()
    for record, (begin, end) in zip(records, spans, strict=True):
        is_news = not any(record.reason.endswith(earlier) for earlier in said)
        rows.append(_row(record, record.reason if is_news else "", (begin - begins, end - begin, whole)))
        said += [record.reason] if record.reason else []
    return f"<table>{''.join(rows)}</table>"


def _span(record: PhaseRecord, now: datetime) -> tuple[float, float]:
    """Give when a phase began and ended, in seconds since 1970."""
    begin = datetime.fromisoformat(record.started_at) if record.started_at else now
    end = datetime.fromisoformat(record.ended_at) if record.ended_at else now
    return begin.timestamp(), max(begin, end).timestamp()


def _row(record: PhaseRecord, reason: str, span: tuple[float, float, float]) -> str:
    """Write one phase.

    Args:
        record: what it left behind.
        reason: what it said, empty where an earlier phase said the same.
        span: seconds from the release's begin to its own, seconds that it took, seconds of the whole release.
    """
    after, seconds, whole = span
    tone = "calm" if record.answer is None else "bad" if is_against(record) else "good"
    place = f"margin-left:{min(after / whole, 0.99):.2%};width:{seconds / whole:.2%}"
    findings = (str(finding) for finding in record.findings)
    said = escape(reason) + _list(escape(finding) for finding in findings if finding not in record.reason)
    return (
        f'<tr><td class="name {tone}">{escape(record.phase.state)}</td>'
        f'<td class="took">{escape(_duration(seconds))}</td>'
        f'<td class="when {tone}"><span class="track"><span class="bar" style="{place}"></span></span></td>'
        f"<td>{said}</td></tr>"
    )


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _facts(release: Release) -> str:
    spec, artifact = release.spec, release.artifact
    facts: Sequence[tuple[str, object]] = (
        ("Release", release.id),
        ("Requested", f"{release.requested_at} by {release.requested_by or 'nobody who is known'}"),
        ("Artifact", artifact.uri if artifact else ""),
        ("Version of the object", artifact.version if artifact else ""),
        ("SHA-256", release.fact(Phase.VERIFY_ARTIFACT, "digest")),
        ("Spec", release.spec_source),
        ("Model", release.fact(Phase.CREATE_MODEL, "model")),
        ("Config", release.fact(Phase.CREATE_CONFIG, "config")),
        ("Aborted by", release.aborted_by),
        ("Owner", spec.owner if spec else ""),
    )
    told = [(name, escape(str(value))) for name, value in facts if value]
    told += [(f"Decision at {gate.state}", escape(str(said))) for gate, said in release.decisions.items()]
    told += [(name, _link(address)) for name, address in (spec.links.items() if spec else ())]
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in told) + "</dl>"


def _link(address: str) -> str:
    """Link an address of the spec; the spec's rules let nothing but http and https through."""
    safe = escape(address)
    return f'<a rel="noreferrer" href="{safe}">{safe}</a>' if address.startswith(("https://", "http://")) else safe
