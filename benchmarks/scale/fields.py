"""A library of any size out of grown vectors and recombined real sentences, put in as `pincite index` would.

Passages are made of real sentences, drawn at random, so that words and phrases are as frequent as they are in real
text; the texts stay in the work folder. Every article has a few passages, a source, a language, a day and tags whose
shares are known: `share50`, `share10`, `share1` and `share0.1` are on so many per cent of the articles, spread evenly.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from benchmarks.scale.grow import BLOCK, Soil
from benchmarks.scale.sample import Progress, Sample
from index.articles.article import Article
from index.articles.passage import Passage
from index.library.contract import Entry
from index.library.local.library import LocalLibrary
from index.library.local.upkeep import TAIL_ROWS
from index.library.opening import open_library

PASSAGES_PER_ARTICLE = 5
WORDS_PER_PASSAGE = 150
SHARES = {"share50": 2, "share10": 10, "share1": 100, "share0.1": 1000}
FIRST_DAY = date(2010, 1, 1)


def sentences(texts: Sequence[str]) -> list[str]:
    """The sentences of real passages, as they stand."""
    found = (piece.strip() for text in texts for piece in re.split(r"(?<=[.!?])\s+", text.replace("\n", " ")))
    return [piece for piece in dict.fromkeys(found) if 4 <= len(piece.split()) <= 60]


class Writer:
    """Makes articles out of real sentences; the article of a number is always the same."""

    def __init__(self, real: Sequence[str]) -> None:
        self._sentences = real

    def article(self, number: int) -> tuple[Article, list[Passage]]:
        """The article of this number, with its passages."""
        rng = random.Random(number)
        name, texts, passages, at = f"grown/{number}", [], [], 0
        for ordinal in range(PASSAGES_PER_ARTICLE):
            text = self._passage(rng)
            passages.append(Passage(name, ordinal, at, at + len(text), text))
            texts.append(text)
            at += len(text) + 1
        tags = tuple(tag for tag, every in SHARES.items() if number % every == 0)
        day = FIRST_DAY + timedelta(days=rng.randrange(5000))
        title = " ".join(rng.choice(self._sentences).split()[:10])
        source = f"Outlet {rng.randrange(20)}"
        made = Article(
            name, "\n".join(texts), title=title, source=source, published=day.isoformat(), language="en", tags=tags
        )
        return made, passages

    def _passage(self, rng: random.Random) -> str:
        chosen: list[str] = []
        words = 0
        while words < WORDS_PER_PASSAGE:
            chosen.append(rng.choice(self._sentences))
            words += chosen[-1].count(" ") + 1
        return " ".join(chosen)


def entries(soil: Soil, writer: Writer, block: int) -> Iterator[Entry]:
    """The articles of a block of grown vectors."""
    vectors = soil.block(block)
    for at in range(0, BLOCK, PASSAGES_PER_ARTICLE):
        article, passages = writer.article((block * BLOCK + at) // PASSAGES_PER_ARTICLE)
        digests = [hashlib.blake2b(one.text.encode(), digest_size=16).digest() for one in passages]
        yield Entry(article, passages, vectors[at : at + PASSAGES_PER_ARTICLE], digests)


def grown_library(folder: Path, sample: Sample, rows: int, show: Progress) -> None:
    """Make the library of so many passages in `folder`, or go on making it, until its indexes hold what is stored."""
    open_library(folder, create=True).close()
    library = LocalLibrary(folder)
    library.adopt(sample.pipeline)  # so that a server answers questions from it
    soil, writer = Soil(sample.vectors), Writer(sentences(sample.texts))
    before = done = library.status().passages
    while done < rows:
        library.put(list(entries(soil, writer, done // BLOCK)))
        done += BLOCK
        show("library", done, rows)
    library.close()
    while before < rows and _tail(folder) > TAIL_ROWS:  # nobody embeds as fast as this: the main index fell behind
        show("main index", rows, rows)


def _tail(folder: Path) -> int:
    """How many rows the main index lacked when the library was opened; closing it waits for the next main index."""
    library = LocalLibrary(folder)
    try:
        with library.snapshot() as newest:
            return len(newest._open.derived.view.tail.keys)
    finally:
        library.close()
