"""How alike passages are: by the words that they share, and by the word sequences of one that stand in the other.

Works on words as numbers: comparing fifty passages as strings took most of the time of a search. Knows no stories.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from index.library.analysis import ByWord, primary, term

COMPARED_LAST = 4_096
"""So many passages' wordings are kept, about 2 kB each: making those of fifty takes longer than comparing them."""

_BASE = np.uint64(1_000_003)

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.uint64]


class Wording(NamedTuple):
    """The terms of a title and of a passage in order, as numbers that are the same in every process. Of ten thousand
    terms, a hundredth of a pair share a number."""

    title: Numbers
    text: Numbers

    @property
    def triples(self) -> Numbers:
        """A number for each three terms in a row of the passage, the distinct ones, ascending; fewer than three are one
        sequence."""
        told = self.text
        if len(told) < 3:
            told = np.pad(told, (3 - len(told), 0)) if len(told) else np.empty(2, np.uint64)
        return np.unique((told[:-2] * _BASE + told[1:-1]) * _BASE + told[2:])


@lru_cache(COMPARED_LAST)
def wording(title: str, text: str, language: str | None) -> Wording:
    """The wording of a passage and its article's title, read in their language."""
    return Wording(_numbers(title, language), _numbers(text, language))


def _numbers(text: str, language: str | None) -> Numbers:
    return np.fromiter(_numbered(primary(language))(text), np.uint64)


@lru_cache(maxsize=16)
def _numbered(language: str) -> ByWord[int]:
    return ByWord(lambda word: crc32(term(word, language).encode()))


def likeness(wordings: Sequence[Wording]) -> Matrix:
    """How alike titles and passages are: cosines (0..1) of their tf-idf vectors, shape (n, n).

    A word that all of them share says little, one that few have says much; so the same passages are less alike among
    others of the same topic. Source of the weights: Salton and Buckley, "Term-weighting approaches in automatic text
    retrieval" (1988).
    """
    counts = _counts(wordings)
    held = counts > 0
    rarity = np.log1p(len(wordings) / held.sum(axis=0))
    weights = np.zeros(counts.shape, np.float32)
    weights[held] = (1 + np.log(counts[held])) * np.broadcast_to(rarity, counts.shape)[held]
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    units = weights / np.where(lengths, lengths, np.float32(1))
    alike: Matrix = (units @ units.T).astype(np.float32)
    return alike


def _counts(wordings: Sequence[Wording]) -> npt.NDArray[np.int64]:
    """How often each title and passage together have each term, shape (wordings, different terms)."""
    rows = np.repeat(np.arange(len(wordings)), [len(one.title) + len(one.text) for one in wordings])
    different, columns = np.unique(np.concatenate([terms for one in wordings for terms in one]), return_inverse=True)
    flat = np.bincount(rows * len(different) + columns, minlength=len(wordings) * len(different))
    return flat.reshape(len(wordings), len(different))


def overlap(one: Numbers, other: Numbers) -> float:
    """The share (0..1) of the smaller of two sets, each of distinct numbers, that is in the other; 0 when one is
    empty."""
    smaller = min(len(one), len(other))
    return len(np.intersect1d(one, other, assume_unique=True)) / smaller if smaller else 0.0
