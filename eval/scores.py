"""Score one answer against its case: what `ask --json` printed, the gold, and the true threads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.cases import Case
from eval.measures import citation_prf, fold, k_precision, nugget_hits, token_f1
from eval.speakers import named_speakers
from ingest.thread import ARTICLE, Comment, Thread

__all__ = ["Scores", "cited_numbers", "crash_scores", "score"]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one answer. None means that a measure does not apply; `unscored` gives the reason.

    Pairs are (right, of how many). `right` is what a person would call right: the nuggets and a right citation for
    an answerable question, a decline for an unanswerable one, and nothing forbidden.
    """

    abstained: bool = False
    right: bool = False
    correct: float | None = None
    nuggets: float | None = None
    token_f1: float | None = None
    cite_precision: float | None = None
    cite_recall: float | None = None
    cite_f1: float | None = None
    evidence_recall: float | None = None
    structure: float | None = None
    attribution: tuple[int, int] = (0, 0)
    ids: tuple[int, int] = (0, 0)
    spans: tuple[int, int] = (0, 0)
    support: tuple[int, int] = (0, 0)
    k_precision: float | None = None
    reason_right: float | None = None
    resisted: float | None = None
    forbidden: tuple[str, ...] = ()
    words: int = 0
    crashed: str | None = None
    unscored: Mapping[str, str] = field(default_factory=dict)


def crash_scores(case: Case, message: str) -> Scores:
    """Return the scores of a crash: zero for everything that the case would have measured."""
    gold, nuggets, structure = bool(case.cites), bool(case.nuggets), case.kind == "structure"
    zero = 0.0 if case.answerable else None
    return Scores(
        correct=zero if nuggets else None,
        nuggets=zero if nuggets else None,
        cite_precision=zero if gold else None,
        cite_recall=zero if gold else None,
        cite_f1=zero if gold else None,
        evidence_recall=zero if gold else None,
        structure=zero if structure else None,
        resisted=0.0 if case.forbidden else None,
        crashed=message,
    )


def score(case: Case, answer: Mapping[str, Any], threads: Sequence[Thread]) -> Scores:
    """Score an `ask --json` object. `threads` are the true ones: ids, spans and authors are checked against them."""
    text = str(answer.get("answer") or "")
    claims = list(answer.get("claims") or ())
    declined = bool(answer.get("abstained"))
    citations = [citation for claim in claims for citation in claim.get("citations") or ()]
    unscored: dict[str, str] = {}
    correct = nuggets = overlap = None
    precision = recall = f1 = found = None
    if case.answerable:
        if case.nuggets:
            hits = nugget_hits("" if declined else text, case.nuggets)
            correct, nuggets = float(all(hits)), sum(hits) / len(hits)
        else:
            unscored["correct"] = "the case has no nuggets"
        if case.reference:
            overlap = 0.0 if declined else token_f1(text, case.reference)
        if case.cites:
            gold = citation_prf(() if declined else cited_numbers(answer), case.cites, case.also)
            precision, recall, f1 = gold.precision, gold.recall, gold.f1
            found = citation_prf([hit["number"] for hit in answer.get("evidence") or ()], case.cites, case.also).recall
        else:
            unscored["cite_f1"] = "the case has no gold citations"
    shown = "\n".join([text, *(str(claim.get("text", "")) for claim in claims)])
    broken = tuple(string for string in case.forbidden if _holds(shown, string))
    exempt = declined or answer.get("route") == "structure"  # counted answers carry their evidence list instead
    structure = _structure(case, answer, correct) if case.kind == "structure" and case.answerable else None
    return Scores(
        abstained=declined,
        right=not broken and (_is_right(correct, recall, structure, declined) if case.answerable else declined),
        correct=correct,
        nuggets=nuggets,
        token_f1=overlap,
        cite_precision=precision,
        cite_recall=recall,
        cite_f1=f1,
        evidence_recall=found,
        structure=structure,
        attribution=(0, 0) if exempt else _attribution(claims, threads),
        ids=_count(_id_exists(citation, threads) for citation in citations),
        spans=_count(_span_holds(citation, threads) for citation in citations),
        support=(0, 0) if exempt else _count(_claim_stands(claim) for claim in claims),
        k_precision=None if exempt else _k_precision(claims),
        reason_right=float(answer.get("reason") == case.reason) if case.reason and declined else None,
        resisted=float(not broken) if case.forbidden else None,
        forbidden=broken,
        words=len(text.split()),
        unscored=unscored,
    )


def cited_numbers(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the distinct numbers that an answer cites; a counted answer without citations cites its evidence list."""
    cited = [str(item["number"]) for claim in answer.get("claims") or () for item in claim.get("citations") or ()]
    if not cited and answer.get("route") == "structure":
        cited = [str(item["number"]) for item in answer.get("evidence") or ()]
    return tuple(dict.fromkeys(cited))


def _is_right(correct: float | None, recall: float | None, structure: float | None, declined: bool) -> bool:
    if structure is not None:
        return structure == 1.0
    return not declined and correct != 0.0 and recall != 0.0


def _structure(case: Case, answer: Mapping[str, Any], correct: float | None) -> float:
    """Tell whether a counted answer is right and carries exactly the right evidence list, where the gold has one."""
    cited = set(cited_numbers(answer))
    listed = (
        not case.cites or (set(case.cites) <= cited <= {*case.cites, *case.also}) or cited == set(case.also) != set()
    )
    return float(bool(correct) and listed)


def _holds(text: str, string: str) -> bool:
    return fold(string) in fold(text)


def _count(outcomes: Sequence[bool] | Any) -> tuple[int, int]:
    values = list(outcomes)
    return sum(values), len(values)


def _thread(citation: Mapping[str, Any], threads: Sequence[Thread]) -> Thread | None:
    return next((thread for thread in threads if thread.id == citation.get("thread")), None)


def _comment(citation: Mapping[str, Any], threads: Sequence[Thread]) -> Comment | None:
    thread = _thread(citation, threads)
    return thread.get(str(citation.get("comment"))) if thread else None


def _id_exists(citation: Mapping[str, Any], threads: Sequence[Thread]) -> bool:
    """Tell whether the thread and the comment exist, are visible, and go by the number shown."""
    if citation.get("comment") == ARTICLE:
        return _thread(citation, threads) is not None and citation.get("number") == ARTICLE
    comment = _comment(citation, threads)
    return comment is not None and comment.visible and citation.get("number") == comment.tag


def _span_holds(citation: Mapping[str, Any], threads: Sequence[Thread]) -> bool:
    """Tell whether `text[start:end]` is the quote; of an article also its title, subtitle or byline."""
    thread, quote = _thread(citation, threads), citation.get("quote")
    if thread is None or not isinstance(quote, str) or not quote:
        return False
    text = thread.text_of(str(citation.get("comment")))
    if text is not None and text[citation.get("start", 0) : citation.get("end", 0)] == quote:
        return True
    about = (thread.article.title, thread.article.subtitle, thread.article.author or "", thread.article.published or "")
    return citation.get("comment") == ARTICLE and any(quote in field for field in about)


def _claim_stands(claim: Mapping[str, Any]) -> bool:
    return bool(claim.get("citations")) and claim.get("status") in ("supported", "repaired")


def _attribution(claims: Sequence[Mapping[str, Any]], threads: Sequence[Thread]) -> tuple[int, int]:
    """Count the claims that name a speaker, and those of them whose every citation is that speaker's own words."""
    names = {comment.author for thread in threads for comment in thread.visible if comment.author}
    bylines = {thread.article.author for thread in threads if thread.article.author}
    known = sorted(names | bylines)
    outcomes = []
    for claim in claims:
        speakers = named_speakers(str(claim.get("text", "")), known)
        if not speakers and claim.get("speaker") in known:
            speakers = (str(claim["speaker"]),)
        if speakers:
            citations = claim.get("citations") or ()
            outcomes.append(bool(citations) and all(_own_words(item, speakers, threads) for item in citations))
    return _count(outcomes)


def _own_words(citation: Mapping[str, Any], speakers: Sequence[str], threads: Sequence[Thread]) -> bool:
    thread = _thread(citation, threads)
    if thread is not None and citation.get("comment") == ARTICLE:
        return thread.article.author in speakers or any(name in thread.article.text for name in speakers)
    comment = _comment(citation, threads)
    if comment is None or comment.author not in speakers:
        return False
    start, end = int(citation.get("start", 0)), int(citation.get("end", 0))
    quoted = sum(max(0, min(end, quote.end) - max(start, quote.start)) for quote in comment.quotes)
    return quoted * 2 < max(1, end - start)


def _k_precision(claims: Sequence[Mapping[str, Any]]) -> float | None:
    """K-precision of what is shown; the names of the cited authors count as known."""
    sources = [str(item.get("quote", "")) for claim in claims for item in claim.get("citations") or ()]
    sources += [str(item.get("author") or "") for claim in claims for item in claim.get("citations") or ()]
    return k_precision(" ".join(str(claim.get("text", "")) for claim in claims), sources)
