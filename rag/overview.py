"""Overviews: every branch of the discussion, not the top few passages. Pure; the words are the people's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.thread import ARTICLE, Comment, Thread
from ingest.wording import counted
from rag.citing import cite_comment, cite_hit, quoted, voice
from rag.evidence import Claim, Hit, Passage
from rag.feeling import feeling
from rag.lexical import terms
from rag.salience import Salience
from rag.scope import Within, place_of

__all__ = ["article_points", "branch_claims", "headline", "points"]

_BRANCHES = 8
_REPLIES = 2
_ALONE = 12
"""So many comments that nobody answered are quoted at most, one less a branch; the headline cites all."""
_AT_LEAST = 4
"""So many of them however many branches there are, and so many openings of branches beyond the largest."""
_READ = 300
"""With more comments that nobody answered, how they sound is not looked at."""
_NAMED = 3
_OF_ARTICLE = 4
"""As many passages of the article are told where it alone is asked about."""


def points(thread: Thread, passages: Sequence[Passage], *, branches: int = _BRANCHES) -> list[Hit]:
    """Return what to tell of a thread, in reading order: the article's point, then the branches, largest first.

    Of each branch its root and up to two replies by other people; beyond `branches`, the root alone, and of the many
    that nobody answered those that weigh most, by words and votes, one a person.
    """
    salience = Salience(passages)
    by_comment: dict[str, list[Passage]] = {}
    for passage in passages:
        by_comment.setdefault(passage.comment_id, []).append(passage)
    told = [salience.hit(thread, _beyond_title(thread, by_comment.get(ARTICLE, ())))]
    alone: list[tuple[Comment, Hit]] = []
    every = _branches(thread)
    talks = sum(len(branch) > 1 for branch in every)
    for rank, branch in enumerate(every):
        root = next((comment for comment in branch if comment.id in by_comment), None)
        hit = salience.hit(thread, by_comment[root.id]) if root is not None else None
        if root is None or hit is None:
            continue
        if len(branch) == 1:
            alone.append((root, hit))
        elif rank < branches + _AT_LEAST:
            told.append(hit)
            told += _replies(thread, branch, root, by_comment, salience) if rank < branches else []
    return [hit for hit in (*told, *_weightiest(alone, _room(talks))) if hit is not None]


def _beyond_title(thread: Thread, passages: Sequence[Passage]) -> Sequence[Passage]:
    """Return the first two passages of an article, without the sentences that only repeat its title."""
    title = set(terms(thread.title))
    first = []
    for passage in passages[:2]:
        saying = tuple(span for span in passage.sentences if not set(terms(passage.at(span))) <= title)
        if saying:
            first.append(replace(passage, sentences=saying))
    return first or passages[:2]


def _room(talks: int) -> int:
    """Return how many comments that nobody answered are quoted beside so many branches."""
    return max(_AT_LEAST, _ALONE - talks)


def _weightiest(alone: Sequence[tuple[Comment, Hit]], most_told: int) -> list[Hit]:
    """Return the weightiest of the comments that nobody answered, one a person, in their order.

    Words that judge weigh more than words that tell a story.
    """
    if len(alone) <= most_told:
        return [hit for _, hit in alone]
    most = max((comment.score or 0 for comment, _ in alone), default=0)
    liked = {hit.source: max(0, comment.score or 0) / most if most > 0 else 0.0 for comment, hit in alone}
    judging = {
        hit.source: abs(feeling(hit.passage.at(hit.sentence))) / 2 if len(alone) <= _READ else 0.0 for _, hit in alone
    }
    weight = {hit.source: hit.score * (1 + liked[hit.source]) * (1 + judging[hit.source]) for _, hit in alone}
    people: set[str] = set()
    chosen: list[Hit] = []
    for comment, hit in sorted(alone, key=lambda one: -weight[one[1].source]):
        if len(chosen) < most_told and (comment.author is None or comment.author not in people):
            people.add(comment.author or "")
            chosen.append(hit)
    return [hit for _, hit in alone if hit in chosen]


def article_points(thread: Thread, passages: Sequence[Passage]) -> list[Hit]:
    """Return the article's opening and its weightiest sentences, at most one a passage, in reading order."""
    salience = Salience(passages)
    found = [salience.hit(thread, [passage]) for passage in passages if passage.comment_id == ARTICLE]
    hits = [hit for hit in found if hit is not None]
    best = sorted(hits[1:], key=lambda hit: -hit.score)[: _OF_ARTICLE - 1]
    return [hit for hit in hits if hit is hits[0] or hit in best]


def _branches(thread: Thread) -> list[list[Comment]]:
    """Return the top-level branches with their visible comments in order, the largest branch first."""
    branches = []
    for root in thread.children(None):
        below = [comment for _, comment in thread.walk(root.id) if comment.visible]
        branches.append([root, *below] if root.visible else below)
    return sorted((branch for branch in branches if branch), key=len, reverse=True)


def _replies(
    thread: Thread,
    branch: Sequence[Comment],
    root: Comment,
    by_comment: Mapping[str, list[Passage]],
    salience: Salience,
) -> list[Hit]:
    """Choose the weightiest replies of a branch, one a person, the root's author last; in document order."""
    scored = []
    for place, comment in enumerate(branch):
        hit = salience.hit(thread, by_comment.get(comment.id, ())) if comment.id != root.id else None
        if hit is not None:
            weight = hit.score * (1.0 + 0.2 * len(thread.children(comment.id)))
            scored.append((comment.author == root.author, -weight, place, comment, hit))
    chosen: list[tuple[int, Hit]] = []
    people: set[str | None] = set()
    for _, _, place, comment, hit in sorted(scored, key=lambda item: item[:3]):
        if len(chosen) < _REPLIES and (comment.author is None or comment.author not in people):
            people.add(comment.author)
            chosen.append((place, hit))
    return [hit for _, hit in sorted(chosen, key=lambda item: item[0])]


def headline(thread: Thread, within: Within | None = None) -> Claim:
    """Count what there is: comments, people, branches; the top-level comments are the evidence.

    Where a scope lets in some of the comments, they are counted against the rest.
    """
    comments = thread.visible
    asked = [comment for comment in comments if within is None or within.admits(thread.id, comment.id)]
    if len(asked) < len(comments):
        return _part(thread, asked)
    named = len({comment.author for comment in comments if comment.author})
    unnamed = sum(comment.author is None for comment in comments)
    roots = [comment for comment in thread.children(None) if comment.visible]
    people = counted(named, "named person", "named people")
    if unnamed:
        people += f" and {counted(unnamed, 'comment')} without a name"
    file = place_of([thread])
    sizes = [len(branch) for branch in _branches(thread)]
    lone, talks = sizes.count(1), len(sizes) - sizes.count(1)
    parts = [
        *(["the largest branches"] if talks > _BRANCHES + _AT_LEAST else ["the branches"] if talks else []),
        *([f"the weightiest of the {lone} comments that nobody answered"] if lone > _room(talks) else []),
    ]
    quoted_alone = f" Quoted are {' and '.join(parts)}." if talks > _BRANCHES + _AT_LEAST or lone > _room(talks) else ""
    text = (
        f"{thread.title}: {counted(len(comments), 'comment')}{file} by {people}, "
        f"in {counted(len(roots), 'branch', 'branches')}.{quoted_alone}"
    )
    return Claim(text=text, citations=tuple(cite_comment(thread, comment) for comment in roots if comment.body.strip()))


def _part(thread: Thread, asked: Sequence[Comment]) -> Claim:
    """Count the comments asked about against the rest."""
    names = [name or "somebody without a name" for name in dict.fromkeys(comment.author for comment in asked)]
    people = f" by {', '.join(names)}" if len(names) <= _NAMED else ""
    text = f"{thread.title}: {len(asked)} of the {len(thread.visible)} comments{place_of([thread])}{people}."
    return Claim(text=text, citations=tuple(cite_comment(thread, comment) for comment in asked if comment.body.strip()))


def branch_claims(threads: Mapping[str, Thread], hits: Sequence[Hit]) -> list[Claim]:
    """Word each point: who opens a branch, who answers whom, in their own words."""
    claims = []
    for hit in hits:
        thread = threads[hit.passage.thread_id]
        citation = cite_hit(threads, hit)
        comment = thread.get(citation.comment)
        parent = thread.parent(comment) if comment else None
        lead = voice(citation)
        if comment is not None and parent is not None and parent.visible:
            whom = parent.author or f"the commenter without a name ({parent.tag})"
            lead += " adds" if parent.author and parent.author == comment.author else f" answers {whom}"
        elif comment is not None:
            below = sum(1 for _, reply in thread.walk(comment.id) if reply.visible)
            lead += f" opens a branch of {below + 1} comments" if below else " comments"
        claims.append(Claim(text=f"{lead}: {quoted(citation.quote)}", citations=(citation,), speaker=citation.author))
    return claims
