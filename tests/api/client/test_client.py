"""Both clients against a real server on a real port."""

from __future__ import annotations

import asyncio
import inspect
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.client import AsyncPincite, Fates, Pincite
from index.errors import ArticleNotFound, InvalidArticle, InvalidCitation, InvalidInput, InvalidSetting, Unreachable
from tests.api.conftest import BRIDGE, REPRINT, TURKISH


@pytest.fixture
def pincite(server: str) -> Iterator[Pincite]:
    with Pincite(server) as pincite:
        yield pincite


def test_an_answer_has_hits_with_citations(pincite: Pincite) -> None:
    answer = pincite.search("When will the harbour bridge close?", limit=1, explain=True)
    (hit,) = answer.hits
    assert hit.citation.article_id == BRIDGE["id"]
    assert BRIDGE["text"][hit.citation.start : hit.citation.end] == hit.citation.quote == hit.passage.text
    assert hit.citation.selectors[1] == {"type": "TextPositionSelector", "start": 0, "end": hit.citation.end}
    assert [cited.article_id for cited in hit.also_reported_by] == ["reprint"]
    assert hit.explain is not None
    assert [stage.name for stage in hit.explain][-1] == "result"
    assert (answer.library.articles, answer.understood.period) == (3, None)
    assert pincite.search("bridge").hits[0].explain is None


def test_every_option_reaches_the_server(pincite: Pincite) -> None:
    def found(**options: object) -> list[str]:
        answer = pincite.search("bridge closes, school snow", mode="lexical", group="none", **options)  # type: ignore[arg-type]
        return sorted(hit.citation.article_id for hit in answer.hits)

    assert found(sources=["Island Courier"]) == ["reprint"]
    assert found(tags=["transport"], languages=["en"]) == [BRIDGE["id"]]
    assert found(published_after=date(2025, 1, 14)) == ["reprint"]
    assert found(published_after="2025-01-13", published_before=date(2025, 1, 14)) == [BRIDGE["id"]]
    assert found(article_ids=["reprint", BRIDGE["id"]], limit=1, offset=1, half_life_days=30, as_of="2025-02-01")
    assert found(none_of=[{"tags": ["transport"]}]) == ["reprint"]
    assert found(any_of=[{"tags": ["transport"]}, {"sources": ["Island Courier"]}]) == [BRIDGE["id"], "reprint"]
    with pytest.raises(TypeError, match="search has no option colour"):
        pincite.search("bridge", colour="red")  # type: ignore[call-arg]


def test_articles_are_added_listed_read_and_deleted(pincite: Pincite) -> None:
    owl = {"id": "a/b c?.txt", "text": "The owl in the tower has three chicks.", "desk": "nature"}
    fates = pincite.add([owl, {"id": "empty"}])
    assert [(fate.status, fate.id, fate.passages) for fate in fates.results] == [
        ("added", owl["id"], 1),
        ("rejected", None, 0),
    ]
    assert fates.results[1].error is not None
    assert fates.results[1].error["code"] == "unreadable"
    assert fates.counts == {"added": 1, "rejected": 1}
    article = pincite.article("a/b c?.txt")
    assert (article.text, article.metadata["desk"], article.language) == (owl["text"], "nature", "en")
    assert [card.id for card in pincite.articles(page_size=2)] == sorted(
        [owl["id"], BRIDGE["id"], REPRINT["id"], TURKISH["id"]]
    )
    assert pincite.status().articles == 4
    assert pincite.delete("a/b c?.txt", "nothing", "reprint").deleted == 2
    assert pincite.status().articles == 2


def test_files_are_uploaded_by_path_or_content(pincite: Pincite, tmp_path: Path) -> None:
    (tmp_path / "owl.md").write_text("# Owl\n\nThe owl in the tower has three chicks.\n")
    fates = pincite.upload(tmp_path / "owl.md", ("news/fox.txt", b"The fox in the yard has two cubs."))
    assert [(fate.status, fate.id) for fate in fates.results] == [("added", "owl.md"), ("added", "news/fox.txt")]
    assert pincite.article("owl.md").title == "Owl"


def test_a_quote_is_verified(pincite: Pincite) -> None:
    cited = pincite.search("harbour bridge", limit=1, group="none").hits[0].citation
    check = pincite.verify(cited.id)
    assert (check.status, check.cited_start, check.cited_end) == ("unchanged", cited.start, cited.end)
    assert check.citation == cited


def test_errors_are_our_own_classes(pincite: Pincite) -> None:
    with pytest.raises(ArticleNotFound, match="There is no article 'nothing'") as missing:
        pincite.article("nothing")
    assert missing.value.detail == {"article_id": "nothing"}
    with pytest.raises(ArticleNotFound):
        pincite.delete("nothing", "nor this")
    with pytest.raises(InvalidCitation):
        pincite.verify("nonsense")
    with pytest.raises(InvalidInput, match="limit: "):
        pincite.search("bridge", limit=1000)
    with pytest.raises(InvalidArticle):
        pincite.add({"id": "empty"})


def test_nobody_there_is_said_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        silent = Pincite(f"http://127.0.0.1:{port}", timeout=0.05)
        with silent, pytest.raises(Unreachable, match=rf"http://127\.0\.0\.1:{port} did not answer in time"):
            silent.status()
    refused = r"cannot be reached \(.*refused.*\)\. Is `pincite serve` running there"
    gone = Pincite(f"http://127.0.0.1:{port}")
    with gone, pytest.raises(Unreachable, match=refused):
        gone.status()


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://x", "http://", "nonsense"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InvalidSetting, match="give an address such as http"):
        Pincite(address)


def test_asyncio_does_the_same(server: str) -> None:
    async def all_of_it() -> None:
        async with AsyncPincite(server) as pincite:
            answers = await asyncio.gather(*(pincite.search("harbour bridge", limit=1) for _ in range(8)))
            assert {answer.hits[0].citation.article_id for answer in answers} == {BRIDGE["id"]}
            assert (await pincite.verify(answers[0].hits[0].citation.id)).status == "unchanged"
            added: Fates = await pincite.add({"id": "owl", "text": "The owl has three chicks."})
            assert added.counts == {"added": 1}
            assert (await pincite.upload(("fox.txt", b"The fox has two cubs."))).counts == {"added": 1}
            assert (await pincite.article("owl")).text == "The owl has three chicks."
            assert [card.id async for card in pincite.articles(page_size=2)] == sorted(
                ["fox.txt", "owl", BRIDGE["id"], REPRINT["id"], TURKISH["id"]]
            )
            assert (await pincite.delete("owl", "fox.txt")).deleted == 2
            assert (await pincite.status()).articles == 3
            with pytest.raises(ArticleNotFound):
                await pincite.delete("owl")

    asyncio.run(all_of_it())


def test_both_clients_take_the_same() -> None:
    def signatures(kind: type) -> dict[str, list[str]]:
        methods = {name: one for name, one in vars(kind).items() if not name.startswith("_") and callable(one)}
        return {name: list(inspect.signature(one).parameters) for name, one in methods.items()}

    assert signatures(Pincite) == signatures(AsyncPincite)


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = "torch numpy pydantic faiss fastapi openvino tantivy lxml"
    program = f"import sys, api.client; print([name for name in {heavy.split()} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
