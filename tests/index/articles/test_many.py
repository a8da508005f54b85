"""Many drafts cleaned at once: the same articles in the same order, also when a process is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from index.articles import many
from index.articles.article import Article, Draft
from index.articles.many import AHEAD, FEW, HANDFUL, clean_many, tried
from index.errors import InvalidArticle, Unreadable


def page(number: int) -> Draft:
    return Draft(
        f"{number}.html", f"<p>The ferry number {number} sails at noon and comes back in the evening.</p>", "html"
    )


def some(count: int) -> list[Draft | Unreadable]:
    """Pages with other drafts and failures among them."""
    others = [Draft("t.txt", "A line of text."), Unreadable("not text", origin="u"), Draft("e.html", " ", "html")]
    return [page(number) if number % 5 else others[number // 5 % 3] for number in range(count)]


def shown(cleaned: Iterator[tuple[str, object]]) -> list[tuple[str, str]]:
    return [(origin, str(found) if isinstance(found, Exception) else repr(found)) for origin, found in cleaned]


def test_each_draft_is_cleaned_or_named_in_order() -> None:
    text, damaged, empty = list(clean_many([Draft("t", "Ox."), Unreadable("no", origin="u"), Draft("e", " ")]))
    assert (text[0], damaged[0], empty[0]) == ("t", "u", "e")
    assert isinstance(text[1], Article)
    assert isinstance(damaged[1], Unreadable)
    assert isinstance(empty[1], InvalidArticle)


def test_other_processes_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEW", 3)
    drafts = some(60)
    assert shown(clean_many(drafts, processes=2)) == shown(clean_many(drafts))


def test_few_pages_need_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_executor", None)  # calling it would be an error
    assert len(list(clean_many(some(FEW), processes=2))) == FEW
    assert len(list(clean_many([Draft(f"{n}", "Ox.") for n in range(2 * FEW)], processes=2))) == 2 * FEW


def test_no_more_drafts_are_read_than_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEW", 0)
    taken: list[int] = []

    def drafts() -> Iterator[Draft]:
        for number in range(1000):
            taken.append(number)
            yield page(number)

    cleaned = clean_many(drafts(), processes=2)
    assert next(cleaned)[0] == "0.html"
    assert len(taken) <= 2 * AHEAD + HANDFUL
    cleaned.close()


def test_large_pages_wait_in_small_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEW", 0)
    monkeypatch.setattr(many, "HANDFUL_CHARACTERS", 1)
    monkeypatch.setattr(many, "AHEAD_CHARACTERS", 2 * len(page(0).content))
    taken: list[int] = []
    cleaned = clean_many((taken.append(number) or page(number) for number in range(20)), processes=2)
    assert next(cleaned)[0] == "0.html"
    assert len(taken) <= 3
    cleaned.close()


def test_pages_and_other_drafts_that_alternate_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEW", 0)
    drafts = [page(number) if number % 2 else Draft(f"{number}", "Ox.") for number in range(12)]
    assert [origin for origin, _ in clean_many(drafts, processes=2)] == [draft.origin for draft in drafts]


def killed(drafts: list[Draft] | Draft) -> list[many.Cleaned] | many.Cleaned:
    """As `all_tried` and `tried`, for pages that kill the process that cleans them."""
    several = drafts if isinstance(drafts, list) else [drafts]
    if any(draft.origin == "1.html" for draft in several):
        os.kill(os.getpid(), signal.SIGKILL)
    return many.all_tried(drafts) if isinstance(drafts, list) else tried(drafts)


def test_a_page_whose_process_is_killed_is_named_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEW", 0)
    submit = ProcessPoolExecutor.submit
    monkeypatch.setattr(ProcessPoolExecutor, "submit", lambda pool, _, draft: submit(pool, killed, draft))
    drafts = [page(number) for number in range(4)]
    found = list(clean_many(drafts, processes=2))
    assert [origin for origin, _ in found] == [draft.origin for draft in drafts]
    reason = "the process that read it was ended, as happens when memory runs out; the page may be too large"
    refused = [item.message for _, item in found if isinstance(item, Unreadable)]
    assert refused == [f"1.html: {reason}"]


def test_a_pool_that_broke_before_a_draft_was_sent_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pool:
        """Broken the first time."""

        opened = 0

        def __init__(self, processes: int) -> None:
            Pool.opened += 1

        def submit(self, task: object, drafts: list[Draft]) -> Future[list[many.Cleaned]]:
            if Pool.opened == 1:
                raise BrokenProcessPool
            future: Future[list[many.Cleaned]] = Future()
            future.set_result(many.all_tried(drafts))
            return future

        def shutdown(self, cancel_futures: bool) -> None:
            pass

    monkeypatch.setattr(many, "FEW", 0)
    monkeypatch.setattr(many, "_executor", Pool)
    assert [origin for origin, _ in clean_many([page(1), page(2)], processes=2)] == ["1.html", "2.html"]
    assert Pool.opened == 2
