"""Age as a preference, and folding hits into stories."""

from __future__ import annotations

from datetime import UTC, datetime

from index.articles.article import Article
from index.articles.passage import Passage
from index.library.contract import Stored
from search.recency import age_in_days, decay
from search.stories import Story, fold


def stored(key: int, article_id: str, text: str, published: str | None = None) -> Stored:
    return Stored(key, Passage(article_id, 0, 0, len(text), text), Article(article_id, "", published=published))


AGENCY = "The council voted on Tuesday to close the harbour bridge for nine weeks from March."
REPRINT = "On Monday evening it came out: the council voted on Tuesday to close the harbour bridge for nine weeks."
SAME_EVENT = "The harbour bridge will be closed for nine weeks, the council decided in a vote on Tuesday night."
OTHER = "Ferry tickets will be free for people who live on the island while the works go on."


def test_age_counts_from_the_given_moment_and_is_never_negative() -> None:
    as_of = datetime(2025, 1, 20, tzinfo=UTC)
    assert age_in_days(datetime(2025, 1, 13, 12, tzinfo=UTC), as_of) == 6.5
    assert age_in_days(datetime(2025, 2, 1, tzinfo=UTC), as_of) == 0.0


def test_decay_halves_every_half_life() -> None:
    assert [decay(age, 30) for age in (0.0, 30.0, 60.0)] == [1.0, 0.5, 0.25]
    assert decay(None, 30) == 0.25


def test_none_folds_nothing() -> None:
    candidates = [stored(1, "a", AGENCY), stored(2, "a", AGENCY)]
    assert fold(candidates, "none") == [Story(0), Story(1)]


def test_article_keeps_the_best_passage_of_each_article() -> None:
    candidates = [stored(1, "a", AGENCY), stored(2, "b", OTHER), stored(3, "a", OTHER)]
    assert fold(candidates, "article") == [Story(0, [], [2]), Story(1)]


def test_story_folds_the_same_report_in_other_articles() -> None:
    candidates = [stored(1, "a", AGENCY), stored(2, "b", OTHER), stored(3, "c", REPRINT)]
    assert fold(candidates, "story") == [Story(0, [2]), Story(1)]


def test_story_folds_other_reports_of_the_event_but_no_two_passages_of_an_article() -> None:
    candidates = [stored(1, "a", AGENCY), stored(2, "b", OTHER), stored(3, "c", SAME_EVENT), stored(4, "c", SAME_EVENT)]
    assert fold(candidates[:3], "story") == [Story(0, [], [2]), Story(1)]
    assert fold([stored(1, "c", AGENCY), *candidates[1:3]], "story") == [Story(0), Story(1), Story(2)]


def test_a_copy_may_be_old_but_another_event_is_weeks_away() -> None:
    first = stored(1, "a", AGENCY, "2025-01-13")
    later = [stored(2, "b", OTHER), stored(3, "c", SAME_EVENT, "2025-03-01"), stored(4, "d", REPRINT, "2025-03-01")]
    assert fold([first, *later], "story") == [Story(0, [3]), Story(1), Story(2)]
    soon = stored(3, "c", SAME_EVENT, "2025-01-27")
    assert fold([first, later[0], soon], "story") == [Story(0, [], [2]), Story(1)]
