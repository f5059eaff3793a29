"""Questions worth asking, made from the thread itself: examples to start with, follow-ups after an answer."""

from collections import Counter

from ingest.thread import Thread
from rag.evidence import Answer
from ui.markup import shown_name
from ui.people import exchanges

__all__ = ["examples", "follow_ups"]


def examples(thread: Thread) -> tuple[str, ...]:
    """Return up to three questions that the thread can answer: a person's view, an exchange, a count."""
    counts = Counter(comment.author for comment in thread.visible if comment.author is not None)
    asked = []
    if counts:
        asked.append(f"What does {shown_name(counts.most_common(1)[0][0])} say?")
    pairs = exchanges(thread)
    if pairs:
        (by, to), _ = pairs.most_common(1)[0]
        asked.append(f"What does {shown_name(by)} reply to {shown_name(to)}?")
    if len(thread.visible) > 1:
        asked.append("Who wrote the most comments?")
    if thread.article.text and len(asked) < 3:
        asked.append("What does the article say?")
    return tuple(asked[:3])


def follow_ups(answer: Answer, thread: Thread) -> tuple[str, ...]:
    """Return two questions that lead on: from the people cited, or from the nearest evidence of a declined answer."""
    asked = answer.question.strip().lower()
    cited = [c.author for claim in answer.claims for c in claim.citations] if not answer.abstained else []
    people = [name for name in [*cited, *(hit.author for hit in answer.evidence)] if name is not None]
    replied = Counter(to for _, to in exchanges(thread))
    out = []
    for author in dict.fromkeys(people):
        name = shown_name(author)
        out += [f"What else does {name} say?"] if not answer.abstained else [f"What does {name} say?"]
        if replied[author]:
            out.append(f"Who replied to {name}?")
        if len(out) >= 3:
            break
    out.append("Who wrote the most comments?")
    return tuple(question for question in dict.fromkeys(out) if question.lower() != asked)[:2]
