"""Work stops when its token says so, in the thread that does it, and storing stops between batches."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.cancelling import Token, cancelled_by, check
from index.embedding.hashing import HashingEmbedder
from index.errors import Cancelled
from index.ingest import BATCH_ARTICLES, Outcome, ingest
from index.library.opening import open_library


def test_without_a_token_work_goes_on() -> None:
    check()


def test_a_cancelled_token_stops_work_in_its_block_only() -> None:
    token = Token()
    with cancelled_by(token):
        check()
        token.cancel()
        with pytest.raises(Cancelled):
            check()
        with cancelled_by(Token()):
            check()
    check()


def test_a_thread_with_a_copy_of_the_context_shares_the_token() -> None:
    token = Token()
    with ThreadPoolExecutor(1) as threads, cancelled_by(token):
        token.cancel()
        with pytest.raises(Cancelled):
            threads.submit(copy_context().run, check).result()
        threads.submit(check).result()


def test_storing_stops_between_batches_and_what_was_told_is_stored(tmp_path: Path) -> None:
    token = Token()

    def drafts() -> Iterator[Draft]:
        for number in range(3 * BATCH_ARTICLES):
            yield Draft("a", f"Sentence number {number} stands here for itself.", id=f"a{number}")

    def told_until_cancelled(outcomes: Iterator[Outcome]) -> Iterator[str | None]:
        for outcome in outcomes:
            told.append(outcome.article_id)
            token.cancel()
            yield outcome.article_id

    told: list[str | None] = []
    library = open_library(tmp_path / "library", create=True)
    with cancelled_by(token), pytest.raises(Cancelled):
        list(told_until_cancelled(ingest(drafts(), library, HashingEmbedder())))
    assert len(told) == library.status().articles == BATCH_ARTICLES
    library.close()
