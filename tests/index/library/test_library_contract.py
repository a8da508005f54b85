"""What every library must do, whatever its engine: one suite, run for each implementation."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from index.articles.article import Article, Break
from index.articles.passage import Passage
from index.errors import FingerprintMismatch
from index.library.contract import Entry, Facet, FacetField, Filters, Library, Receipt, Snapshot, Vectors
from index.library.labels import caseless
from tests.index.library.openers import LEAST_RECALL, NO_FILTERS, Opener, every_kind, ids, words
from tests.index.library.samples import DIMENSIONS, PlainLibrary, digest, entry, random_entries, unit_vectors

CASES = [
    NO_FILTERS,
    Filters(sources=("REUTERS",)),
    Filters(sources=("Reuters", "dpa"), languages=("en", "tr")),
    Filters(tags=("TAG7",)),
    Filters(tags=("tag1", "tag2", "tag3"), authors=("bo li",)),
    Filters(authors=("ada yılmaz",)),
    Filters(article_ids=("a3", "a5", "a190", "nowhere")),
    Filters(published_after=datetime(2025, 7, 1, tzinfo=UTC)),
    Filters(published_before=datetime(2025, 2, 1, tzinfo=UTC), sources=("dpa",)),
    Filters(published_after=datetime(2025, 3, 1, tzinfo=UTC), published_before=datetime(2025, 4, 1, tzinfo=UTC)),
    Filters(sources=("no such source",)),
    Filters(phrases=("word3",)),
    Filters(phrases=("WORD1 word2", "word0")),
    Filters(without=("word0",)),
    Filters(without=("word1 word0", "word7"), sources=("dpa",)),
    Filters(phrases=("word2",), without=("word1",), languages=("en", "tr")),
    Filters(phrases=("nowhere at all",)),
    Filters(without=("nowhere at all",)),
    Filters(sources=("Reuters", "dpa"), also=Filters(sources=("dpa",), phrases=("word0",))),
    Filters(sources=("Reuters",), also=Filters(sources=("dpa",))),
    Filters(
        published_after=datetime(2025, 3, 1, tzinfo=UTC),
        also=Filters(published_before=datetime(2025, 3, 1, tzinfo=UTC)),
    ),
    Filters(any_of=(Filters(sources=("dpa",)), Filters(tags=("tag3",), phrases=("word2",)))),
    Filters(none_of=(Filters(sources=("dpa",)), Filters(languages=("en",), without=("word0",)))),
    Filters(none_of=(Filters(published_after=datetime(1, 1, 1, tzinfo=UTC)),)),
    Filters(none_of=(NO_FILTERS,)),
    Filters(any_of=(NO_FILTERS, Filters(sources=("dpa",))), languages=("de",)),
    Filters(none_of=(Filters(none_of=(Filters(sources=("dpa",)),)),)),
    Filters(
        sources=("Reuters", "dpa"),
        any_of=(Filters(languages=("en",)), Filters(none_of=(Filters(tags=("tag1",)),))),
        also=Filters(any_of=(Filters(authors=("bo li",)), Filters(phrases=("word1",)))),
    ),
]


@pytest.fixture
def least_recall(request: pytest.FixtureRequest) -> float:
    return LEAST_RECALL.get(request.node.callspec.params["opener"], 1.0)


def dense_recall(snapshot: Snapshot, plain: PlainLibrary, vector: Vectors, limit: int, filters: Filters) -> float:
    """Which share of the passages that exact search finds is found. As many are, they pass, and scores are exact."""
    found = snapshot.dense(vector, limit, filters)
    everything = dict(plain.dense(vector, 10_000, filters))
    names = ids(snapshot, found)
    assert len(set(names)) == len(found) == min(limit, len(everything))
    np.testing.assert_allclose([one.score for one in found], [everything[name] for name in names], atol=1e-6)
    assert found == sorted(found, key=lambda one: (-one.score, one.key))
    best = list(everything)[:limit]
    return len(set(names) & set(best)) / len(best) if best else 1.0


def assert_all_agree(library: Library, plain: PlainLibrary, seed: int, least_recall: float) -> None:
    """Dense search under all filters, the set of passages found by words, and the articles."""
    recalls = []
    with library.snapshot() as snapshot:
        for filters in CASES:
            question = unit_vectors(1, seed)[0]
            recalls += [dense_recall(snapshot, plain, question, limit, filters) for limit in (1, 10, 1000)]
            everything = snapshot.lexical(" ".join(f"word{number}" for number in range(300)), 10_000, filters)
            assert set(ids(snapshot, everything)) == plain.passing_ids(filters)
        assert snapshot.counts() == (len(plain.entries), len(plain.passing_ids(NO_FILTERS)))
        assert [article.id for article in snapshot.articles(None, 10_000)] == sorted(plain.entries)
    assert np.mean(recalls) >= least_recall


# Storing and reading


def test_a_new_library_is_empty(library: Library) -> None:
    status = library.status()
    assert (status.articles, status.passages, status.generation, status.fingerprint) == (0, 0, 0, None)
    assert dict(status.languages) == {}
    with library.snapshot() as snapshot:
        assert snapshot.generation == 0
        assert snapshot.counts() == (0, 0)
        assert snapshot.dense(unit_vectors(1, 0)[0], 10, NO_FILTERS) == []
        assert snapshot.lexical("anything", 10, NO_FILTERS) == []
        assert snapshot.articles(None, 10) == []
        assert snapshot.article("a") is None
        assert snapshot.text("a") is None
        assert snapshot.article_passages("a") == []
        assert snapshot.passages([1]) == []
        assert snapshot.vectors([]).shape[0] == 0


def test_an_article_comes_back_as_it_was(library: Library) -> None:
    article = Article(
        id="https://ornek.example/haber?id=1&x=ğ",
        text="İlk cümle 😀 burada.\n\nZweiter  Satz\u00a0hier.",
        title="Başlık",
        source="Örnek Haber",
        author="Ada Yılmaz; Bo Li",
        published="2025-01-13T09:30:00+03:00",
        url="https://ornek.example/haber",
        language="tr",
        tags=("ekonomi", "Dünya"),
        breaks=(Break(0, "heading"), Break(22, "paragraph")),
        metadata={"section": "world", "nested": [1, {"a": None}]},
        removed=("Çerez bildirimi", "share"),
    )
    passages = [Passage(article.id, 0, 0, 20, article.text[:20]), Passage(article.id, 1, 22, 40, article.text[22:40])]
    vectors = unit_vectors(2, 1)
    receipt = library.put([Entry(article, passages, vectors, [b"one", b"two"])])

    assert receipt == Receipt(generation=1, added=1)
    with library.snapshot() as snapshot:
        assert snapshot.article(article.id) == article
        assert snapshot.article_passages(article.id) == passages
        found = snapshot.dense(vectors[1], 2, NO_FILTERS)
        stored = snapshot.passages([one.key for one in found])
        assert [one.passage for one in stored] == [passages[1], passages[0]]
        assert {(one.article.text, one.article.breaks, one.article.removed) for one in stored} == {("", (), ())}
        assert stored[0].article.metadata == {"section": "world", "nested": [1, {"a": None}]}
        assert stored[0].article.tags == ("ekonomi", "Dünya")
        assert snapshot.articles(None, 10) == [stored[0].article]
    assert library.digests([article.id, "other"]) == {article.id: article.digest}


@every_kind
def test_a_snapshot_knows_the_languages_of_its_articles(library: Library) -> None:
    with library.snapshot() as nothing_yet:
        library.put(
            [entry("a", "some words", language="en"), entry("b", "andere Wörter", language="de"), entry("c", "x")]
        )
        with library.snapshot() as all_three:
            library.delete(["b"])
            with library.snapshot() as two:
                assert set(all_three.languages()) == {"en", "de", ""}
                assert set(two.languages()) == {"en", ""}
        assert set(nothing_yet.languages()) <= {""}


def test_an_article_without_passages_is_kept_but_never_found(library: Library) -> None:
    library.put([entry("empty"), entry("b", "some words here")])
    with library.snapshot() as snapshot:
        assert snapshot.counts() == (2, 1)
        assert snapshot.article("empty") == Article("empty", "")
        assert snapshot.text("empty") == ""
        assert ids(snapshot, snapshot.dense(unit_vectors(1, 0)[0], 10, NO_FILTERS)) == ["b#0"]


@every_kind
def test_putting_again_replaces_the_article_whole(library: Library) -> None:
    library.put([entry("a", "the old words", "more old words", source="Old"), entry("b", "unrelated text")])
    receipt = library.put([entry("a", "fresh words", seed=5, source="New"), entry("c", "third text")])

    assert receipt == Receipt(generation=2, added=1, updated=1)
    assert words(library, "old") == []
    assert words(library, "fresh") == ["a#0"]
    assert words(library, "words", Filters(sources=("old",))) == []
    with library.snapshot() as snapshot:
        assert snapshot.counts() == (3, 3)
        assert snapshot.article_passages("a") == [Passage("a", 0, 0, 11, "fresh words")]
        assert snapshot.dense(unit_vectors(1, 5)[0], 1, NO_FILTERS)[0].score == pytest.approx(1.0, abs=1e-6)
        assert len(snapshot.dense(unit_vectors(1, 5)[0], 10, NO_FILTERS)) == 3


def test_deleting_says_how_many_there_were(library: Library) -> None:
    library.put([entry("a", "apple"), entry("b", "banana"), entry("c", "cherry")])
    assert library.delete(["a", "missing", "c", "a"]) == Receipt(generation=2, deleted=2)
    assert words(library, "apple banana cherry") == ["b#0"]
    assert library.digests(["a", "b", "c"]).keys() == {"b"}
    assert library.delete(["a"]) == Receipt(generation=2)
    assert library.status().generation == 2


def test_notes_are_kept_with_the_articles_they_came_with(library: Library) -> None:
    library.put([entry("a", "apple")], {"one": "1", "two": "İkinci\n"})
    assert library.notes(["two", "one", "three"]) == {"one": "1", "two": "İkinci\n"}
    library.put([entry("b", "banana")], {"one": "uno"})
    assert library.notes(["one", "two"]) == {"one": "uno", "two": "İkinci\n"}
    with pytest.raises(ValueError, match="given twice"):
        library.put([entry("c", "cherry"), entry("c", "cherry")], {"one": "never"})
    assert library.notes(["one"]) == {"one": "uno"}
    assert library.notes([]) == {}


def test_writing_nothing_changes_nothing(library: Library) -> None:
    assert library.put([]) == Receipt(generation=0)
    assert library.delete([]) == Receipt(generation=0)


def test_keys_are_never_used_again(library: Library) -> None:
    library.put([entry("a", "first")])
    with library.snapshot() as snapshot:
        (before,) = snapshot.lexical("first", 1, NO_FILTERS)
    library.delete(["a"])
    library.put([entry("a", "first")])
    with library.snapshot() as snapshot:
        (after,) = snapshot.lexical("first", 1, NO_FILTERS)
        assert after.key > before.key
        assert snapshot.passages([before.key]) == []


def test_passages_come_in_the_order_asked(library: Library) -> None:
    library.put([entry("a", "one", "two", "three")])
    with library.snapshot() as snapshot:
        keys = [snapshot.lexical(text, 1, NO_FILTERS)[0].key for text in ("three", "one", "two")]
        assert [one.passage.text for one in snapshot.passages([keys[0], 999_999, keys[1], keys[2], keys[0]])] == [
            "three",
            "one",
            "two",
            "three",
        ]


def test_vectors_come_in_the_order_asked(library: Library) -> None:
    vectors = unit_vectors(3, 4)
    library.put([entry("a", "one", "two", "three", vectors=vectors)])
    with library.snapshot() as snapshot:
        keys = [snapshot.lexical(text, 1, NO_FILTERS)[0].key for text in ("three", "one")]
        np.testing.assert_array_equal(snapshot.vectors(keys), vectors[[2, 0]])
        assert snapshot.vectors(keys).dtype == np.float32
        with pytest.raises(KeyError):
            snapshot.vectors([keys[0], 999_999])


def test_articles_are_paged_by_id(library: Library) -> None:
    names = ["b", "a", "Z", "ä", "ab", "😀", "10", "9"]
    library.put([entry(name, "text") for name in names])
    ordered = sorted(names)
    with library.snapshot() as snapshot:
        assert [one.id for one in snapshot.articles(None, 3)] == ordered[:3]
        assert [one.id for one in snapshot.articles(ordered[2], 3)] == ordered[3:6]
        assert [one.id for one in snapshot.articles("aaa", 2)] == ["ab", "b"]
        assert snapshot.articles(ordered[-1], 3) == []


def test_what_was_embedded_is_found_by_its_digest(library: Library) -> None:
    vectors = unit_vectors(2, 8)
    library.put([entry("a", "one", "two", vectors=vectors), entry("b", "one", seed=9)])
    found = library.embedded([digest("two"), digest("three"), digest("two")])
    assert found.keys() == {digest("two")}
    np.testing.assert_array_equal(found[digest("two")], vectors[1])
    library.delete(["a"])
    assert library.embedded([digest("two")]) == {}


def test_many_ids_and_digests_are_asked_at_once(library: Library) -> None:
    entries = [entry(f"a{number}", f"text {number}") for number in range(1200)]
    library.put(entries)
    asked = [f"a{number}" for number in range(-10, 1200)]
    assert library.digests(asked) == {one.article.id: one.article.digest for one in entries}
    assert len(library.embedded([digest(f"text {number}") for number in range(1300)])) == 1200
    assert library.delete(asked).deleted == 1200


def test_languages_are_counted(library: Library) -> None:
    library.put([entry("a", "x", language="en"), entry("b", "x", language="en"), entry("c", "x")])
    assert dict(library.status().languages) == {"en": 2, "": 1}
    assert set(library.status().derived.values()) == {0}


# Facets


def facets(library: Library, field: FacetField, filters: Filters = NO_FILTERS, limit: int = 10) -> list[Facet]:
    with library.snapshot() as snapshot:
        return snapshot.facets(field, filters, limit)


@pytest.fixture
def three(library: Library) -> Library:
    """Three articles with all that can be counted."""
    library.put(
        [
            entry(
                "a", "red fox", "blue fish", source="Reuters", language="en", tags=("War", "peace"), author="Ada; Bo"
            ),
            entry("b", "red dog", source="REUTERS", language="tr", tags=("war",), published="2025-01-31", author="bo"),
            entry("c", "grey owl", source="İzmir", language="en", published="2025-02-01T01:30:00+03:00", title="Red"),
            entry("d", "grey cat"),
        ]
    )
    return library


@pytest.mark.parametrize(
    ("field", "counted"),
    [
        ("source", [("Reuters", 2), ("İzmir", 1)]),
        ("language", [("en", 2), ("tr", 1)]),
        ("tag", [("War", 2), ("peace", 1)]),
        ("author", [("Bo", 2), ("Ada", 1)]),
        ("month", [("2025-01", 2)]),
    ],
)
def test_values_are_counted_the_commonest_first(three: Library, field: FacetField, counted: list[Facet]) -> None:
    assert facets(three, field) == counted


def test_facets_obey_filters_and_limits(three: Library) -> None:
    assert facets(three, "source", Filters(languages=("EN",))) == [("İzmir", 1), ("Reuters", 1)]
    assert facets(three, "tag", Filters(sources=("reuters",), languages=("tr",))) == [("war", 1)]
    assert facets(three, "source", limit=1) == [("Reuters", 2)]
    assert facets(three, "source", limit=0) == []
    assert facets(three, "month", limit=0) == []
    assert facets(three, "language", Filters(sources=("nobody",))) == []
    three.delete(["b"])
    assert facets(three, "tag") == [("peace", 1), ("War", 1)]


def test_an_article_counts_by_any_passage_with_the_phrases(three: Library) -> None:
    assert facets(three, "source", Filters(phrases=("red",))) == [("Reuters", 2), ("İzmir", 1)]
    assert facets(three, "source", Filters(phrases=("fox",))) == [("Reuters", 1)]
    assert facets(three, "language", Filters(without=("red",))) == [("en", 1)]
    assert facets(three, "language", Filters(phrases=("blue fish",), without=("red",))) == [("en", 1)]
    assert facets(three, "language", Filters(phrases=("red",), without=("fox",), sources=("reuters",))) == [("tr", 1)]


def test_months_come_newest_first_and_before_1970_too(library: Library) -> None:
    dates = ("1969-12-31T23:59:59.5Z", "1970-01-01", "0001-01-01", "2024-12-31T23:30:00-01:00", "2024-12-31")
    library.put([entry(f"a{number}", "x", published=date) for number, date in enumerate(dates)])
    assert facets(library, "month") == [
        ("2025-01", 1),
        ("2024-12", 1),
        ("1970-01", 1),
        ("1969-12", 1),
        ("0001-01", 1),
    ]


def test_facets_agree_with_counting_one_by_one(library: Library) -> None:
    plain = PlainLibrary()
    entries = random_entries(120, seed=11)
    library.put(entries)
    plain.put(entries)
    fields: tuple[FacetField, ...] = ("source", "language", "tag", "author", "month")
    for filters in CASES:
        for field in fields:
            found = facets(library, field, filters, 1000)
            assert {caseless(one.value): one.articles for one in found} == plain.facets(field, filters)
            assert field == "month" or found == sorted(found, key=lambda one: (-one.articles, caseless(one.value)))


# Dense search


@every_kind
def test_dense_agrees_with_exact_search(library: Library, opener: Opener, least_recall: float) -> None:
    plain = PlainLibrary()
    entries = random_entries(200, seed=1)
    library.put(entries)
    plain.put(entries)
    assert_all_agree(library, plain, 2, least_recall)
    library.close()
    reopened = opener()
    assert_all_agree(reopened, plain, 3, least_recall)
    more = random_entries(60, seed=4, first=180)
    reopened.put(more)
    plain.put(more)
    assert_all_agree(reopened, plain, 5, least_recall)
    gone = [f"a{number}" for number in range(0, 240, 7)]
    reopened.delete(gone)
    plain.delete(gone)
    assert_all_agree(reopened, plain, 6, least_recall)
    reopened.close()
    assert_all_agree(opener(), plain, 7, least_recall)


@every_kind
def test_equal_vectors_are_ordered_by_key_wherever_they_lie(library: Library, opener: Opener) -> None:
    same = unit_vectors(1, 3)
    for start in range(0, 120, 30):
        library.put([entry(f"a{number}", "x", vectors=same) for number in range(start, start + 30)])
    library.close()
    library = opener()
    library.put([entry(f"a{number}", "x", vectors=same) for number in range(120, 140)])
    with library.snapshot() as snapshot:
        keys = [one.key for one in snapshot.dense(same[0], 140, NO_FILTERS)]
        assert keys == sorted(keys)
        for limit in (1, 7, 40, 139):
            assert [one.key for one in snapshot.dense(same[0], limit, NO_FILTERS)] == keys[:limit]


def test_the_order_is_that_of_double_precision(library: Library) -> None:
    """Neighbours that float32 sums cannot tell apart still come out the same way each time."""
    vectors = np.repeat(unit_vectors(1, 3), 60, axis=0)
    vectors += np.random.default_rng(5).normal(0, 3e-7, vectors.shape).astype(np.float32)
    library.put([entry("a", *["x"] * 60, vectors=vectors)])
    exact = (vectors.astype(np.float64) @ unit_vectors(1, 3)[0].astype(np.float64)).astype(np.float32)
    expected = np.lexsort((np.arange(60), -exact))
    with library.snapshot() as snapshot:
        found = snapshot.dense(unit_vectors(1, 3)[0], 10, NO_FILTERS)
        assert ids(snapshot, found) == [f"a#{ordinal}" for ordinal in expected[:10]]


def test_the_question_must_have_the_librarys_dimensions(library: Library) -> None:
    library.put([entry("a", "x")])
    with library.snapshot() as snapshot, pytest.raises(ValueError, match=r"\(5,\).*\(16,\)"):
        snapshot.dense(unit_vectors(1, 0, dimensions=5)[0], 3, NO_FILTERS)


def test_a_limit_of_nothing_finds_nothing(library: Library) -> None:
    library.put([entry("a", "word")])
    with library.snapshot() as snapshot:
        assert snapshot.dense(unit_vectors(1, 0)[0], 0, NO_FILTERS) == []
        assert snapshot.lexical("word", 0, NO_FILTERS) == []


# Lexical search


def test_rarer_and_more_frequent_words_and_shorter_passages_count_more(library: Library) -> None:
    library.put(
        [
            entry("often", "grain grain harvest in the fields of the south"),
            entry("once", "grain harvest in the fields of the south today"),
            entry("short", "grain harvest"),
            entry("rare", "grain embargo in the fields of the south today"),
            entry("other", "nothing about it in the fields of the south"),
        ]
    )
    assert words(library, "grain") == ["short#0", "often#0", "once#0", "rare#0"]
    assert words(library, "grain embargo")[0] == "rare#0"
    assert words(library, "nowhere to be seen") == []


def test_each_question_word_counts_once(library: Library) -> None:
    library.put([entry("a", "grain and more", language="en"), entry("b", "embargo and more", language="en")])
    with library.snapshot() as snapshot:
        once = snapshot.lexical("grain", 10, NO_FILTERS)
        assert snapshot.lexical("grain Grain GRAIN grains", 10, NO_FILTERS) == once


def test_filters_change_no_score(library: Library) -> None:
    library.put(random_entries(150, seed=11))
    with library.snapshot() as snapshot:
        free = {one.key: one.score for one in snapshot.lexical("word1 word5 word80", 1000, NO_FILTERS)}
        assert min(free.values()) > 0
        for filters in CASES[1:]:
            for one in snapshot.lexical("word1 word5 word80", 1000, filters):
                assert one.score == free[one.key]


def test_lexical_order_is_by_score_then_key_at_every_limit(library: Library) -> None:
    for start in range(0, 90, 30):
        library.put([entry(f"a{number}", "same words", "other words here") for number in range(start, start + 30)])
    with library.snapshot() as snapshot:
        everything = snapshot.lexical("same words", 1000, NO_FILTERS)
        assert everything == sorted(everything, key=lambda one: (-one.score, one.key))
        assert len(everything) == 180
        for limit in (1, 10, 50, 89, 90, 91, 179):
            assert snapshot.lexical("same words", limit, NO_FILTERS) == everything[:limit]


IN_THEIR_LANGUAGE = [
    ("tr", "İstanbul'daki ışıkların hepsi söndü", ["ISTANBUL", "istanbul", "İSTANBUL", "IŞIK", "ışıklar"]),
    ("tr", "Isparta'nın güllerini topladılar", ["ısparta", "ISPARTA"]),
    ("tr", "Ukrayna'nın geleceği", ["ukrayna", "Ukrayna'da"]),
    ("de", "Die Häuser der Straße", ["haus", "STRASSE", "Strassen"]),
    ("de", "Manche Überraschungen waren groß", ["Überraschung", "UBERRASCHUNG", "gross"]),
    ("en", "He was jumping over fences", ["jump", "fence"]),
    ("en", "Rutte's warning", ["rutte", "Rutte's", "warned"]),
    ("en", "The U.S. president", ["US", "u.s.", "U.S", "presidents"]),
    ("en", "A covid-19 wave", ["covid-19", "Covid 19", "COVID\u201119"]),
    ("en", "inflation rose by 3.5 percent", ["3.5"]),
    ("fr", "l'économie de la Côte", ["economie", "l'economie", "côte"]),
    ("zh", "北约秘书长在布鲁塞尔", ["秘书", "布鲁塞尔"]),
    ("ja", "東京タワーの高さ", ["タワー", "ﾀﾜｰ"]),
    ("ko", "우크라이나는 준비되지 않았다", ["우크라이나"]),
    ("th", "ประเทศไทย", ["ไทย"]),
    ("ru", "Переговоры о мире", ["переговоров"]),
    ("ar", "مُحَادَثَات السلام", ["محادثات"]),
    ("hi", "शांति वार्ता", ["वार्ता"]),
    (None, "Ærø garçon", ["garcon", "ÆRØ"]),
    ("xx", "unheardof speech", ["UNHEARDOF"]),
]


def test_words_are_found_in_their_language(library: Library) -> None:
    library.put([entry(f"a{at}", text, language=language) for at, (language, text, _) in enumerate(IN_THEIR_LANGUAGE)])
    expected = {question: [f"a{at}#0"] for at, (_, _, asked) in enumerate(IN_THEIR_LANGUAGE) for question in asked}
    assert {question: words(library, question) for question in expected} == expected


def test_a_question_is_read_in_every_language_of_the_library(library: Library) -> None:
    library.put(
        [
            entry("en", "houses and gardens", language="en"),
            entry("de", "Häuser und Gärten", language="de"),
            entry("none", "houses or häuser", language=None),
        ]
    )
    assert set(words(library, "houses")) == {"en#0", "none#0"}
    assert words(library, "house") == ["en#0"]
    assert words(library, "Haus") == ["de#0"]


QUESTIONS = {
    "en": ("The ferries were cancelled because of storms", "Why was the ferry cancelled?"),
    "de": ("Die Fähren fielen wegen schwerer Stürme aus", "Warum fiel die Fähre im Sturm aus?"),
    "tr": ("Fırtına yüzünden vapur seferleri İzmir'de iptal edildi", "İZMİR vapurunun seferi neden iptal oldu?"),
    "fr": ("Les traversées ont été annulées à cause des tempêtes", "Pourquoi la traversée a-t-elle été annulée ?"),
    "es": ("Las travesías fueron suspendidas por los temporales", "¿Por qué se suspendió la travesía?"),
    "it": ("I traghetti sono stati annullati per le tempeste", "Perché il traghetto è stato annullato?"),
    "pt": ("As barcas foram canceladas por causa das tempestades", "Por que a barca foi cancelada?"),
    "ru": ("Паромы отменили из-за сильных штормов", "Почему отменили паром?"),
    "zh": ("由于风暴，轮渡已经取消", "轮渡为什么取消？"),
    "ar": ("ألغيت العبّارات بسبب العواصف", "لماذا ألغيت العبارات؟"),
}


def test_a_whole_question_finds_its_passage_among_those_in_other_languages(library: Library) -> None:
    library.put([entry(name, text, language=name) for name, (text, _) in QUESTIONS.items()])
    first = {name: words(library, question)[:1] for name, (_, question) in QUESTIONS.items()}
    assert first == {name: [f"{name}#0"] for name in QUESTIONS}


def test_words_of_title_and_source_count_less_than_those_of_the_passage(library: Library) -> None:
    library.put(
        [
            entry("title", "quite different words stand here", title="Grain embargo", language="en"),
            entry("body", "the grain is words that stand here", title="Something else", language="en"),
            entry("source", "quite other words stand here", source="Grain Weekly", language="en"),
        ]
    )
    found = words(library, "grain")
    assert found[0] == "body#0"
    assert set(found) == {"title#0", "body#0", "source#0"}


@pytest.mark.parametrize(
    "text",
    [
        *('"', "(", "a AND", "NOT grain", "body:grain", "grain~2", "gr*in", "+grain -embargo", "[a TO b]", "\\", "^5"),
        *("*", "", "   ", "😀", "'", "grain'", "...", "-", "{", "a:b:c", "grain\0embargo", "\ud800", "\u0301"),
        "x" * 100_000,
    ],
)
def test_nothing_in_a_question_is_syntax(library: Library, text: str) -> None:
    library.put([entry("a", "grain embargo"), entry("b", "not and to")])
    found = words(library, text)
    expected = [
        name for name, word in (("a#0", "grain"), ("b#0", "NOT"), ("b#0", "AND"), ("b#0", "TO")) if word in text
    ]
    assert set(found) == set(expected)


def test_common_words_are_left_out_of_large_libraries_while_rarer_ones_remain(library: Library) -> None:
    library.put([entry(f"a{number}", f"the number {number}") for number in range(1100)])
    assert words(library, "the 77") == ["a77#0"]
    with library.snapshot() as snapshot:
        assert len(snapshot.lexical("the", 2000, NO_FILTERS)) == 1100
        assert len(snapshot.lexical("the unheard", 2000, NO_FILTERS)) == 1100
        assert len(snapshot.lexical("the 77", 2000, Filters(article_ids=("a78",)))) == 1
    library.put([entry("a77", "the replaced")])
    with library.snapshot() as snapshot:
        assert len(snapshot.lexical("the 77", 2000, NO_FILTERS)) == 1100


MISSPELT = {
    "zelensky": ("Volodymyr Zelenskyy travelled on", ["Zelensky", "Zelenskiy", "Zelesnkyy", "Zelenskyys", "zelenskyy"]),
    "rutte": ("Mark Rutte spoke in Brussels", ["Ruttte", "Rutte", "Brussles", "Brusels"]),
    "istanbul": ("İstanbul'daki ışıklar", ["Istambul", "ISTANBUL", "İstanbull", "istnabul"]),
    "title": ("quite different words", ["Aldermuoth", "Aldremouth"]),
}


@pytest.mark.usefixtures("finds_misspelt")
def test_misspelt_names_find(library: Library) -> None:
    languages = {"istanbul": "tr", "rutte": None}
    library.put(
        [
            entry(name, text, language=languages.get(name, "en"), title="Aldermouth Post" if name == "title" else None)
            for name, (text, _) in MISSPELT.items()
        ]
    )
    expected = {question: [f"{name}#0"] for name, (_, asked) in MISSPELT.items() for question in asked}
    assert {question: words(library, question) for question in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "Rute",  # too short
        "Brxls",  # too far for its length
        "Braxils",
        "Rutte2",  # not a name
        "9999",
        "Ruttewasforlongtheprimeministerof" * 2,
    ],
)
def test_what_is_too_far_off_finds_nothing(library: Library, text: str) -> None:
    library.put([entry("a", "Mark Rutte spoke in Brussels in 9998", language="en")])
    assert words(library, text) == []


@pytest.mark.usefixtures("finds_misspelt")
def test_a_right_spelling_counts_more_than_a_near_one(library: Library) -> None:
    library.put(
        [entry("near", "the grain was sold", language="en"), entry("right", "the groin was hurt", language="en")]
    )
    assert words(library, "groin") == ["right#0"]
    assert words(library, "graim the") == ["near#0", "right#0"]
    with library.snapshot() as snapshot:
        (exact,) = snapshot.lexical("grain", 10, NO_FILTERS)
        (near,) = snapshot.lexical("graim", 10, NO_FILTERS)
        assert 0 < near.score < exact.score


@pytest.mark.usefixtures("finds_misspelt")
def test_a_few_words_are_taken_for_misspelt_and_a_question_in_another_language_is_not(library: Library) -> None:
    library.put([entry("a", "grain embargo", language="en"), entry("b", " ".join(map(str, range(20))), language="en")])
    unknown = " ".join(f"unheard{letter * 5}" for letter in "abcdefgh")
    numbers = " ".join(map(str, range(12)))
    assert set(words(library, f"{numbers} embarga {unknown}")) == {"a#0", "b#0"}
    assert words(library, f"{numbers} {unknown} embarga") == ["b#0"]
    assert words(library, "embarga graim") == ["a#0"]
    assert words(library, "embarga unhearda unheardb") == []
    assert words(library, "embarga unhearda unheardb 1 2") == ["b#0"]
    assert set(words(library, "embarga unhearda unheardb 1 2 3")) == {"a#0", "b#0"}


# Filters


def test_dates_are_compared_as_instants(library: Library) -> None:
    library.put(
        [
            entry("day", "word", published="2025-01-13"),
            entry("evening", "word", published="2025-01-13T22:30:00-05:00"),
            entry("morning", "word", published="2025-01-13T01:00:00+03:00"),
            entry("undated", "word"),
            entry("old", "word", published="1850-06-01"),
        ]
    )
    start, end = datetime(2025, 1, 13, tzinfo=UTC), datetime(2025, 1, 14, tzinfo=UTC)
    ankara = timezone(timedelta(hours=3))

    def passing(**filters: datetime) -> set[str]:
        found = set(words(library, "word", Filters(**filters)))  # type: ignore[arg-type]
        with library.snapshot() as snapshot:
            dense = snapshot.dense(unit_vectors(1, 0)[0], 10, Filters(**filters))  # type: ignore[arg-type]
            assert set(ids(snapshot, dense)) == found
        return {passage_id.removesuffix("#0") for passage_id in found}

    assert passing(published_after=start, published_before=end) == {"day"}
    assert passing(published_after=start) == {"day", "evening"}
    assert passing(published_before=start) == {"morning", "old"}
    assert passing(published_after=datetime(2025, 1, 13, 1, tzinfo=ankara)) == {"day", "evening", "morning"}
    assert passing(published_after=start + timedelta(microseconds=1)) == {"evening"}
    assert passing(published_before=datetime(1900, 1, 1, tzinfo=UTC)) == {"old"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(sources=("ANADOLU AJANSI",)), {"a"}),
        (Filters(sources=("anadolu ajansı",)), {"a"}),
        (Filters(sources=("anadolu",)), set()),
        (Filters(authors=("bo li",)), {"a", "b"}),
        (Filters(authors=("Ada Yilmaz; Bo Li",)), set()),
        (Filters(authors=("ADA YILMAZ",)), {"a"}),
        (Filters(tags=("straße",)), {"a"}),
        (Filters(tags=("STRASSE", "other")), {"a", "b"}),
        (Filters(languages=("TR",)), {"a"}),
        (Filters(article_ids=("A",)), set()),
        (Filters(article_ids=("a", "b"), tags=("other",)), {"b"}),
        (Filters(sources=("x" * 70_000,)), {"long"}),
        (Filters(sources=("x" * 69_999,)), set()),
        (Filters(sources=("",)), set()),
    ],
)
def test_text_filters_match_whole_and_without_case(library: Library, filters: Filters, expected: set[str]) -> None:
    library.put(
        [
            entry("a", "word", source="Anadolu Ajansı", author="Ada Yılmaz; Bo Li", tags=("Straße",), language="tr"),
            entry("b", "word", author="Bo Li", tags=("Other",)),
            entry("long", "word", source="X" * 70_000),
        ]
    )
    with library.snapshot() as snapshot:
        dense = snapshot.dense(unit_vectors(1, 0)[0], 10, filters)
        lexical = snapshot.lexical("word", 10, filters)
        for found in (dense, lexical):
            assert {one.passage.article_id for one in snapshot.passages([hit.key for hit in found])} == expected


A, B = Filters(sources=("A",)), Filters(sources=("b",))
EN, UNDATED = Filters(languages=("en",)), Filters(none_of=(Filters(published_before=datetime.max.replace(tzinfo=UTC)),))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(any_of=(A, B)), {"a-en#0", "a-en#1", "a-de#0", "b-en#0"}),
        (Filters(any_of=(A, B), languages=("en",)), {"a-en#0", "a-en#1", "b-en#0"}),
        (Filters(any_of=(A,), also=Filters(any_of=(EN,))), {"a-en#0", "a-en#1"}),
        (Filters(any_of=(B, Filters(phrases=("grain",)))), {"a-en#1", "b-en#0"}),
        (Filters(none_of=(A,)), {"b-en#0", "bare#0"}),
        (Filters(none_of=(A, B)), {"bare#0"}),
        (Filters(none_of=(Filters(sources=("a",), languages=("en",)),)), {"a-de#0", "b-en#0", "bare#0"}),
        (Filters(none_of=(Filters(phrases=("grain",)),), sources=("a",)), {"a-en#0", "a-de#0"}),
        (Filters(none_of=(Filters(none_of=(A,)),)), {"a-en#0", "a-en#1", "a-de#0"}),
        (UNDATED, {"a-de#0", "bare#0"}),
        (Filters(any_of=(B, UNDATED), none_of=(Filters(languages=("de",)),)), {"b-en#0", "bare#0"}),
        (Filters(any_of=(Filters(sources=("nowhere",)),)), set()),
        (Filters(any_of=(NO_FILTERS, A)), {"a-en#0", "a-en#1", "a-de#0", "b-en#0", "bare#0"}),
        (Filters(none_of=(NO_FILTERS,)), set()),
    ],
)
@every_kind
def test_filters_are_joined_by_or_and_not(library: Library, filters: Filters, expected: set[str]) -> None:
    library.put([entry("gone", "word", source="a"), entry("b-en", "word", source="A")])
    library.put([entry("a-en", "word", "word grain", source="A", language="en", published="2025-01-13")])
    library.put([entry("a-de", "word", source="a", language="de"), entry("bare", "word")])
    library.put([entry("b-en", "word", source="B", language="en", published="2025-01-13")])
    library.delete(["gone"])
    with library.snapshot() as snapshot:
        dense = snapshot.dense(unit_vectors(1, 0)[0], 10, filters)
        for found in (dense, snapshot.lexical("word", 10, filters)):
            assert set(ids(snapshot, found)) == expected


PHRASES = {
    "tr": ("İstanbul'da IŞIKLAR söndü", "tr", None),
    "de": ("Die Überraschung: große Häuser in der Straße", "de", None),
    "zh": ("北约秘书长在布鲁塞尔说", "zh", None),
    "ja": ("東京タワーは高い", "ja", None),
    "en": ("He said: “We are not ready”, and the U.S. left", "en", "Talks in Ankara"),
    "two": ("He said that we are ready and not worried", "en", "Talks in Oslo"),
    "bare": ("", None, "Talks in Ankara"),
}


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("istanbul", {"tr"}),
        ("ISTANBUL", {"tr"}),
        ("istanbul'da ışıklar", {"tr"}),
        ("isiklar sondu", {"tr"}),
        ("ışık", set()),  # not stemmed
        ("uberraschung", {"de"}),
        ("GROSSE HÄUSER", {"de"}),
        ("Haus", set()),
        ("秘书长", {"zh"}),
        ("书", {"zh"}),
        ("长书", set()),
        ("タワー", {"ja"}),
        ("we are not ready", {"en"}),
        ("said we are", {"en"}),  # whatever stands between words
        ("are not", {"en"}),
        ("not are", set()),
        ("we are ready", {"two"}),
        ("us", {"en"}),
        ("Talks in Ankara", {"en"}),
        ("talks", {"en", "two"}),
        ("Ankara He said", set()),  # title and passage are two texts
        ("…", {"tr", "de", "zh", "ja", "en", "two"}),
    ],
)
def test_phrases_must_occur_and_must_not(library: Library, phrase: str, expected: set[str]) -> None:
    entries = [
        entry(name, *filter(None, [text]), language=language, title=title)
        for name, (text, language, title) in PHRASES.items()
    ]
    library.put([*entries])
    everything = {name for name, (text, _, _) in PHRASES.items() if text}
    refused = everything - expected if phrase != "…" else everything
    asked = "istanbul haus 秘书 タワー said"
    for filters, passing in ((Filters(phrases=(phrase,)), expected), (Filters(without=(phrase,)), refused)):
        with library.snapshot() as snapshot:
            assert set(ids(snapshot, snapshot.dense(unit_vectors(1, 0)[0], 100, filters))) == {
                f"{name}#0" for name in passing
            }
            assert set(ids(snapshot, snapshot.lexical(asked, 100, filters))) == {f"{name}#0" for name in passing}


@every_kind
def test_a_rare_phrase_thins_nothing_out(library: Library, least_recall: float) -> None:
    """One passage in a thousand has the phrase: all of them come, in the order of their scores."""
    count, rare = 4000, {7, 1500, 2999, 3998}
    vectors = unit_vectors(count, 21)
    texts = [f"grain harvest {'embargo soon' if at in rare else 'as usual'} {at}" for at in range(count)]
    parts = [slice(start, start + 1000) for start in range(0, count, 1000)]
    # In one write, or what an inverted index finds would depend on when it was made.
    library.put([entry(f"a{part.start}", *texts[part], vectors=vectors[part]) for part in parts])
    question = unit_vectors(1, 22)[0]
    exact = vectors.astype(np.float64) @ question.astype(np.float64)
    best = sorted(rare, key=lambda at: -exact[at])
    with library.snapshot() as snapshot:
        for limit in (2, 10):
            filters = Filters(phrases=("embargo soon",))
            dense = snapshot.dense(question, limit, filters)
            assert ids(snapshot, dense) == [f"a{at // 1000 * 1000}#{at % 1000}" for at in best[:limit]]
            assert len(snapshot.lexical("grain harvest", limit, filters)) == min(limit, 4)
        unfiltered = np.argsort(-exact, kind="stable")
        kept = [f"a{at // 1000 * 1000}#{at % 1000}" for at in unfiltered if at not in rare][:200]
        found = ids(snapshot, snapshot.dense(question, 200, Filters(without=("embargo",))))
        assert len(found) == 200
        assert len(set(found) & set(kept)) >= least_recall * 200
        assert [name for name in kept if name in found] == [name for name in found if name in kept]


def test_a_filter_may_hold_ten_thousand_values(library: Library) -> None:
    library.put([entry(f"a{number}", "word") for number in range(50)])
    many = Filters(article_ids=tuple(f"a{number}" for number in range(40, 10_040)))
    with library.snapshot() as snapshot:
        assert len(snapshot.dense(unit_vectors(1, 0)[0], 100, many)) == 10
        assert len(snapshot.lexical("word", 100, many)) == 10


# What is refused


def with_passage(start: int, end: int, text: str, ordinal: int = 0, article_id: str = "a") -> Entry:
    return Entry(
        Article("a", "some text"), [Passage(article_id, ordinal, start, end, text)], unit_vectors(1, 0), [b"x"]
    )


BROKEN = {
    "text": with_passage(0, 4, "same"),
    "offsets": with_passage(-4, 4, "text"),
    "backwards": with_passage(4, 0, ""),
    "ordinal": with_passage(0, 4, "some", ordinal=1),
    "owner": with_passage(0, 4, "some", article_id="b"),
    "rows": Entry(Article("a", "some"), [Passage("a", 0, 0, 4, "some")], unit_vectors(2, 0), [b"x"]),
    "digests": Entry(Article("a", "some"), [Passage("a", 0, 0, 4, "some")], unit_vectors(1, 0), []),
    "length": entry("a", "some", vectors=unit_vectors(1, 0) * 2),
    "not a number": entry("a", "some", vectors=unit_vectors(1, 0) * np.float32(np.nan)),
    "precision": entry("a", "some", vectors=unit_vectors(1, 0).astype(np.float64)),  # type: ignore[arg-type]
    "flat": Entry(Article("a", "some"), [Passage("a", 0, 0, 4, "some")], unit_vectors(1, 0)[0], [b"x"]),
    "NUL": entry("a", "so\0me"),
    "NUL in a tag": entry("a", "some", tags=("\0",)),
    "surrogate": entry("a", "so\ud800me"),
    "surrogate in the title": entry("a", "some", title="\udfff"),
    "date": entry("a", "some", published="2025-02-30"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_entry_is_refused_with_all_of_its_batch(library: Library, broken: Entry) -> None:
    with pytest.raises(ValueError, match="'a'"):
        library.put([entry("good", "word"), broken])
    assert library.status().articles == 0
    assert words(library, "word") == []


def test_an_article_given_twice_is_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="'a' is given twice"):
        library.put([entry("a", "x"), entry("b", "y"), entry("a", "z")])


def test_other_dimensions_are_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="'b': vectors have 8 dimensions, the library's have 16"):
        library.put([entry("a", "x"), entry("b", "y", vectors=unit_vectors(1, 0, dimensions=8))])
    library.put([entry("a", "x")])
    with pytest.raises(ValueError, match="'b': vectors have 8 dimensions, the library's have 16"):
        library.put([entry("b", "y", vectors=unit_vectors(1, 0, dimensions=8))])
    assert library.status().articles == 1


# The pipeline's fingerprint


def test_the_first_fingerprint_stays(library: Library, opener: Opener) -> None:
    assert library.fingerprint is None
    library.adopt({"name": "small", "dimensions": DIMENSIONS, "prompts": ["query: "]})
    library.adopt({"prompts": ["query: "], "name": "small", "dimensions": DIMENSIONS})
    with pytest.raises(FingerprintMismatch, match=r"small.*large.*pincite index"):
        library.adopt({"name": "large"})
    library.close()
    reopened = opener()
    assert reopened.fingerprint == {"name": "small", "dimensions": DIMENSIONS, "prompts": ["query: "]}
    assert reopened.status().fingerprint == reopened.fingerprint


# One generation


@every_kind
def test_a_snapshot_shows_one_generation(library: Library) -> None:
    first = [entry("a", "apple pie", seed=1), entry("b", "banana bread", seed=2)]
    library.put(first)
    with library.snapshot() as before:
        library.put([entry("a", "avocado toast", seed=3), entry("c", "cherry cake", seed=4)])
        library.delete(["b"])
        with library.snapshot() as after:
            assert (before.generation, after.generation) == (1, 3)
            assert (before.counts(), after.counts()) == ((2, 2), (2, 2))
            for snapshot, expected in ((before, {"a#0", "b#0"}), (after, {"a#0", "c#0"})):
                dense = snapshot.dense(unit_vectors(1, 1)[0], 10, NO_FILTERS)
                lexical = snapshot.lexical("apple avocado banana cherry", 10, NO_FILTERS)
                assert set(ids(snapshot, dense)) == expected
                assert set(ids(snapshot, lexical)) == expected
            assert before.article("a") == first[0].article
            assert (before.text("a"), after.text("a")) == ("apple pie", "avocado toast")
            assert before.dense(unit_vectors(1, 1)[0], 1, NO_FILTERS)[0].score == pytest.approx(1, abs=1e-6)
            assert before.lexical("apple", 5, Filters(article_ids=("a",))) != []
            assert after.lexical("apple", 5, NO_FILTERS) == []


@every_kind
def test_a_snapshot_holds_while_others_write(library: Library) -> None:
    """Every snapshot taken while a thread writes shows whole batches: all of a batch's articles, or none."""
    batches, size = 12, 5
    seen: list[int] = []
    failures: list[str] = []

    def write() -> None:
        for batch in range(batches):
            library.put([entry(f"a{number}", f"batch {batch}", seed=batch) for number in range(size)])

    writer = threading.Thread(target=write)
    library.put([entry(f"a{number}", "batch none") for number in range(size)])
    writer.start()
    while writer.is_alive() or not seen or seen[-1] < batches + 1:
        with library.snapshot() as snapshot:
            texts = {one.passage.text for one in snapshot.passages(range(1, 10_000))}
            dense = snapshot.dense(unit_vectors(1, 0)[0], 100, NO_FILTERS)
            lexical = snapshot.lexical("batch", 100, NO_FILTERS)
            keys = [one.key for one in dense]
            if len(texts) != 1 or len(keys) != size or set(keys) != {one.key for one in lexical}:
                failures.append(f"{snapshot.generation}: {texts} {keys} {lexical}")
            if ids(snapshot, dense) == []:
                failures.append("keys of another generation")
            seen.append(snapshot.generation)
    writer.join()
    assert failures == []
    assert seen == sorted(seen)
    assert seen[-1] == batches + 1


def test_a_closed_snapshot_is_closed(library: Library) -> None:
    snapshot = library.snapshot()
    snapshot.close()
    snapshot.close()
    with pytest.raises(ValueError, match="closed"):
        snapshot.counts()


def test_a_write_is_there_after_opening_again(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple", language="en")])
    library.close()
    library.close()
    reopened = opener()
    assert words(reopened, "apples") == ["a#0"]
    assert reopened.status().generation == 1
