"""Vectors drawn around real embeddings, for corpora too large to encode: a text's vector is made of its words'.

Each word stands near the embedding of a real passage (which one is drawn by seed, others share it: its synonyms), and
a text lies between its words, the rare ones weighing most. So texts that share words are near, as with a real encoder,
and the cloud has the spread of real embeddings; what a real encoder understands beyond words is not imitated.
"""

from collections.abc import Sequence

import numpy as np

from rag.ports import Encoder, Vectors

__all__ = ["DrawnEncoder"]

_APART = 0.6  # how far a word stands from its passage, both of length one
_NOISE = 0.15  # what tells texts of the same words apart
_KINDS = 4_096


class DrawnEncoder:
    """An encoder for a corpus whose words are known, the most frequent first.

    `anchors` are real embeddings, shape (n, dimension). `through` really encodes what is asked as well, for its time:
    texts given one to four at once are taken for questions.
    """

    def __init__(
        self, vocabulary: Sequence[str], common: int, anchors: Vectors, *, through: Encoder | None = None
    ) -> None:
        self.name = "drawn"
        self._through = through
        rng = np.random.default_rng(0)
        self._ids = {word: number for number, word in enumerate(vocabulary[common:])}
        centred = anchors - anchors.mean(axis=0)
        near = centred[rng.integers(0, len(anchors), len(self._ids))]
        near = near / np.linalg.norm(near, axis=1, keepdims=True)
        noise = rng.standard_normal(near.shape).astype(np.float32) / np.sqrt(near.shape[1])
        weights = np.log(2 + np.arange(len(self._ids), dtype=np.float32) / 20)  # rank stands for rarity
        self._rows: Vectors = np.asarray((near + _APART * noise) * weights[:, None], np.float32)
        self._rows = np.concatenate([self._rows, np.zeros((1, near.shape[1]), np.float32)])
        kinds = rng.standard_normal((_KINDS, near.shape[1])) * (_NOISE / np.sqrt(near.shape[1]))
        self._noise: Vectors = np.asarray(kinds, np.float32)
        self._mean: Vectors = np.asarray(anchors.mean(axis=0), np.float32)

    @property
    def dimension(self) -> int:
        """Return the width of the vectors."""
        return int(self._rows.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, in order; the same text has the same row."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        if self._through is not None and len(texts) <= 4:
            self._through.encode(texts)
        unknown = len(self._ids)
        known = self._ids.get
        ids = [
            [at for word in text.lower().replace(".", " ").split() if (at := known(word)) is not None] for text in texts
        ]
        flat = np.asarray([at for one in ids for at in one or (unknown,)], np.intp)
        starts = np.cumsum([0, *(len(one) or 1 for one in ids[:-1])])
        sums = np.add.reduceat(self._rows[flat], starts, axis=0)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        rows = sums / np.where(norms > 0, norms, 1) + self._mean + self._noise[[sum(one) % _KINDS for one in ids]]
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
