"""How well articles are grouped: B-cubed over clusters, precision and recall over pairs.

Works on ids; who groups the articles, and how, is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from index.errors import InvalidInput

Pair = tuple[str, str]


class Agreement(NamedTuple):
    """Precision, recall and their harmonic mean, each 0..1."""

    precision: float
    recall: float
    f1: float


def b_cubed(found: Iterable[Collection[str]], gold: Mapping[str, str]) -> Agreement:
    """B-cubed precision, recall and F1 (Bagga and Baldwin 1998), every article counting once.

    Args:
        found: the clusters that were made; an article of `gold` that is in none of them stands alone.
        gold: the true cluster of every article. Other articles are not counted.

    Raises:
        InvalidInput: an article is in two clusters, or there is no gold.
    """
    if not gold:
        raise InvalidInput("There are no clusters to compare with.")
    mine = _homes(found, gold)
    sizes, true_sizes = Counter(mine.values()), Counter(gold.values())
    both = Counter((mine[article], gold[article]) for article in gold)
    precision = sum(count * count / sizes[one] for (one, _), count in both.items()) / len(gold)
    recall = sum(count * count / true_sizes[true] for (_, true), count in both.items()) / len(gold)
    return Agreement(precision, recall, _harmonic(precision, recall))


def pairs_of(found: Iterable[Collection[str]]) -> set[Pair]:
    """Every two articles that share a cluster, each pair in code point order."""
    return {pair for cluster in found for pair in combinations(sorted(cluster), 2)}


def ordered(pairs: Iterable[Pair]) -> set[Pair]:
    """The pairs, each in code point order."""
    return {(min(pair), max(pair)) for pair in pairs}


def pair_agreement(found: Collection[Pair], gold: Collection[Pair]) -> Agreement:
    """Precision and recall of pairs, without regard to which comes first; precision is 1 when none was found."""
    mine, true = ordered(found), ordered(gold)
    if not true:
        raise InvalidInput("There are no pairs to compare with.")
    right = len(mine & true)
    precision, recall = right / len(mine) if mine else 1.0, right / len(true)
    return Agreement(precision, recall, _harmonic(precision, recall))


def _homes(found: Iterable[Collection[str]], gold: Mapping[str, str]) -> dict[str, int | str]:
    """The cluster of every gold article; a lone one is its own."""
    homes: dict[str, int | str] = {}
    for number, cluster in enumerate(found):
        for article in cluster:
            if article in homes:
                raise InvalidInput(f"The article {article!r} is in two clusters.")
            homes[article] = number
    return {article: homes.get(article, article) for article in gold}


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
