"""Lines that an outlet repeats are learnt and taken out; what belongs to an article never is."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.article import Article, Break, Draft
from index.articles.blocks import assemble, disassemble
from index.articles.clean import clean
from index.articles.recurring import PERIOD, Habits, outlet, without_recurring
from index.errors import InvalidArticle

TOPICS = ("bridge", "ferry", "library", "harbour", "orchard", "tram", "school", "market", "theatre", "quarry")


def own(number: int) -> list[str]:
    """The paragraphs of one article, like those of no other."""
    topic = TOPICS[number % len(TOPICS)]
    return [
        f"The council talked about the {topic} for {number} hours, and {number + 3} people had come to listen to it.",
        f"Plan {number} for the {topic} will cost {number * 7} million, said the head of its department {number}.",
        f"Work on part {number} of the {topic} starts after the holidays, unless somebody objects to plan {number}.",
    ]


def article(number: int, before: Sequence[str] = (), between: Sequence[str] = (), after: Sequence[str] = ()) -> Article:
    first, second, third = own(number)
    paragraphs = [*before, first, second, *between, third, *after]
    return clean(Draft(f"{number}", "\n\n".join(paragraphs), source="The Gazette"))


def learnt(articles: Sequence[Article]) -> Habits:
    habits = Habits()
    for one in articles:
        habits.learn(one)
    return habits


PROMOTION = "Only in the Gazette: five summers of puzzles in one handsome box."
LEGAL = "No part of this page may be kept, lent or sung without a letter from the Gazette's office in Aldermouth."


def test_a_line_at_the_end_goes_once_it_stood_in_five_articles() -> None:
    articles = [article(number, after=[PROMOTION, LEGAL]) for number in range(6)]
    assert without_recurring(articles[5], learnt(articles[:4])) == articles[5]
    cleaned = without_recurring(articles[5], learnt(articles[:5]))
    assert cleaned.text == "\n\n".join(own(5))
    assert cleaned.removed == (PROMOTION, LEGAL)
    assert cleaned.breaks == articles[5].breaks[:3]
    assert (cleaned.id, cleaned.source, cleaned.metadata) == ("5", "The Gazette", articles[5].metadata)


def test_lines_at_the_start_go_too_and_the_title_and_byline_stay() -> None:
    articles = [article(number, before=["Bridge news", "By Dora Pell", PROMOTION]) for number in range(5)]
    cleaned = without_recurring(articles[4], learnt(articles))
    assert cleaned.text == "\n\n".join(["Bridge news", "By Dora Pell", *own(4)])
    assert cleaned.removed == (PROMOTION,)
    assert cleaned.title == "Bridge news"


def test_between_paragraphs_it_takes_ten_articles_and_most_of_the_outlets() -> None:
    articles = [article(number, between=[PROMOTION]) for number in range(16)]
    assert without_recurring(articles[0], learnt(articles[:9])) == articles[0]
    assert without_recurring(articles[0], learnt(articles[:10])).text == "\n\n".join(own(0))
    others = [article(number) for number in range(20, 30)]
    assert without_recurring(articles[0], learnt([*articles[:10], *others])) == articles[0]


def test_a_line_of_a_few_articles_among_many_stays() -> None:
    rare = [article(number, after=[PROMOTION]) for number in range(5)]
    assert without_recurring(rare[0], learnt([*rare, *map(article, range(10, 22))])) == rare[0]
    assert without_recurring(rare[0], learnt([*rare, *map(article, range(10, 21))])).removed == (PROMOTION,)


def test_labels_that_differ_may_stand_among_recurring_lines() -> None:
    articles = [article(number, after=[PROMOTION, f"Topics: {number}", LEGAL]) for number in range(5)]
    cleaned = without_recurring(articles[3], learnt(articles))
    assert cleaned.text == "\n\n".join([*own(3), "Topics: 3"])
    assert cleaned.removed == (PROMOTION, LEGAL)


@pytest.mark.parametrize(
    "line",
    [
        "“Not one stone will be moved,” she said.",
        '"Not one stone will be moved by this council," she said.',
        "The trial goes on.",
        "By Dora Pell",
        "13 January 2025",
        "— * —",
        "Column one\tcolumn two",
        "x" * 301,
    ],
)
def test_what_never_goes(line: str) -> None:
    articles = [article(number, after=[line]) for number in range(12)]
    assert without_recurring(articles[0], learnt(articles)) == articles[0]


def test_headings_and_list_items_between_paragraphs_stay() -> None:
    articles = []
    for number in range(12):
        first, second, third = own(number)
        shared = (
            "<h2>What happens next</h2><ul><li>Flour, butter and a pinch of salt;</li><li>Two eggs and milk;</li></ul>"
        )
        html = f"<p>{first}</p><p>{second}</p>{shared}<p>{third}</p>"
        articles.append(clean(Draft(f"{number}", html, "html", source="The Gazette")))
    assert "salt;\nTwo eggs" in articles[0].text
    assert [without_recurring(one, learnt(articles)) for one in articles] == articles


def test_a_refrain_counts_once() -> None:
    songs = [clean(Draft(f"{n}", "\n\n".join([*own(n), PROMOTION] * 4), source="Gazette")) for n in range(4)]
    assert without_recurring(songs[0], learnt(songs)) == songs[0]


def test_versions_of_one_article_teach_nothing() -> None:
    first, second, third = own(1)
    versions = [
        clean(Draft(f"v{number}", f"{first}\n\nUpdate {number}.\n\n{second}\n\n{third}", source="Gazette"))
        for number in range(9)
    ]
    habits = learnt(versions)
    assert habits.seen == 1
    assert without_recurring(versions[8], habits) == versions[8]


def test_half_of_an_article_never_goes() -> None:
    articles = [clean(Draft(f"{n}", f"Ox number {n} was sold.\n\n{PROMOTION}", source="Gazette")) for n in range(9)]
    assert [without_recurring(one, learnt(articles)) for one in articles] == articles


def test_case_and_spaces_make_no_difference() -> None:
    forms = [PROMOTION, PROMOTION.upper(), PROMOTION.replace(" ", "  "), PROMOTION, PROMOTION.lower()]
    articles = [article(number, after=[form]) for number, form in enumerate(forms)]
    assert [without_recurring(one, learnt(articles)).removed for one in articles] == [(form,) for form in forms]


def test_a_page_that_starts_with_a_recurring_line_still_starts() -> None:
    pages = [
        clean(Draft(f"{n}", "\n\n".join(own(n)) + f"\f{PROMOTION}\n\nPage {n} of the paper", source="G"))
        for n in range(9)
    ]
    pages += [article(number, between=[PROMOTION]) for number in range(10, 40)]
    cleaned = without_recurring(pages[0], learnt(pages))
    assert cleaned.removed == (PROMOTION,)
    place = cleaned.text.index("Page 0")
    assert [mark for mark in cleaned.breaks if mark.start == place] == [Break(place, "page"), Break(place, "paragraph")]


def test_an_outlet_is_known_by_its_name_without_case() -> None:
    assert outlet(Article("a", "x", source="The GAZETTE")) == "the gazette"
    assert outlet(Article("a", "x")) is None


def test_the_order_of_fifty_articles_makes_no_difference() -> None:
    articles = [article(number, after=[PROMOTION] if number % 3 else [LEGAL]) for number in range(PERIOD)]
    shuffled = random.Random(7).sample(articles, PERIOD)
    assert learnt(shuffled).dumped() == learnt(articles).dumped()


def test_what_is_rare_is_forgotten_and_what_recurs_is_not() -> None:
    habits = learnt([article(number, after=[PROMOTION] if number % 2 else []) for number in range(20 * PERIOD)])
    assert habits.seen == 20 * PERIOD
    assert len(habits.lines) <= 1
    assert without_recurring(article(5001, after=[PROMOTION]), habits).removed == (PROMOTION,)


def test_a_new_habit_of_an_old_outlet_is_learnt_as_fast() -> None:
    habits = learnt([article(number) for number in range(4 * PERIOD)])
    for number in range(1000, 1005):
        habits.learn(article(number, after=[PROMOTION]))
    assert without_recurring(article(2000, after=[PROMOTION]), habits).removed == (PROMOTION,)


def test_habits_can_be_kept_as_text() -> None:
    habits = learnt([article(number, after=[PROMOTION]) for number in range(7)])
    again = Habits.loaded(habits.dumped())
    assert again == habits
    assert PROMOTION[:8] not in habits.dumped()
    assert Habits.loaded(None) == Habits()


CONTENTS = st.lists(st.sampled_from([*own(1), PROMOTION, LEGAL, "Head line", "- item", "\f", "Two\nlines"]) | st.text())


@given(st.lists(CONTENTS, max_size=8), st.sampled_from(["\n", "\n\n"]))
def test_only_whole_paragraphs_go_and_the_rest_is_unchanged(texts: list[list[str]], gap: str) -> None:
    articles = []
    for number, parts in enumerate(texts):
        try:
            articles.append(clean(Draft(f"{number}", gap.join(parts), source="Gazette")))
        except InvalidArticle:
            continue
    habits = learnt(articles * 2)
    for one in articles:
        blocks = disassemble(one.text, one.breaks)
        assert assemble(blocks) == (one.text, one.breaks)
        cleaned = without_recurring(one, habits)
        left = [block.text for block in disassemble(cleaned.text, cleaned.breaks)]
        gone = list(cleaned.removed[len(one.removed) :])
        assert sorted(left + gone) == sorted(block.text for block in blocks)
        assert 2 * sum(map(len, gone)) < max(1, len(one.text))
