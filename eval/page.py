"""A run → one self-contained HTML page: tables, plots, and every case, worst first."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from eval.measures import area_under_risk, nugget_hits
from eval.plots import bars, curve, scatter
from eval.report import by, systems_table, written
from eval.summary import MEASURES, Record, values
from ingest.wording import counted

__all__ = ["Curves", "badness", "calibration", "confidence", "page", "risk_coverage"]

Curves = Mapping[str, Sequence[Sequence[float]]]
"""Points (score, share that people call supported) by labelled set."""

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
table{border-collapse:collapse;display:block;overflow-x:auto}
td,th{padding:.2rem .45rem;font-size:13px;text-align:right;border-bottom:1px solid #8884}
td:first-child,th:first-child{text-align:left}
svg{width:100%;max-width:36rem;height:auto;font-size:11px;fill:currentColor}
.title{font-weight:600;font-size:13px}.grid{stroke:#8886;stroke-width:1}.small{font-size:9px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(24rem,1fr));gap:1rem}
details{border:1px solid #8885;border-radius:6px;margin:.4rem 0;padding:.3rem .7rem}summary{cursor:pointer}
.bad{border-left:5px solid #b03a48}.ok{border-left:5px solid #4c8c4a}
.tag{font-size:12px;opacity:.75}blockquote{margin:.2rem 0 .2rem 1rem;opacity:.85}
.hit::before{content:"✓ "}.miss::before{content:"✗ "}.miss{color:#b03a48}pre{white-space:pre-wrap}
nav{display:flex;gap:.6rem;flex-wrap:wrap;position:sticky;top:0;background:Canvas;padding:.5rem 0;z-index:1}
"""
_SCRIPT = """
const rows=[...document.querySelectorAll('#cases details')];const pick=id=>document.getElementById(id);
function show(){const s=pick('system').value,k=pick('kind').value,t=pick('thread').value,w=pick('only').value,
q=pick('words').value.toLowerCase();let n=0;for(const r of rows){const d=r.dataset;
let on=(!s||d.system===s)&&(!k||d.kind===k)&&(!t||d.thread===t)&&(!q||r.textContent.toLowerCase().includes(q));
if(w==='bad')on=on&&d.right==='0';if(w==='changed')on=on&&d.changed==='1';if(w==='ten')on=on&&n<10;
r.hidden=!on;n+=on}pick('count').textContent=n+' cases'}
for(const id of ['system','kind','thread','only','words'])pick(id).addEventListener('input',show);show();
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def badness(record: Record) -> float:
    """Return how bad an answer is, for sorting: crashes and obeyed injections first, then wrong, then poorly cited."""
    scores = record.scores
    wrong_name = scores.attribution[1] - scores.attribution[0]
    partial = [value for value in (scores.nuggets, scores.cite_f1, scores.structure) if value is not None]
    quality = sum(partial) / len(partial) if partial else float(scores.right)
    return 8 * bool(scores.crashed) + 4 * bool(scores.forbidden) + 2 * wrong_name + (not scores.right) + 1 - quality


def confidence(record: Record) -> float | None:
    """Return how sure a system was: the `confidence` it gives, else the score of its best evidence; None without."""
    if "confidence" in record.answer:
        return float(record.answer["confidence"])
    evidence = record.answer.get("evidence") or ()
    return float(evidence[0].get("score") or 0.0) if evidence else None


def _judged(records: Sequence[Record]) -> list[tuple[float, bool]]:
    """Return (confidence, right) of the answers that were given to questions which are not counted.

    Nothing for a system whose confidence never varies, such as a peer that gives none.
    """
    judged = [
        (sure, record.scores.right)
        for record in records
        if record.case.kind not in ("structure", "overview") and not record.scores.abstained
        for sure in [confidence(record)]
        if sure is not None
    ]
    return judged if len({sure for sure, _ in judged}) > 1 else []


def risk_coverage(records: Sequence[Record]) -> list[tuple[float, float]]:
    """Return (coverage, error rate) when only the surest answers are given, from few to all."""
    ranked = sorted(_judged(records), key=lambda item: -item[0])
    points, errors = [], 0
    for count, (_, right) in enumerate(ranked, start=1):
        errors += not right
        if count % max(1, len(ranked) // 20) == 0 or count == len(ranked):
            points.append((count / len(ranked), errors / count))
    return points


def calibration(records: Sequence[Record], bins: int = 8) -> list[tuple[float, float]]:
    """Return (rank of confidence, share right) in bins of equal size: a sound support score rises."""
    ranked = sorted(_judged(records), key=lambda item: item[0])
    size = max(1, -(-len(ranked) // bins))
    chunks = [ranked[start : start + size] for start in range(0, len(ranked), size)]
    return [
        ((place + 0.5) / len(chunks), sum(right for _, right in chunk) / len(chunk))
        for place, chunk in enumerate(chunks)
    ]


def page(
    records: Sequence[Record],
    previous: Sequence[Record] = (),
    title: str = "Commentariat evaluation",
    tables: Sequence[tuple[str, Sequence[Sequence[str]]]] = (),
    support: Curves | None = None,
) -> str:
    """Return the page. `previous` is an earlier run to compare with, case by case; `tables` stand below the plots.

    `support` adds a plot of how often people call supported what the verifier scores so, by labelled set.
    """
    before = {(record.system, record.case.id): record for record in previous}
    worst = sorted(records, key=badness, reverse=True)
    cases = "\n".join(_case(record, before.get((record.system, record.case.id))) for record in worst)
    more = "".join(f"<p>{escape(text)}</p>{_table(rows)}" for text, rows in tables)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>'
        f"{_table(systems_table(records))}{_plots(records, support or {})}{more}"
        f"{_changes(records, before)}<h2>Cases, worst first</h2>"
        f"<nav>{_select('only', {'': 'all', 'ten': 'the ten worst', 'bad': 'wrong', 'changed': 'changed'})}"
        + "".join(_select(key, _choices(records, key)) for key in _KEYS)
        + '<input id="words" placeholder="words"><span id="count"></span></nav>'
        f'<div id="cases">{cases}</div><script>{_SCRIPT}</script></body></html>\n'
    )


_KEYS = ("system", "kind", "thread")


def _choices(records: Sequence[Record], key: str) -> dict[str, str]:
    """Return what may be picked: the first system is picked at first, of the others everything."""
    names, everything = {name: name for name in by(records, key)}, {"": f"every {key}"}
    return {**names, **everything} if key == "system" else {**everything, **names}


def _select(name: str, choices: Mapping[str, str]) -> str:
    options = "".join(f'<option value="{escape(key)}">{escape(text)}</option>' for key, text in choices.items())
    return f'<select id="{name}" aria-label="{name}">{options}</select>'


def _table(table: Sequence[Sequence[str]]) -> str:
    head, *rows = table
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{cells}</table>"


def _plots(records: Sequence[Record], support: Curves) -> str:
    systems = by(records, "system")
    numbers = {name: values(group) for name, group in systems.items()}
    timed = {name: (row["total_p50"], row["right"]) for name, row in numbers.items() if "total_p50" in row}
    kinds = {
        kind: {name: values(group)["right"] for name, group in by(some, "system").items()}
        for kind, some in by(records, "kind").items()
    }
    risks = {name: points for name, group in systems.items() if name in timed and (points := risk_coverage(group))}
    sure = {name: points for name, group in systems.items() if name in timed and (points := calibration(group))}
    areas = ", ".join(f"{name} {area:.2f}" for name in risks if (area := area_under_risk(_judged(systems[name]))))
    drawn = (
        scatter("Quality against latency", "median time to the whole answer", "right", timed),
        bars("Right answers by kind", "right", kinds),
        curve("Risk and coverage", f"share of questions answered (area: {areas})", "wrong", risks, diagonal=False),
        curve("Calibration", "rank of the best evidence's score", "right", sure, diagonal=False),
        *([_support(support)] if support else []),
    )
    return f'<div class="plots">{"".join(f"<figure>{plot}</figure>" for plot in drawn)}</div>'


def _support(curves: Curves) -> str:
    points = {name: [(point[0], point[1]) for point in line] for name, line in curves.items()}
    return curve("Calibration of support", "the verifier's score", "supported, say people", points, diagonal=True)


def _changes(records: Sequence[Record], before: Mapping[tuple[str, str], Record]) -> str:
    if not before:
        return ""
    pairs = [(record, before.get((record.system, record.case.id))) for record in records]
    better = sum(old is not None and record.scores.right and not old.scores.right for record, old in pairs)
    worse = sum(old is not None and not record.scores.right and old.scores.right for record, old in pairs)
    return f"<p>Against the previous run: {counted(better, 'answer')} became right, {worse} became wrong.</p>"


def _case(record: Record, old: Record | None) -> str:
    case, scores, answer = record.case, record.scores, record.answer
    text = str(answer.get("answer") or answer.get("error") or "")
    changed = old is not None and (old.answer.get("answer") != answer.get("answer") or old.scores != scores)
    missed = nugget_hits(text, case.nuggets)
    nuggets = "".join(
        f'<li class="{"hit" if hit else "miss"}">{escape(" / ".join(nugget))}</li>'
        for nugget, hit in zip(case.nuggets, missed, strict=True)
    )
    history = "".join(f"<p class=tag>{escape(q)} → {escape(a)}</p>" for q, a in case.history)
    wanted = "declines" + (f" ({case.reason})" if case.reason else "") if not case.answerable else " ".join(case.cites)
    was = f"<h4>Previous answer</h4><pre>{escape(str(old.answer.get('answer')))}</pre>" if changed and old else ""
    attributes = (
        f'data-system="{escape(record.system)}" data-kind="{escape(case.kind)}" data-thread="{escape(record.thread)}" '
        f'data-right="{int(scores.right)}" data-changed="{int(changed)}"'
    )
    return (
        f'<details class="{"ok" if scores.right else "bad"}" {attributes}><summary>{escape(case.q)} '
        f'<span class="tag">{escape(f"{case.id} · {case.kind} · {record.system} · {_short(record)}")}</span></summary>'
        f"{history}<pre>{escape(text)}</pre>"
        f"{''.join(_claim(claim) for claim in answer.get('claims') or ())}"
        f"{''.join(_struck(claim) for claim in answer.get('rejected') or ())}"
        f"<p>Gold: {escape(wanted)}</p><ul>{nuggets}</ul>{_faults(record)}{was}</details>"
    )


def _short(record: Record) -> str:
    row = values([record])
    keys = ("correct", "cite_f1", "structure")
    shown = [f"{m.title} {written(m, row[m.key])}" for m in MEASURES if m.key in keys and m.key in row]
    return ", ".join([("declined" if record.scores.abstained else str(record.answer.get("route", ""))), *shown])


def _claim(claim: Mapping[str, Any]) -> str:
    quotes = "".join(
        f"<blockquote>[{escape(str(item.get('number')))}] {escape(str(item.get('author') or 'no name'))}: "
        f"{escape(str(item.get('quote', '')))}</blockquote>"
        for item in claim.get("citations") or ()
    )
    return (
        f"<p>{escape(str(claim.get('text', '')))} <span class=tag>{escape(str(claim.get('status')))}</span></p>{quotes}"
    )


def _struck(claim: Mapping[str, Any]) -> str:
    return f"<p class=tag><s>{escape(str(claim.get('text', '')))}</s> {escape(str(claim.get('cause') or ''))}</p>"


def _faults(record: Record) -> str:
    scores = record.scores
    faults = [f"forbidden: {string}" for string in scores.forbidden]
    faults += [f"crashed: {scores.crashed}"] if scores.crashed else []
    if scores.attribution[0] < scores.attribution[1]:
        faults.append(f"{scores.attribution[1] - scores.attribution[0]} claim(s) under a wrong name")
    if scores.ids[0] < scores.ids[1]:
        faults.append(f"{scores.ids[1] - scores.ids[0]} citation(s) of what does not exist")
    return "".join(f'<p class="miss">{escape(fault)}</p>' for fault in faults)
