"""Every peer by name, opened over one thread and closed afterwards."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from eval.cases import Case
from eval.peers import environment
from eval.peers.layout import Layout
from eval.peers.llamaindex import CondensePeer, NaivePeer
from eval.peers.said import Cites, Peer, as_reply
from eval.systems import Reply
from ingest.thread import Thread
from rag.adapters.encoders import open_encoder
from rag.adapters.local_model import LocalServer, joined_weights
from rag.ports import Encoder
from rag.settings import Settings

__all__ = ["PEERS", "Opener", "PeerSystem", "answering"]

Opener = Callable[[Thread, Encoder, LocalServer | None, Settings], AbstractContextManager[Peer]]
"""Opens a peer over one thread; without a server it can find, and cannot answer."""


@contextmanager
def _naive(thread: Thread, encoder: Encoder, server: LocalServer | None, settings: Settings) -> Iterator[Peer]:
    yield NaivePeer(thread, encoder, server)


@contextmanager
def _condense(thread: Thread, encoder: Encoder, server: LocalServer | None, settings: Settings) -> Iterator[Peer]:
    yield CondensePeer(thread, encoder, server)


def _apart(name: str, cites: Cites) -> Opener:
    """Return the opener of a peer in an environment of its own."""

    def opener(
        thread: Thread, encoder: Encoder, server: LocalServer | None, settings: Settings
    ) -> AbstractContextManager[Peer]:
        return environment.opened(name, thread, encoder, server, settings, cites)

    return opener


PEERS: Mapping[str, Opener] = {
    "naive": _naive,
    "condense": _condense,
    "haystack": _apart("haystack", "marks"),
    "haiku": _apart("haiku", "sources"),
}
"""In the order of the table."""


@dataclass(frozen=True, slots=True)
class PeerSystem:
    """A peer as the evaluation asks it: its answers mapped to comments."""

    peer: Peer
    layout: Layout

    @property
    def name(self) -> str:
        """Return the peer's name."""
        return self.peer.name

    def reply(self, case: Case) -> Reply:
        """Answer one case."""
        return as_reply(case, self.peer.ask(case), self.layout, self.peer.cites)


@contextmanager
def answering(name: str, thread: Thread, settings: Settings) -> Iterator[PeerSystem]:
    """Serve the local model and open a peer over one thread; both end afterwards."""
    encoder = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
    with (
        LocalServer(joined_weights(settings.cache), threads=settings.model_threads) as server,
        PEERS[name](thread, encoder, server, settings) as peer,
    ):
        yield PeerSystem(peer, Layout(thread))
