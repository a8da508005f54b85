"""A set's library: where it lies, and that it is built once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.ingest import Outcome, fingerprint, ingest
from index.library.opening import open_library
from search.evaluation.building import build, library_folder
from search.evaluation.dataset import read_dataset
from tests.search.evaluation.judged_set import CORPUS, Write


def test_a_set_and_a_pipeline_have_one_folder(write: Write, tmp_path: Path) -> None:
    animals, renamed = (
        read_dataset(write()),
        read_dataset(write("beasts", queries_jsonl='{"_id": "q1", "text": "fox"}')),
    )
    small, large = fingerprint(HashingEmbedder()), fingerprint(HashingEmbedder(dimensions=512))
    folder = library_folder(tmp_path, animals, small)
    assert (folder.name, folder.parent.parent) == ("library", tmp_path)
    assert folder.parent.name.removeprefix("animals-") == library_folder(tmp_path, renamed, small).parent.name[7:]
    assert folder != library_folder(tmp_path, animals, large)


def test_a_library_is_built_once_and_tells_what_was_refused(write: Write, tmp_path: Path) -> None:
    dataset = read_dataset(write(corpus_jsonl=[*CORPUS, {"_id": "empty", "text": " "}]))
    reason = f"{dataset.corpus}, line 5: text: there is no text in it"
    folder, articles = tmp_path / "one" / "library", list[None]()
    with closing(open_library(folder, create=True)) as library:

        def store(drafts: Iterable[Draft]) -> Iterator[Outcome]:
            return ingest(drafts, library, HashingEmbedder())

        assert build(dataset, folder, store, lambda: articles.append(None)) == [reason]
        assert (library.status().articles, len(articles)) == (4, 5)
        library.delete(["fox"])
        assert build(dataset, folder, store, lambda: articles.append(None)) == [reason]
        assert (library.status().articles, len(articles)) == (3, 5)


def test_a_build_that_was_cut_short_goes_on(write: Write, tmp_path: Path) -> None:
    dataset, folder, fates = read_dataset(write()), tmp_path / "one" / "library", list[str]()
    with closing(open_library(folder, create=True)) as library:

        def cut_short(drafts: Iterable[Draft]) -> Iterator[Outcome]:
            yield from ingest(list(drafts)[:2], library, HashingEmbedder())
            raise KeyboardInterrupt

        def whole(drafts: Iterable[Draft]) -> Iterator[Outcome]:
            for outcome in ingest(drafts, library, HashingEmbedder()):
                fates.append(outcome.fate)
                yield outcome

        with pytest.raises(KeyboardInterrupt):
            build(dataset, folder, cut_short, lambda: None)
        assert build(dataset, folder, whole, lambda: None) == []
    assert fates == ["unchanged", "unchanged", "added", "added"]
    assert json.loads((folder.parent / "built.json").read_text()) == []
