"""Story folding judged over a whole library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import InvalidInput
from index.ingest import ingest
from index.library.opening import open_library
from search.evaluation.folding import Told, judge_stories, stories

FIRE = "A fire broke out in the old harbour market on Monday night and burned until the morning."
SAME_FIRE = "Flames destroyed the harbour market on Monday night: the old market hall burned until Tuesday morning."
FLOOD = "The river rose two metres in a single day and flooded the lower town after weeks of rain."


@pytest.fixture
def found(tmp_path: Path) -> Iterator[list[Told]]:
    texts = {
        "a": FIRE,
        "b": FIRE + " Nobody was hurt.",
        "c": FLOOD,
        "e": SAME_FIRE,
        "d": "Bees dance to tell where clover is in bloom.",
    }
    embedder = HashingEmbedder()
    with closing(open_library(tmp_path / "library", create=True)) as library:
        list(ingest((Draft(name, text) for name, text in texts.items()), library, embedder))
        with library.snapshot() as snapshot:
            yield stories(snapshot, embedder.dimensions)


def test_every_article_is_in_one_story(found: list[Told]) -> None:
    assert found == [Told(["a", "b"], ["a", "b", "e"]), Told(["c"], ["c"]), Told(["d"], ["d"])]


def test_stories_are_judged_as_events(found: list[Told], tmp_path: Path) -> None:
    (tmp_path / "clusters.tsv").write_text(
        "id\ttopic\tevent\na\t1\tfire\nb\t1\tfire\ne\t1\tfire\nc\t1\tflood\nd\t2\tflood\n"
    )
    # Precision 1; recall 1, 1, 1, 1/2 and 1/2: F1 = 2 * 0.8 / 1.8.
    assert judge_stories(tmp_path, found) == pytest.approx({"b_cubed_f1": 0.8889}, abs=5e-5)


def test_stories_are_judged_as_pairs(found: list[Told], tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("id1\tid2\nd\tc\n")
    assert judge_stories(tmp_path, found) == {"pairs_found": 0.0, "false_pairs": 1}
    (tmp_path / "pairs.tsv").write_text("id1\tid2\nb\ta\n")
    assert judge_stories(tmp_path, found) == {"pairs_found": 1.0, "false_pairs": 0}


def test_a_set_without_either_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"pairs\.tsv, line 1: it cannot be read"):
        judge_stories(tmp_path, [])
