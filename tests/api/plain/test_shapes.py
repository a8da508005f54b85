"""The plain dataclasses are the shapes of the HTTP service, field by field."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from api.plain import shapes
from api.plain.decoding import decoded
from api.plain.options import SearchOptions, search_body
from api.wire import answers, articles
from api.wire.questions import FiltersIn, RecencyIn, SearchIn

PAIRS: list[tuple[type, Any]] = [
    (shapes.Span, answers.SpanOut),
    (shapes.Citation, answers.CitationOut),
    (shapes.Scores, answers.ScoresOut),
    (shapes.Passage, answers.PassageOut),
    (shapes.Stage, answers.StageOut),
    (shapes.Hit, answers.HitOut),
    (shapes.LibraryCard, answers.LibraryOut),
    (shapes.Period, answers.PeriodOut),
    (shapes.Understood, answers.UnderstoodOut),
    (shapes.Answer, answers.AnswerOut),
    (shapes.Check, answers.CheckOut),
    (shapes.ArticleCard, articles.ArticleCardOut),
    (shapes.Article, articles.ArticleOut),
    (shapes.ArticlePage, articles.ArticlePageOut),
    (shapes.Fate, articles.FateOut),
    (shapes.Fates, articles.FatesOut),
    (shapes.Beside, articles.BesideOut),
    (shapes.Hardware, articles.HardwareOut),
    (shapes.Status, articles.StatusOut),
]


@pytest.mark.parametrize(("plain", "wire"), PAIRS)
def test_a_dataclass_has_the_fields_of_its_wire_shape_in_their_order(plain: Any, wire: Any) -> None:
    assert [field.name for field in fields(plain)] == list(wire.model_fields)


def test_every_option_of_a_search_is_there() -> None:
    flat = set(SearchIn.model_fields) - {"query", "filters", "recency"}
    assert set(SearchOptions.__annotations__) == flat | set(FiltersIn.model_fields) | {"half_life_days"}
    assert set(RecencyIn.model_fields) == {"half_life_days", "as_of"}


def test_the_body_is_what_the_service_takes() -> None:
    options = {"limit": 3, "sources": ("A",), "published_after": "2025-01-01", "half_life_days": 2.5, "as_of": None}
    query = SearchIn.model_validate(search_body("why?", options)).to_query()
    assert (query.text, query.limit, query.filters.sources) == ("why?", 3, ("A",))
    assert query.recency is not None
    assert query.recency.half_life_days == 2.5


def test_decoding_passes_over_what_it_does_not_know_and_names_what_is_missing() -> None:
    card = {"articles": 1, "passages": 2, "generation": 3, "model": None}
    assert decoded(shapes.LibraryCard, card | {"colour": "red"}) == shapes.LibraryCard(1, 2, 3, None)
    with pytest.raises(ValueError, match=r"this is no LibraryCard: .*'generation'"):
        decoded(shapes.LibraryCard, {"articles": 1, "passages": 2, "model": None})
    with pytest.raises(ValueError, match="this is no LibraryCard"):
        decoded(shapes.LibraryCard, "hello")


def test_decoding_goes_through_lists_and_what_may_be_none() -> None:
    value = {"text": "x", "phrases": ["a"], "without": [], "period": {"start": "s", "end": "e", "words": "w"}}
    assert decoded(shapes.Understood, value).period == shapes.Period("s", "e", "w")
    assert decoded(shapes.Understood, value | {"period": None}).period is None
