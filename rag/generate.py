"""The model answerer: stream a reply, cut it into sentences, and let each through the verifier as it completes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.thread import Thread
from rag.evidence import Claim, ClaimDone, Hit, Token
from rag.ports import LanguageModel, Message
from rag.prompt import DECLINE, chat_prompt, fit
from rag.query import Query
from rag.quotes import answer_with_quotes
from rag.verify import Verifier

__all__ = ["Generation", "SentenceStream", "generate"]

_MAX_TOKENS = 110
_STOP = ("\nQuestion:", "\n[1]", "\n\n")
_BOUNDARY = re.compile(r"""(?<=[.!?…。！？])["”’»)]*(?:\s*\[[^\]\n]{1,24}\])*[.]?(?=\s+[^\s\[])|\n+""")
_MARK = re.compile(r"\[[^\]\n]*\]")
_ABBREVIATION = re.compile(r"(?:^|\s)(?:[A-Z]|Mr|Mrs|Ms|Dr|St|vs|No|e\.g|i\.e|U\.S)\.$")


class SentenceStream:
    """Cut a stream of pieces into sentences; markers after the full stop belong to the sentence before them.

    >>> stream = SentenceStream()
    >>> stream.push("Ada doubts it. [1] Ben dis")
    ['Ada doubts it. [1]']
    >>> stream.close()
    ['Ben dis']
    """

    def __init__(self) -> None:
        self._buffer = ""

    def push(self, piece: str) -> list[str]:
        """Add a piece; return the sentences that it completed."""
        self._buffer += piece
        done = []
        at = 0
        while (match := _BOUNDARY.search(self._buffer, at)) is not None:
            if _ABBREVIATION.search(self._buffer[: match.start()]):
                at = match.start() + 1
                continue
            sentence, self._buffer, at = self._buffer[: match.end()].strip(), self._buffer[match.end() :].lstrip(), 0
            if sentence:
                done.append(sentence)
        return done

    def close(self) -> list[str]:
        """Return what is left as a last sentence, if anything."""
        rest, self._buffer = self._buffer.strip(), ""
        return [rest] if rest else []


@dataclass(frozen=True, slots=True)
class Generation:
    """What the model was given: the hits that fitted, numbered from 1, and the size of the prompt in tokens."""

    hits: tuple[Hit, ...]
    messages: tuple[Message, ...]
    prompt_tokens: int

    @classmethod
    def plan(
        cls, query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], model: LanguageModel, budget: int
    ) -> "Generation":
        """Choose the passages that fit the budget and render the prompt."""
        kept = fit(query.resolved, hits, threads, budget=budget, count_tokens=model.count_tokens)
        messages = chat_prompt(query.resolved, kept, threads)
        size = model.count_tokens("\n".join(message.content for message in messages)) + 5 * len(messages)
        return cls(tuple(kept), tuple(messages), size)


def generate(
    generation: Generation, query: Query, threads: Mapping[str, Thread], model: LanguageModel, verifier: Verifier
) -> Iterator[Token | ClaimDone]:
    """Yield the draft as it comes and each sentence once checked. Raises `ModelError`s half-way."""
    stream = SentenceStream()
    speaker: str | None = None
    seen: set[str] = set()

    def checked(sentences: list[str]) -> Iterator[ClaimDone]:
        nonlocal speaker
        for sentence in sentences:
            bare = _MARK.sub("", sentence).strip(" .\n")
            if sentence.strip().startswith(DECLINE.rstrip(".")) or bare.casefold() in seen:
                continue
            seen.add(bare.casefold())
            claim = _bare(sentence, generation, query, threads) if not bare else None
            claim = claim or verifier.check(sentence, generation.hits, speaker)
            speaker = claim.speaker or speaker
            yield ClaimDone(claim)

    for piece in model.stream(generation.messages, max_tokens=_MAX_TOKENS, stop=_STOP):
        yield Token(piece)
        yield from checked(stream.push(piece))
    yield from checked(stream.close())


def _bare(sentence: str, generation: Generation, query: Query, threads: Mapping[str, Thread]) -> Claim | None:
    """Turn a sentence that is only a number into the words that it points at."""
    numbers = [int(number) for number in re.findall(r"\d+", sentence)]
    hits = [generation.hits[number - 1] for number in numbers if 0 < number <= len(generation.hits)]
    claims = answer_with_quotes(query, hits[:1], threads)
    if not claims:
        return None
    return replace(
        claims[0], status="repaired", cause="The model gave only a number; these are the words it points at."
    )
