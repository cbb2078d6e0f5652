"""The report of a release as one page: no script, nothing from elsewhere, fit to be kept, mailed and printed.

Much of what it shows was written by whoever dropped the model, so every text is escaped, and the page itself forbids
the browser to run or load anything.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from slipway.record.announcements import next_command
from slipway.record.durations import duration, read
from slipway.record.endpoint_items import drop_version
from slipway.record.progress import Line, lines
from slipway.release.phases import Phase
from slipway.release.release import Release
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

MARKS = {"✔": "good", "✖": "bad"}

TONES = {
    None: "calm",
    Outcome.LIVE: "good",
    Outcome.UNCHANGED: "good",
    Outcome.SUPERSEDED: "calm",
    Outcome.ROLLED_BACK: "warn",
    Outcome.REJECTED: "bad",
    Outcome.NEEDS_HUMAN: "bad",
}


def page(release: Release, outcome: Outcome | None, reason: str, now: datetime, home: str = "") -> str:
    """Write the page.

    Args:
        release: with all its phases.
        outcome: how it ended, None while it has not.
        reason: why.
        now: until when a phase lasts that has not ended.
        home: address of the page that it is one of; none where it stands alone.
    """
    title = f"{release.endpoint}: {_outcome(outcome)}"
    parts = [
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<p><a href="{escape(home)}">← All endpoints</a></p>' if home else "",
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
    told = lines(release, now)
    begins = [(read(line.started_at) if line.started_at else now).timestamp() for line in told]
    first = min(begins, default=0.0)
    whole = max((begin + line.seconds for begin, line in zip(begins, told, strict=True)), default=first) - first or 1.0
    rows = (_row(line, (begin - first) / whole, line.seconds / whole) for begin, line in zip(begins, told, strict=True))
    return f"<table>{''.join(rows)}</table>"


def _row(line: Line, after: float, share: float) -> str:
    """Write one phase.

    Args:
        line: what it left behind.
        after: share of the whole release's time that had passed when it began.
        share: share of that time that it took.
    """
    tone = MARKS.get(line.mark, "calm")
    place = f"margin-left:{min(after, 0.99):.2%};width:{share:.2%}"
    return (
        f'<tr><td class="name {tone}">{escape(line.phase.state)}</td>'
        f'<td class="took">{escape(duration(line.seconds))}</td>'
        f'<td class="when {tone}"><span class="track"><span class="bar" style="{place}"></span></span></td>'
        f"<td>{escape(line.reason)}{_list(escape(str(finding)) for finding in line.findings)}</td></tr>"
    )


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
    told += [
        (f"SHA-256 of {part['artifact']}", escape(part["digest"]))
        for part in release.fact(Phase.VERIFY_ARTIFACT, "parts", [])
    ]
    told += [(f"Decision at {gate.state}", escape(str(said))) for gate, said in release.decisions.items()]
    told += [(name, _link(address)) for name, address in (spec.links.items() if spec else ())]
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in told) + "</dl>"


def _link(address: str) -> str:
    """Link an address of the spec; the spec's rules let nothing but http and https through."""
    safe = escape(address)
    return f'<a rel="noreferrer" href="{safe}">{safe}</a>' if address.startswith(("https://", "http://")) else safe
