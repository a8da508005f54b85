"""Real passages and real questions with the real model's vectors: what all larger libraries are grown from.

Articles of the evaluation sets, evenly mixed, are cleaned, cut and embedded as `pincite index` does it. Vectors are
kept by the hash of what was embedded, so that nothing is embedded twice and a run that was cut short goes on. Knows
nothing of indexes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.articles.article import Article
from index.articles.cut import cut
from index.articles.many import clean_many
from index.embedding.embedder import SentenceEmbedder
from index.ingest import embedded_text, fingerprint
from search.evaluation.dataset import evenly, read_corpus

DATA = Path(__file__).resolve().parents[3] / "shared/data"
SETS = ("rtqa_2022", "nq_mini", "scifact_train", "squad20_dev_articles", "ecbplus", "cranfield")
QUICK_SETS = ("nq_mini",)
ASKING = ("rtqa_2022", "nq_mini", "scifact_train", "squad20_dev_articles")
QUESTIONS_OF_A_SET = 60
QUESTION = "question: "
"""Stands before a question where vectors are kept by text: a model reads questions in another way than passages."""

SLICE = 256
"""How many passages are embedded, and then kept, at a time."""

Vectors = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """Real passages in a fixed random order by article, with vectors of shape (n, dimensions), and real questions.

    `pipeline` is the fingerprint of what made the vectors.
    """

    texts: Sequence[str]
    vectors: Vectors
    questions: Sequence[str]
    asked: Vectors
    pipeline: Mapping[str, object]


class Vault:
    """Vectors by the hash of their text, in files that are only ever added to a folder.

    Args:
        work: where the folder is.
    """

    def __init__(self, work: Path) -> None:
        self._folder = work / "vectors"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._held: dict[bytes, Vectors] = {}
        for path in sorted(self._folder.glob("*.npz")):
            with np.load(path) as kept:
                self._held |= zip((key.tobytes() for key in kept["keys"]), kept["vectors"], strict=True)

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Those of the texts that have no vector yet."""
        return [text for text in texts if _key(text) not in self._held]

    def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep one vector a text, on the disk when this returns."""
        keys = [_key(text) for text in texts]
        name = hashlib.blake2b(b"".join(keys), digest_size=8).hexdigest()
        beside = self._folder / f"{name}.new"
        with beside.open("wb") as file:
            np.savez(file, keys=np.array([np.frombuffer(key, np.uint8) for key in keys]), vectors=vectors)
        beside.rename(self._folder / f"{name}.npz")
        self._held |= zip(keys, vectors, strict=True)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The vectors of these texts; KeyError for one that has none."""
        return np.stack([self._held[_key(text)] for text in texts])


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def pipeline_name(embedder: SentenceEmbedder) -> str:
    """A name for what texts are cut and embedded with: what was kept under another one is not to be gone on with."""
    return hashlib.sha256(json.dumps(fingerprint(embedder), sort_keys=True).encode()).hexdigest()[:12]


def real_sample(work: Path, embedder: SentenceEmbedder, most: int, sets: Sequence[str], show: Progress) -> Sample:
    """Up to `most` real passages, and questions about some of them.

    Args:
        work: where texts and vectors are kept between runs.
        embedder: the model.
        most: how many passages.
        sets: out of which evaluation sets.
        show: told what is done, how much of it, and of how much.

    Raises:
        FileNotFoundError: the evaluation data is not there.
    """
    if not DATA.exists():
        raise FileNotFoundError(f"{DATA} is not there: growing a library begins with real passages")
    vault = Vault(work)
    asked = _questions()
    unread = vault.missing([_as_question(text) for text in asked])
    if unread:
        shown = _with_progress(unread, "questions", show)
        vault.keep(unread, np.stack([embedder.embed_question(text.removeprefix(QUESTION)) for text in shown]))
    texts = _passages(work, embedder, most, sets, show)
    missing = vault.missing(texts)
    for at in range(0, len(missing), SLICE):
        some = missing[at : at + SLICE]
        vault.keep(some, embedder.embed_passages(some))
        show("embedding passages", len(texts) - len(missing) + at + len(some), len(texts))
    questions = vault.vectors([_as_question(text) for text in asked])
    return Sample(texts, vault.vectors(texts), asked, questions, fingerprint(embedder))


def _as_question(text: str) -> str:
    return QUESTION + text


def _with_progress(items: Sequence[str], what: str, show: Progress) -> Iterator[str]:
    for number, item in enumerate(items, start=1):
        yield item
        show(what, number, len(items))


def _questions() -> list[str]:
    found: list[str] = []
    for name in ASKING:
        found += evenly([json.loads(line)["text"] for line in _lines(DATA / name, "queries.jsonl")], QUESTIONS_OF_A_SET)
    random.Random(0).shuffle(found)
    return list(dict.fromkeys(found))


def _lines(folder: Path, name: str) -> Iterator[str]:
    plain, packed = folder / name, folder / f"{name}.gz"
    with plain.open(encoding="utf-8") if plain.exists() else gzip.open(packed, "rt", encoding="utf-8") as file:
        yield from file


def _articles(sets: Sequence[str]) -> list[Article]:
    drafts = (draft for name in sets for draft in read_corpus(DATA / name).drafts())
    found = [article for _, article in clean_many(drafts, 0) if isinstance(article, Article)]
    random.Random(0).shuffle(found)
    return found


def _passages(work: Path, embedder: SentenceEmbedder, most: int, sets: Sequence[str], show: Progress) -> list[str]:
    """Real passages as the model reads them, cut once and kept."""
    kept = work / f"passages-{'-'.join(sets)}.jsonl"
    if not kept.exists():
        found = []
        for article in _with_progress_of(_articles(sets), show):
            found += [embedded_text(article, piece) for piece in cut(article, embedder.tokens, embedder.max_tokens)]
        texts = [text for text in dict.fromkeys(found) if text.strip()]
        beside = kept.with_suffix(".new")
        beside.write_text("\n".join(map(json.dumps, texts)), encoding="utf-8")
        beside.rename(kept)
    with kept.open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, most)]


def _with_progress_of(articles: Sequence[Article], show: Progress) -> Iterator[Article]:
    for number, article in enumerate(articles, start=1):
        yield article
        show("cutting articles", number, len(articles))
