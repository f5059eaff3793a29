"""A question and the turns before it → `Query`: kind, people, scope, and how it reads on its own. No model, pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.thread import Thread
from rag.absent import absent_names, with_strangers
from rag.evidence import Scope, Turn
from rag.focus import answers_to, comments_about
from rag.followup import Resolution, resolve
from rag.kinds import kind_of, part_of
from rag.lexical import terms
from rag.names import Roster, fold, merged
from rag.query import Kind, Query, StructureAsk
from rag.reactions import answering, authors_of, wants_reactions
from rag.references import Marked, Reference, mark
from rag.roles import Roles, roles
from rag.structure_parse import parse
from rag.structure_quotes import source_ask
from rag.voices import subject_words
from rag.words import FUNCTION

__all__ = ["Kind", "Query", "StructureAsk", "understand"]

_MOST_CANDIDATES = 8
_EVERYWHERE = Scope()


def understand(
    question: str, history: Sequence[Turn] = (), threads: Sequence[Thread] = (), scope: Scope = _EVERYWHERE
) -> Query:
    """Understand a question about `threads` after the turns of `history`.

    `speakers`, `addressees` and `scope.authors` hold names as the source spells them (`UNNAMED` for comments without
    one). Where both speakers and addressees are given, `focus` holds the replies of the ones to the others, and an
    empty one means that there is none.
    """
    inside = [thread for thread in threads if not scope.thread_ids or thread.id in scope.thread_ids]
    titled = _titled(question, inside)
    if titled:
        inside, scope = titled, replace(scope, thread_ids=tuple(thread.id for thread in titled))
    people = merged(inside)
    source = source_ask(question, inside)
    if source is not None:
        form = (question.strip(),)
        return Query(question, question, form, "structure", scope=scope, structure=source)
    resolution = resolve(question, history, people, inside)
    if resolution.about:
        return _about_the_answer(question, resolution, history, scope)
    marked = mark(resolution.text, people, inside, resolution.focus)
    marked, pointed = _with_topics(marked, inside)
    titles = _title_words(inside)
    found = _Found(question, resolution, marked, people, inside, scope)
    ask, absent = parse(marked, titles), marked.missing
    known, strangers = with_strangers(marked, inside) if ask is None else (marked, ())
    if strangers:
        ask, absent = parse(known, titles), (*strangers, *absent)
    if ask is not None and (resolution.among or resolution.among_people):
        ask = replace(ask, among=resolution.among, by=ask.by or resolution.among_people)
    if ask is not None:
        return _structural(found, ask, absent, history)
    return _content(found, kind_of(known.text), pointed, history)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was understood before the kind is known."""

    question: str
    resolution: Resolution
    marked: Marked
    people: Roster
    threads: Sequence[Thread]
    scope: Scope

    @property
    def ambiguous(self) -> tuple[str, ...]:
        """Return the candidates where a name fits several people."""
        names = (name for one in self.marked.people if len(one.names) > 1 for name in one.names)
        return tuple(dict.fromkeys(names))[:_MOST_CANDIDATES]


def _about_the_answer(question: str, resolution: Resolution, history: Sequence[Turn], scope: Scope) -> Query:
    """Ask for the comments that the last answer rests on, or for who wrote them."""
    ids = resolution.focus
    ask = StructureAsk("whole", ids=ids) if resolution.about == "whole" else StructureAsk("list", "people", ids=ids)
    forms = _searches(question, resolution, history)
    return Query(question, question, forms, "structure", scope=scope, structure=ask, focus=ids)


def _structural(found: _Found, ask: StructureAsk, absent: tuple[str, ...], history: Sequence[Turn]) -> Query:
    return Query(
        question=found.question,
        resolved=found.resolution.text,
        searches=_searches(found.question, found.resolution, history),
        before=_before(found.question, history),
        kind="structure",
        speakers=ask.by,
        addressees=ask.to,
        absent=absent,
        ambiguous=found.ambiguous,
        scope=found.scope,
        structure=ask,
        focus=tuple(dict.fromkeys((*ask.ids, *ask.to_comments))),
    )


def _content(found: _Found, kind: Kind, pointed: tuple[str, ...], history: Sequence[Turn]) -> Query:
    text = found.marked.text
    who = roles(found.marked, kind)
    # Where nobody knows who wrote the article, its author may be among the commenters.
    part = part_of(text if found.marked.article_authors else text.replace("A0", "somebody"))
    absent = absent_names(found.marked, found.threads)
    bylines = {thread.article.author for thread in found.threads}
    if bylines.intersection(who.preferred):  # an article is by one person, and not about what befell them
        who = replace(who, speakers=who.preferred, preferred=())
    speakers, addressees, focus = _settled(found, who, kind)
    ids = tuple(cid for reference in found.marked.references for cid in reference.ids)
    speakers, addressees, back = _pointing_back(found, kind, speakers, addressees, found.resolution.focus or ids)
    focus = tuple(dict.fromkeys((*focus, *pointed, *(() if back else ids), *back)))
    scope = found.scope
    if found.resolution.among_people and not speakers:
        scope = replace(scope, authors=found.resolution.among_people)
    if speakers and part != "article" and kind != "stance":
        scope = replace(scope, authors=speakers)
    if part != "all" and scope.part == "all":
        scope = replace(scope, part=part)
    if who.branch and scope.branch is None:
        scope = replace(scope, branch=who.branch)
    query = Query(
        question=found.question,
        resolved=found.resolution.text,
        searches=_searches(found.question, found.resolution, history),
        before="" if found.resolution.swapped else _before(found.question, history),
        kind=kind,
        speakers=speakers,
        addressees=addressees,
        absent=(*absent, *found.marked.missing),
        ambiguous=found.ambiguous,
        scope=scope,
        focus=focus,
        preferred=() if part == "article" else who.preferred,
    )
    return _with_subject(query, found)


def _with_subject(query: Query, found: _Found) -> Query:
    """Give a follow-up without a subject the one of the turn before: its comments, or what it asked about."""
    resolution = found.resolution
    if not resolution.leans or subject_words(query) - _TAKING_SIDES:
        return query
    if query.kind == "stance" and not query.addressees and resolution.asked:
        return replace(query, resolved=f"{resolution.asked.rstrip('?. ')}? {query.resolved}")
    if query.focus or query.kind != "fact":
        return query
    return replace(query, focus=resolution.likely or _nearby(query, found))


def _nearby(query: Query, found: _Found) -> tuple[str, ...]:
    """Return what the speakers answered the last answer's comments, where those are by others."""
    last = found.resolution.last
    if not query.speakers or not set(query.speakers).isdisjoint(authors_of(last, found.threads)):
        return ()
    return answering(last, query.speakers, found.threads)


_TAKING_SIDES = frozenset(
    terms("agree agrees agreed disagree disagrees disagreed against for favour favor support oppose")
)


def _settled(found: _Found, who: Roles, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return speakers, addressees and the comments in which the ones answer the others.

    Without a word of replying, an addressee whom the speakers never answered is only somebody spoken of.
    """
    if kind == "stance" or not who.addressees or not (who.speakers or who.told):
        return who.speakers, who.addressees, ()
    replies = answers_to(found.threads, who.speakers, who.addressees)
    if not replies and not who.explicit:
        return who.speakers, (who.addressees if who.told else ()), ()
    return who.speakers, who.addressees, replies


def _pointing_back(
    found: _Found, kind: Kind, speakers: tuple[str, ...], addressees: tuple[str, ...], ids: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return speakers, addressees and the comments meant, where a question points at comments, by number or by "that".

    Of what somebody else wrote, it asks what the speaker (or anybody) answered; whether one agrees with it is asked of
    the replies to its author.
    """
    threads = found.threads
    if not ids:
        return speakers, addressees, ()
    authors = authors_of(ids, threads)
    if kind == "stance":
        if not (speakers or addressees) and len(authors) == 1:
            return ((), authors, ids) if answering(ids, (), threads) else ((), (), ids)
        return speakers, addressees, ids
    if speakers and set(speakers).isdisjoint(authors):
        return speakers, addressees, answering(ids, speakers, threads)
    if not speakers and kind == "fact" and wants_reactions(found.question):
        return speakers, addressees, answering(ids, (), threads) or ids
    return speakers, addressees, ids


def _before(question: str, history: Sequence[Turn]) -> str:
    return " ".join([*(turn.question for turn in history[-2:]), question]).strip() if history else ""


def _searches(question: str, resolution: Resolution, history: Sequence[Turn]) -> tuple[str, ...]:
    forms = [question, resolution.text]
    if resolution.leans and not resolution.swapped:
        forms.append(_before(question, history))
    return tuple(dict.fromkeys(form.strip() for form in forms if form.strip()))


_NOUN = (
    r"(?:comments?|posts?|repl(?:y|ies)|remarks?|messages?|points?|claims?|arguments?|statements?|views?|opinions?"
    r"|criticisms?|suggestions?|objections?|questions?|theory|thoughts?|position|assertions?|take)"
)
_TOPIC = re.compile(
    rf"(?P<whose>(?P<person>P\d+) 's|\b(?:the|that|this|a)) (?:[a-z]+ ){{0,2}}?(?P<noun>{_NOUN})(?: (?:by|from"
    rf"|of) (?P<by>P\d+))?"
    r" (?:about|on|regarding|concerning|over|that (?:mentions?|says?|discusses?|claims?)|mentioning|saying|claiming"
    r"|where (?:s?he|they|P\d+)"
    r" (?:mentions?|says?|talks? about|discuss\w*|claims?)|in which (?:s?he|they|P\d+) (?:mentions?|says?"
    r"|talks? about|discuss\w*)|of|that)"
    r" (?P<topic>[^?,;]+?)(?= (?:get|got|receive|received|draw|drew|attract|attracted|have|has|had|was|were"
    r"|is written|written|posted|elicit|elicited)\b|\s*[?,;]|$)"
)


def _with_topics(marked: Marked, threads: Sequence[Thread]) -> tuple[Marked, tuple[str, ...]]:
    """Replace "X's comment about Y" by the comment it means; also return what was found.

    Without a name only a question about replies is read so ("who replied to the comment about ferries"): elsewhere
    "the comments about ferries" are a topic.
    """
    match = _TOPIC.search(marked.text)
    if match is None:
        return marked, ()
    owner = match["person"] or match["by"]
    answering = re.search(
        r"\b(?:repl\w+|respon\w+|answer\w*|react\w*|wrote|posted|author)\b",
        marked.text[: match.start()] + marked.text[match.end() :],
    )
    topic = match["topic"]
    if re.match(r"(?:the |this |that )?(?:article|story|thread|discussion|topic)\b", topic):
        return marked, ()
    if not owner and (not answering or re.search(r"s$|question", match["noun"])):
        return marked, ()
    by = marked.people[int(owner[1:])].names if owner else ()
    plain = re.sub(r"P(\d+)", lambda one: marked.people[int(one[1])].names[0], topic)
    ids = comments_about(plain, threads, by)
    if not ids:
        return marked, ()
    if not answering:
        return marked, ids
    text = f"{marked.text[: match.start()]}C{len(marked.references)}{marked.text[match.end() :]}"
    reference = Reference(match.start(), match.end(), ids, None, by, plain)
    return replace(marked, text=text, references=(*marked.references, reference)), ids


_KIND = r"(?:article|thread|story|discussion|piece|post|topic|debate|conversation)"
_TITLED = (
    re.compile(rf"\bthe\s+(?P<words>(?:[\w'’\-]+\s+){{1,6}}?)(?:comment\s+)?{_KIND}\b", re.IGNORECASE),
    re.compile(rf"\b{_KIND}\s+(?:about|on|titled|called)\s+(?P<words>[\w\-'’ ]+?)\s*(?=[?.,]|$)", re.IGNORECASE),
)


def _titled(question: str, threads: Sequence[Thread]) -> list[Thread]:
    """Return the threads that a question names by words of their titles: "the ferry thread", "the article on ferries".

    Empty where it names none or all of them.
    """
    if len(threads) < 2:
        return []
    for pattern in _TITLED:
        for match in pattern.finditer(question):
            wanted = {word for word in re.findall(r"\w+", fold(match["words"])) if word not in FUNCTION | _SIZES}
            found = [thread for thread in threads if wanted and wanted <= _title_words([thread])]
            if found and len(found) < len(threads):
                return found
    return []


_SIZES = frozenset(
    ("first", "last", "longest", "shortest", "biggest", "whole", "entire", "comment", "news", "original")
)


def _title_words(threads: Sequence[Thread]) -> frozenset[str]:
    return frozenset(
        word for thread in threads for word in re.findall(r"\w+", fold(thread.article.title)) if word not in FUNCTION
    )
