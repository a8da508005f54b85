"""Real articles from beside the checkout: notices go, the articles' own text stays, and every passage is exact."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.articles.article import Article, Draft
from index.articles.characters import tidy
from index.articles.clean import clean
from index.articles.cut import cut
from index.articles.readers import read_paths
from index.articles.sentences import sentences

pytestmark = pytest.mark.shared

Words = Callable[[str], list[tuple[int, int]]]


@pytest.fixture(scope="module")
def two(shared: Path) -> list[Article]:
    return [clean(draft) for draft in read_paths([shared / "data" / "seeds"]) if isinstance(draft, Draft)]


def own_text(path: Path) -> str:
    """The file up to the lone X that closes its notice."""
    return path.read_text().split("\nX\n")[0].strip()


def test_the_notice_is_gone_and_the_own_text_whole(shared: Path, two: list[Article]) -> None:
    files = sorted((shared / "data" / "seeds").iterdir())
    assert [article.text for article in two] == [own_text(path) for path in files]
    (notice,) = two[0].removed
    assert notice.count("\n\n") == 3
    assert notice.startswith("X\n")
    assert notice.count("çerez") >= 4
    assert two[1].removed == ()


def test_what_the_texts_tell(two: list[Article]) -> None:
    assert [article.language for article in two] == ["en", "en"]
    assert [article.title is None for article in two] == [False, True]
    assert two[0].text.startswith(two[0].title or "-")
    assert [article.metadata["provenance"] for article in two] == [
        {"title": "headline", "language": "detected"},
        {"language": "detected"},  # the only day in it is that of a post which it quotes
    ]
    headings = [mark for mark in two[1].breaks if mark.kind == "heading"]
    assert len(headings) == 4


@pytest.mark.parametrize("room", [20, 60, 250, 500])
def test_every_sentence_is_in_some_passage(two: list[Article], words: Words, room: int) -> None:
    for article in two:
        passages = cut(article, words, room)
        assert "".join("".join(passage.text.split()) for passage in passages) == "".join(article.text.split())
        assert not any("çerez" in passage.text for passage in passages)
        if room >= 250:
            for start, end in sentences(article.text, "en"):
                assert any(passage.start <= start and end <= passage.end for passage in passages)


def corpus(folder: Path) -> Iterator[dict[str, str]]:
    """The records of a corpus."""
    (path,) = folder.glob("corpus.jsonl*")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, data.splitlines())


@pytest.mark.parametrize(
    ("folder", "language"),
    [
        ("squad20_dev_articles", "en"),
        ("xquad/en", "en"),
        ("xquad/tr", "tr"),
        ("xquad/de", "de"),
        ("xquad/es", "es"),
        ("xquad/zh", "zh"),
    ],
)
def test_every_passage_is_exact_on_real_text(shared: Path, words: Words, folder: str, language: str) -> None:
    tokens = words if language != "zh" else lambda text: [(place, place + 1) for place in range(len(text))]
    for record in corpus(shared / "data" / folder):
        article = clean(Draft(record["_id"], record["text"], language=language))
        assert article.text == tidy(record["text"]).strip()
        passages = cut(article, tokens, room=250)
        assert all(article.text[passage.start : passage.end] == passage.text for passage in passages)
        assert "".join("".join(passage.text.split()) for passage in passages) == "".join(article.text.split())
        assert max(len(tokens(passage.text)) for passage in passages) <= 250
