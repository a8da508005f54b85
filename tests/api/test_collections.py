"""Collections: libraries by name over the same models, made, found and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.collections import Collections
from api.service import Service
from api.shelf import Shelf
from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import CollectionNotFound, InvalidInput
from index.library.opening import open_library

EMBEDDER = HashingEmbedder()


def opened(folder: Path) -> Service:
    return Service(open_library(folder, create=True), lambda: EMBEDDER)


@pytest.fixture
def collections(tmp_path: Path) -> Iterator[Collections]:
    collections = Collections(opened(tmp_path / "library"), Shelf(tmp_path / "collections"), opened)
    yield collections
    collections.close()


def test_there_is_always_the_default_one(collections: Collections) -> None:
    assert collections.names() == ["default"]
    assert collections.service("default") is collections.default


def test_a_new_one_is_empty_its_own_and_found_again_after_a_start(collections: Collections, tmp_path: Path) -> None:
    gazette = collections.create("gazette")
    list(gazette.store([Draft("a", "The harbour bridge will close for nine weeks.", id="bridge")]))
    assert collections.names() == ["default", "gazette"]
    assert collections.service("gazette") is collections.create("gazette") is gazette
    assert collections.default.status().articles == 0

    later = Collections(opened(tmp_path / "other"), Shelf(tmp_path / "collections"), opened)
    assert later.names() == ["default", "gazette"]
    assert later.service("gazette").status().articles == 1
    later.close()


def test_deleting_takes_it_from_the_disk_and_the_name_is_free_again(collections: Collections, tmp_path: Path) -> None:
    gazette = collections.create("gazette")
    list(gazette.store([Draft("a", "The harbour bridge will close for nine weeks.", id="bridge")]))
    collections.delete("gazette")
    assert list((tmp_path / "collections").iterdir()) == []
    assert collections.names() == ["default"]
    with pytest.raises(CollectionNotFound, match="There is no collection 'gazette'"):
        collections.service("gazette")
    assert collections.create("gazette").status().articles == 0


@pytest.mark.parametrize("name", ["", "..", "../library", "a/b", "A", "-a", "default", "a" * 65, ".hidden", "é", "a\0"])
def test_what_cannot_be_a_name_makes_nothing_and_finds_nothing(
    collections: Collections, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidInput, match="cannot name a collection"):
        collections.create(name)
    if name != "default":
        with pytest.raises(CollectionNotFound):
            collections.service(name)
        with pytest.raises(CollectionNotFound):
            collections.delete(name)
    assert not (tmp_path / "collections").exists()


def test_one_that_another_process_deleted_is_gone_and_its_name_is_free(
    collections: Collections, tmp_path: Path
) -> None:
    list(collections.create("gazette").store([Draft("a", "The harbour bridge will close.", id="bridge")]))
    Shelf(tmp_path / "collections").delete("gazette")
    with pytest.raises(CollectionNotFound):
        collections.service("gazette")
    Shelf(tmp_path / "collections").create("gazette")
    assert collections.service("gazette").status().articles == 0


def test_only_those_that_were_asked_for_are_open(collections: Collections, tmp_path: Path) -> None:
    Shelf(tmp_path / "collections").create("gazette")
    assert sorted(collections.opened()) == ["default"]
    collections.service("gazette")
    assert sorted(collections.opened()) == ["default", "gazette"]


def test_the_default_one_cannot_be_deleted(collections: Collections) -> None:
    with pytest.raises(InvalidInput, match="server's own library"):
        collections.delete("default")


def test_a_folder_that_holds_no_library_is_none(collections: Collections, tmp_path: Path) -> None:
    (tmp_path / "collections" / "empty").mkdir(parents=True)
    (tmp_path / "collections" / "gazette.going").mkdir()
    assert collections.names() == ["default"]
    with pytest.raises(CollectionNotFound):
        collections.service("empty")


def test_without_a_folder_there_is_no_second_one(tmp_path: Path) -> None:
    with Service(open_library(tmp_path / "library", create=True), HashingEmbedder) as service:
        alone = Collections.alone(service)
        with pytest.raises(InvalidInput, match="PINCITE_COLLECTIONS"):
            alone.create("gazette")
        with pytest.raises(CollectionNotFound):
            alone.service("gazette")
