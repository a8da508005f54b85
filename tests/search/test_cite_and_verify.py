"""Citations: exact, self-contained, and checkable after the article has changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.article import Article
from index.errors import InvalidCitation
from search.answer import TextPositionSelector, TextQuoteSelector
from search.cite import Fingerprint, Reference, cite, decode, fingerprint
from search.verify import verify

TEXT = "Ağaçlar 🌳 yeşil. The bridge will close for nine weeks. Ferries will run every half hour."
QUOTE = "The bridge will close for nine weeks."
START = TEXT.index(QUOTE)
ARTICLE = Article(
    id="news/köprü 1.html",
    text=TEXT,
    title="Bridge",
    source="Gazette",
    author="Mara",
    published="2025-01-13",
    url="https://gazette.example/b",
)


def reference_to(quote: str, text: str = TEXT) -> Reference:
    start = text.index(quote)
    return decode(cite(Article("a", text), start, start + len(quote)).id)


def test_a_citation_holds_the_exact_place_and_its_surroundings() -> None:
    citation = cite(ARTICLE, START, START + len(QUOTE))
    assert ARTICLE.text[citation.start : citation.end] == citation.quote == QUOTE
    assert citation.selectors == (
        TextQuoteSelector(QUOTE, "Ağaçlar 🌳 yeşil. ", " Ferries will run every half hou"),
        TextPositionSelector(START, START + len(QUOTE)),
    )
    assert citation.deep_link == "https://gazette.example/b#:~:text=The%20bridge%20will%20close%20for%20nine%20weeks."
    assert citation.revision == ARTICLE.revision
    found = (citation.title, citation.source, citation.author, citation.published, citation.url)
    assert found == ("Bridge", "Gazette", "Mara", "2025-01-13", "https://gazette.example/b")


def test_without_an_address_there_is_no_link() -> None:
    assert cite(Article("a", TEXT), 0, 7).deep_link is None


def test_an_id_says_the_place_and_can_stand_in_an_address() -> None:
    citation = cite(ARTICLE, START, START + len(QUOTE))
    assert set(citation.id) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert decode(citation.id) == Reference(ARTICLE.id, ARTICLE.revision, START, START + len(QUOTE), fingerprint(QUOTE))


@pytest.mark.parametrize("place", [(-1, 4), (5, 5), (0, len(TEXT) + 1), (9, 3)])
def test_a_place_outside_the_text_cannot_be_cited(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no text at"):
        cite(ARTICLE, *place)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0, 999), st.integers(1, 99))
def test_references_survive_their_ids(article_id: str, start: int, length: int) -> None:
    reference = Reference(article_id, "0123456789abcdef", start, start + length, Fingerprint(77, "f" * 16))
    assert decode(reference.encoded()) == reference


@pytest.mark.parametrize(
    "citation_id",
    [
        "",
        "nonsense",
        "YQ.0123456789abcdef.5-2.4d-ffffffffffffffff",
        "_w.0123456789abcdef.0-2.4d-ffffffffffffffff",
        "A.0123456789abcdef.0-2.4d-ffffffffffffffff",
        "YQ.0123456789abcdef.0-٣.4d-ffffffffffffffff",
    ],
)
def test_what_is_no_citation_id_is_refused(citation_id: str) -> None:
    with pytest.raises(InvalidCitation):
        decode(citation_id)


def test_an_untouched_quote_is_unchanged() -> None:
    check = verify(reference_to(QUOTE), Article("a", TEXT))
    assert check.status == "unchanged"
    assert check.citation is not None
    assert (check.citation.start, check.citation.quote) == (START, QUOTE)


def test_a_quote_in_its_place_in_a_new_revision_is_unchanged() -> None:
    later = Article("a", TEXT + " Update: buses too.")
    check = verify(reference_to(QUOTE), later)
    assert (check.status, check.revision) == ("unchanged", later.revision)
    assert check.revision != check.reference.revision


def test_a_quote_elsewhere_has_moved_to_the_nearest_place() -> None:
    later = Article("a", f"{QUOTE} Correction. Some words more. {TEXT} {QUOTE}")
    check = verify(reference_to(QUOTE), later)
    places = [0, later.text.index(QUOTE, 1), later.text.rindex(QUOTE)]
    nearest = min(places, key=lambda place: abs(place - START))
    assert check.status == "moved"
    assert check.citation is not None
    assert (check.citation.start, check.citation.quote) == (nearest, QUOTE)


@pytest.mark.parametrize("text", [TEXT.replace("nine", "ten"), "Short.", TEXT.replace("nine", "enin")])
def test_a_reworded_quote_has_changed(text: str) -> None:
    check = verify(reference_to(QUOTE), Article("a", text))
    assert (check.status, check.citation) == ("changed", None)


def test_without_the_article_the_quote_is_gone() -> None:
    check = verify(reference_to(QUOTE), None)
    assert (check.status, check.citation, check.revision) == ("gone", None, None)


@given(st.text(alphabet="ab🌳 ", min_size=1, max_size=30), st.text(alphabet="ab🌳 ", max_size=30), st.data())
def test_a_quote_is_found_exactly_when_the_new_text_holds_it(old: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old) - 1))
    end = data.draw(st.integers(start + 1, len(old)))
    check = verify(decode(cite(Article("a", old), start, end).id), Article("a", new))
    assert (check.status in ("unchanged", "moved")) == (old[start:end] in new)
    if check.citation:
        assert check.citation.quote == old[start:end]
