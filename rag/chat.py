"""The way of a question: understand → structure or retrieve → evidence → answer → verify, as a stream of events."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.errors import EndpointError, ModelError, QuestionError
from ingest.thread import Thread
from rag import structure, totals
from rag.anchor import Anchor, anchors, leaning, near_anchors, unbound
from rag.backward import asked_before
from rag.context import in_context
from rag.decline import decide
from rag.evidence import (
    Answer,
    Answerer,
    Claim,
    ClaimDone,
    Done,
    Event,
    Evidence,
    Hit,
    Passage,
    Reason,
    Route,
    Scope,
    Token,
    Turn,
    Understood,
)
from rag.generate import Generation, generate
from rag.overview import article_points, branch_claims, headline, points
from rag.present import told
from rag.query import Query
from rag.question import understand
from rag.quotes import answer_with_quotes
from rag.reading import Reading
from rag.refusal import refuse
from rag.scope import Within, narrowed
from rag.settings import Settings
from rag.shortlist import Shortlist
from rag.stance import stance
from rag.tally import tally
from rag.verify import Verifier
from rag.voices import has_subject, spoken

if TYPE_CHECKING:
    from rag.library import Library
    from rag.models import ModelSlot
    from rag.retrieve import Retriever
    from rag.support import Supporter

__all__ = ["Engine"]

_CONSIDERED = 40


class Engine:
    """Answers questions over a library. One object serves many questions; each `ask` is independent."""

    def __init__(
        self,
        *,
        library: "Library",
        retriever: "Retriever",
        supporter: "Supporter",
        model: "ModelSlot",
        settings: Settings,
    ) -> None:
        self._library = library
        self._reading = Reading(library)
        self._retriever = retriever
        self._shortlist = Shortlist(library.catalogue, retriever.wide)
        self._supporter = supporter
        self._model = model
        self._settings = settings

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = Scope(),  # noqa: B008 - frozen
        answerer: Answerer | None = None,
    ) -> Iterator[Event]:
        """Yield `Understood`, `Evidence`, then `Token`s and `ClaimDone`s, and last `Done`.

        Raises `QuestionError` for an empty or over-long question, `ThreadNotFound` for an unknown thread in scope,
        and `ModelError`s where the model was asked for by name and cannot answer at all.
        """
        asking = _Asking(self._checked(question), time.perf_counter())
        read_as, history = asked_before(asking.question, history)
        scope = self._shortlist.narrowed(read_as, history, scope)
        read = narrowed(self._reading.threads(scope.thread_ids), scope)
        threads = {thread_id: thread for thread_id, (thread, _) in read.items()}
        query = understand(read_as, tuple(history), tuple(threads.values()), scope)
        if query.scope.branch != scope.branch:
            read = narrowed(read, query.scope)
            threads = {thread_id: thread for thread_id, (thread, _) in read.items()}
        passages: Mapping[str, Sequence[Passage]] = {thread_id: found for thread_id, (_, found) in read.items()}
        asking.resolved = query.resolved
        yield Understood(query.kind, query.resolved, query.speakers or query.addressees)
        if query.structure is None and (query.ambiguous or query.absent):
            hits = self._retriever.retrieve(query, k=3) if not query.ambiguous else ()
            yield from self._refuse(asking, query, hits, threads, "ambiguous" if query.ambiguous else "person_absent")
            return
        exact = self._counted(query, threads, history)
        if exact is not None and not _mentions_nothing(query, exact):
            yield asking.evidence(exact.evidence)
            yield from map(ClaimDone, exact.claims)
            text = exact.text if exact.abstained else told(exact.claims)
            yield Done(replace(exact, text=text, timings=asking.timings(), resolved=query.resolved))
            return
        if query.kind == "overview":
            # "The discussion" is no wish to leave the article out, unless the reader has chosen so.
            within = Within(replace(query.scope, part=scope.part), threads)
            yield from self._overview(asking, query, threads, passages, within, answerer)
            return
        lean = leaning(query, history)
        last = self._last_turn(query, history, threads) if lean else []
        query = unbound(query, last, threads, scope)
        within = Within(query.scope, threads)
        passages = within.passages(passages)
        if query.kind == "fact" and (query.speakers or query.focus) and not has_subject(query):
            yield from self._spoken(asking, query, threads, passages, answerer)
            return
        ranking = self._retriever.retrieve_scored(query, k=_CONSIDERED)
        found = in_context(query, ranking.hits, threads, passages)
        if last:
            found = near_anchors(query, found, last, lean, threads, passages, within.admits)
        hits = tuple(found[: self._settings.evidence])
        yield asking.evidence(hits)
        reason = decide(query, found, tuple(threads.values()), ranking)
        claims = _voices(query, found, threads, passages, reason)
        if claims:
            yield from map(ClaimDone, claims)
            yield asking.done(claims, hits, "stance")
            return
        if reason is not None:
            yield from self._refuse(asking, query, hits, threads, reason)
            return
        beside = (*found[self._settings.evidence :], *ranking.beside)
        yield from self._answer(asking, query, hits, threads, answerer, beside)

    def _counted(self, query: Query, threads: Mapping[str, Thread], history: Sequence[Turn]) -> Answer | None:
        """Answer a structure question: of a shortlist from what the catalogue counts, of a library still read whole."""
        if not query.scope.chosen_from or query.structure is None:
            return structure.answer(query, tuple(threads.values()))
        if self._shortlist.comments <= self._settings.max_counted_comments:
            every = tuple(thread for thread, _ in self._reading.threads().values())
            whole = replace(query.scope, thread_ids=(), chosen_from=0)
            return structure.answer(understand(query.question, history, every, whole), every)
        return totals.answer(query, threads, self._library.threads(), self._library.catalogue.people)

    def _checked(self, question: str) -> str:
        question = question.strip()
        if not question:
            raise QuestionError("The question is empty.", remedy="Ask something about the thread.")
        if len(question) > self._settings.max_question_chars:
            raise QuestionError(
                f"The question has {len(question):,} characters; the limit is {self._settings.max_question_chars:,}.",
                remedy="Shorten it, or raise COMMENTARIAT_MAX_QUESTION_CHARS.",
            )
        return question

    def _last_turn(self, query: Query, history: Sequence[Turn], threads: Mapping[str, Thread]) -> list[Anchor]:
        """Return what the last answer rested on; of an answer without citations, what its words find."""
        scope = replace(query.scope, authors=(), branch=None, part="all")

        def search(turn: Turn) -> Sequence[Hit]:
            forms = (turn.answer, f"{turn.question} {turn.answer}")
            return self._retriever.retrieve(Query(turn.question, turn.question, forms, scope=scope), k=6)

        return anchors(history, threads, search)

    def _refuse(
        self, asking: "_Asking", query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], reason: Reason
    ) -> Iterator[Event]:
        if not asking.evidence_ms:
            yield asking.evidence(hits)
        yield Done(asking.answer((), hits, "declined", text=refuse(reason, query, hits, threads), reason=reason))

    def _answer(
        self,
        asking: "_Asking",
        query: Query,
        hits: Sequence[Hit],
        threads: Mapping[str, Thread],
        answerer: Answerer | None,
        beside: Sequence[Hit] = (),
    ) -> Iterator[Event]:
        claims: list[Claim] = []
        if self._wants_model(answerer):
            try:
                yield from self._generated(asking, query, hits, threads, claims)
                if not asking.first_token_ms:
                    asking.notes.append("The model said nothing; these are quotes.")
            except EndpointError as error:
                said = (
                    "stopped half-way; what it had said is kept" if _parted(claims)[0] else "failed; these are quotes"
                )
                asking.notes.append(f"The model {said}. {error.message}")
            except ModelError as error:
                if (answerer or self._settings.answerer) == "model":
                    raise
                asking.notes.append(f"Answered with quotes, since the model is not to be had. {error.message}")
        shown, struck = _parted(claims)
        if shown:
            yield asking.done(shown, hits, "model", rejected=struck)
            return
        quotes = answer_with_quotes(query, hits, threads, beside)
        if not quotes:
            yield from self._refuse(asking, query, hits, threads, "not_discussed")
            return
        if asking.generated and asking.first_token_ms:
            quotes = [
                replace(
                    claim, status="repaired", cause="No sentence of the model held; these are the words themselves."
                )
                for claim in quotes[:1]
            ]
        yield from map(ClaimDone, quotes)
        yield asking.done(quotes, hits, "quotes", rejected=struck)

    def _generated(
        self,
        asking: "_Asking",
        query: Query,
        hits: Sequence[Hit],
        threads: Mapping[str, Thread],
        claims: list[Claim],
    ) -> Iterator[Event]:
        """Stream the model's answer, and leave its checked sentences in `claims`."""
        model = self._model.get()
        plan = Generation.plan(query, hits, threads, model, self._settings.prompt_tokens)
        asking.prompt_tokens = plan.prompt_tokens
        asking.generated = True
        for event in generate(
            plan, query, threads, model, Verifier(self._library.encoder, threads.values(), self._supporter)
        ):
            if isinstance(event, Token):
                asking.first_token()
            else:
                claims.append(event.claim)
            yield event

    def _spoken(
        self,
        asking: "_Asking",
        query: Query,
        threads: Mapping[str, Thread],
        passages: Mapping[str, Sequence[Passage]],
        answerer: Answerer | None,
    ) -> Iterator[Event]:
        """Answer what somebody said where no subject is named."""
        nobody_answered = bool(query.speakers and query.addressees and not query.focus)
        hits = [] if nobody_answered else spoken(query, threads, passages, self._settings.evidence)
        if not hits:
            reason: Reason = "no_reply" if nobody_answered else "not_discussed"
            yield from self._refuse(asking, query, self._retriever.retrieve(query, k=3), threads, reason)
            return
        yield asking.evidence(hits)
        yield from self._answer(asking, query, hits, threads, answerer)

    def _overview(
        self,
        asking: "_Asking",
        query: Query,
        threads: Mapping[str, Thread],
        passages: Mapping[str, Sequence[Passage]],
        within: Within,
        answerer: Answerer | None,
    ) -> Iterator[Event]:
        passages = within.passages(passages)
        branches = 8 if len(threads) == 1 else 2
        article = query.scope.part == "article" and any(thread.article.text.strip() for thread in threads.values())
        hits = [
            hit
            for thread in threads.values()
            for hit in (
                article_points(thread, passages[thread.id])
                if article
                else points(thread, passages[thread.id], branches=branches)
            )
        ]
        if not hits:
            yield from self._refuse(asking, query, (), threads, "not_discussed")
            return
        yield asking.evidence(hits)
        claims = [] if article else [headline(thread, within) for thread in threads.values()]
        yield from map(ClaimDone, claims)
        generated: list[Claim] = []
        if self._wants_model(answerer) and len(threads) == 1:
            try:
                yield from self._generated(asking, query, hits, threads, generated)
            except ModelError as error:
                asking.notes.append(f"Told in quotes, since the model failed. {error.message}")
        kept, struck = _parted(generated)
        cited = {citation.comment for claim in kept for citation in claim.citations}
        rest = branch_claims(threads, [hit for hit in hits if hit.passage.comment_id not in cited])
        yield from map(ClaimDone, rest)
        yield asking.done([*claims, *kept, *rest], hits, "overview", rejected=struck)

    def _wants_model(self, answerer: Answerer | None) -> bool:
        wanted = answerer or self._settings.answerer
        return wanted == "model" or (wanted == "auto" and self._model.available)


def _parted(claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
    """Return the claims that are shown, and those that were struck."""
    return [c for c in claims if c.status != "struck"], [c for c in claims if c.status == "struck"]


def _voices(
    query: Query,
    found: Sequence[Hit],
    threads: Mapping[str, Thread],
    passages: Mapping[str, Sequence[Passage]],
    reason: Reason | None,
) -> list[Claim]:
    """Return how many name something, or where people stand; of a subject that was not found, nothing."""
    claims = tally(query, threads, passages)
    if claims or query.kind != "stance" or (reason is not None and not query.addressees and not query.speakers):
        return claims
    return stance(query, found, threads)


def _mentions_nothing(query: Query, exact: Answer) -> bool:
    """Tell whether comments that mention some words were asked for and none does: they may say it in other words."""
    found = any(claim.citations for claim in exact.claims)
    return (
        query.structure is not None
        and query.structure.want == "list"
        and bool(query.structure.mention)
        and not query.structure.among
        and not found
    )


class _Asking:
    """What one question gathers on its way: clock, notes, prompt size."""

    def __init__(self, question: str, started: float) -> None:
        self.question = question
        self.resolved = question
        self.notes: list[str] = []
        self.prompt_tokens = 0
        self.generated = False
        self.evidence_ms = 0.0
        self.first_token_ms = 0.0
        self._started = started

    def _ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def evidence(self, hits: Sequence[Hit]) -> Evidence:
        """Stamp the evidence."""
        self.evidence_ms = self._ms()
        return Evidence(tuple(hits), self.evidence_ms)

    def first_token(self) -> None:
        """Stamp the first token, once."""
        self.first_token_ms = self.first_token_ms or self._ms()

    def timings(self) -> dict[str, float]:
        """Return the timings so far, in milliseconds; the first word of a quoted answer is its last."""
        total = self._ms()
        return {
            "evidence_ms": self.evidence_ms,
            "first_token_ms": self.first_token_ms or total,
            "total_ms": total,
        }

    def done(
        self, claims: Sequence[Claim], hits: Sequence[Hit], route: Route, *, rejected: Sequence[Claim] = ()
    ) -> Done:
        """Finish with claims."""
        return Done(self.answer(claims, hits, route, text=told(claims), rejected=rejected))

    def answer(
        self,
        claims: Sequence[Claim],
        hits: Sequence[Hit],
        route: Route,
        *,
        text: str,
        reason: Reason | None = None,
        rejected: Sequence[Claim] = (),
    ) -> Answer:
        """Put the answer together; a reason makes it a decline."""
        return Answer(
            question=self.question,
            resolved=self.resolved,
            text=text,
            claims=tuple(claims),
            evidence=tuple(hits),
            abstained=reason is not None,
            reason=reason,
            rejected=tuple(rejected),
            route=route,
            timings=self.timings(),
            prompt_tokens=self.prompt_tokens,
            notes=tuple(self.notes),
        )
