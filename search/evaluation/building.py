"""A set's library: made once for each corpus and each way of making vectors, kept in a folder, and used again.

A build that was cut short goes on where it stopped, since what is stored costs nothing to store again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from index.articles.article import Draft
from index.ingest import Outcome
from search.evaluation.dataset import Dataset

Store = Callable[[Iterable[Draft]], Iterator[Outcome]]


def library_folder(work: Path, dataset: Dataset, pipeline: Mapping[str, object]) -> Path:
    """Where the set's library is kept.

    Args:
        work: the folder of all sets' libraries.
        dataset: the set; only its documents count, so that several sets of questions share a library.
        pipeline: the fingerprint of what makes the vectors.
    """
    made_of = json.dumps([dataset.corpus_digest, pipeline], sort_keys=True)
    return work / f"{dataset.name}-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}" / "library"


def build(dataset: Dataset, library: Path, store: Store, on_article: Callable[[], None]) -> list[str]:
    """Store the set's documents, unless that was finished before; returns why some could not be stored.

    Args:
        dataset: the set.
        library: the folder of its library, which `store` writes to.
        store: stores drafts, telling what became of each.
        on_article: called after every document.
    """
    finished = library.with_name("built.json")
    if finished.exists():
        rejected: list[str] = json.loads(finished.read_text(encoding="utf-8"))
        return rejected
    rejected = []
    for outcome in store(dataset.drafts()):
        if outcome.error is not None:
            rejected.append(outcome.error.message)
        on_article()
    beside = finished.with_suffix(".new")
    beside.write_text(json.dumps(rejected, ensure_ascii=False), encoding="utf-8")
    beside.rename(finished)
    return rejected
