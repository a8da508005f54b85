"""The whole way on real articles with the default model: exact, whole, clean, and the right passage first.

The articles are read where they are kept beside the checkout, never copied; the tests are skipped without them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles.article import Article, Draft
from index.articles.clean import clean
from index.articles.cut import cut
from index.articles.readers import read_paths
from index.embedding.catalogue import DEFAULT_EMBEDDER
from index.embedding.contract import Embedder
from index.embedding.embedder import load_embedder
from index.ingest import ingest
from index.library.contract import Library
from index.library.opening import open_library
from search.pipeline import Pipeline
from search.query import Query

pytestmark = [pytest.mark.shared, pytest.mark.model]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder(DEFAULT_EMBEDDER)


@pytest.fixture(scope="module")
def library(shared: Path, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of the two articles, exactly as they are."""
    library = open_library(tmp_path_factory.mktemp("seeds") / "library", create=True)
    fates = [outcome.fate for outcome in ingest(read_paths([shared / "data" / "seeds"]), library, embedder)]
    assert fates == ["added", "added"]
    yield library
    library.close()


def articles(library: Library) -> list[Article]:
    with library.snapshot() as snapshot:
        found = [snapshot.article(card.id) for card in snapshot.articles(None, 10)]
    return [article for article in found if article is not None]


def raw_of(shared: Path, article: Article) -> str:
    return (shared / "data" / article.id).read_text()


def test_every_passage_is_exact(library: Library) -> None:
    with library.snapshot() as snapshot:
        for article in articles(library):
            passages = snapshot.article_passages(article.id)
            assert passages
            assert all(article.text[one.start : one.end] == one.text for one in passages)


def test_no_passage_holds_anything_of_the_turkish_notice(library: Library) -> None:
    with library.snapshot() as snapshot:
        texts = [passage.text for article in articles(library) for passage in snapshot.article_passages(article.id)]
    for word in ("çerez", "reklam", "Sitelerimizde", "İnternet sitemiz", "veri politikası"):
        assert not [text for text in texts if word.casefold() in text.casefold()]
    assert not [text for text in texts if re.search(r"^\s*X\s*$", text, re.MULTILINE)]


def test_every_sentence_of_the_articles_own_text_is_in_a_passage(shared: Path, library: Library) -> None:
    with library.snapshot() as snapshot:
        for article in articles(library):
            passages = [" ".join(one.text.split()) for one in snapshot.article_passages(article.id)]
            own = re.split(r"\n+X\n", raw_of(shared, article))[0]
            sentences = [" ".join(one.split()) for one in re.split(r"(?<=[.!?\"”])\s+|\n+", own) if one.strip()]
            assert len(sentences) > 20
            assert [one for one in sentences if not any(one in passage for passage in passages)] == []


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did Rutte say about two percent of GDP?", "not nearly enough"),
        ("Who will be sworn into office next Monday?", "sworn into office"),
        ("Which way is the front moving?", "not moving eastwards"),
    ],
)
def test_the_right_passage_comes_first(library: Library, embedder: Embedder, question: str, said: str) -> None:
    answer = Pipeline(library, lambda: embedder).answer(Query(question))
    assert said in answer.hits[0].passage.text


def texts_of(folder: Path) -> Iterator[Draft]:
    plain = folder / "corpus.jsonl"
    with plain.open() if plain.exists() else gzip.open(folder / "corpus.jsonl.gz", "rt") as lines:
        for line in lines:
            record = json.loads(line)
            yield Draft(record["_id"], record["text"], title=record.get("title"))


@pytest.mark.parametrize(
    "name", ["squad20_dev_articles", *(f"xquad/{code}" for code in ("en", "tr", "de", "es", "zh"))]
)
def test_every_passage_of_whole_collections_is_exact_in_the_models_own_tokens(
    shared: Path, embedder: Embedder, name: str
) -> None:
    seen = 0
    for draft in texts_of(shared / "data" / name):
        article = clean(draft)
        passages = cut(article, embedder.tokens, embedder.max_tokens)
        seen += len(passages)
        assert [one for one in passages if article.text[one.start : one.end] != one.text] == []
        assert all(0 < len(embedder.tokens(one.text)) <= embedder.max_tokens for one in passages)
        kept = "".join(one.text for one in passages)
        assert "".join(kept.split()) == "".join(article.text.split())
    assert seen >= 240
