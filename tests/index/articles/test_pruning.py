"""What a page's structure gives away as no part of its article."""

from __future__ import annotations

import lxml.html

from index.articles.pruning import prune

TEXT = "The council met on Monday and talked about the bridge for three hours, without coming to a decision on it."


def pruned(html: str) -> tuple[list[str], str]:
    root = lxml.html.document_fromstring(f"<html><body>{html}</body></html>")
    return prune(root), root.text_content()


def test_a_paragraph_that_is_one_link_among_paragraphs() -> None:
    link = "<p><b><a href='/x'>Mill burns down for the second time</a></b></p>"
    assert pruned(f"<p>{TEXT}</p>{link}!") == (["Mill burns down for the second time"], f"{TEXT}!")


def test_links_that_stand_alone_or_within_a_sentence_stay() -> None:
    alone = "<div><p><a href='/x'>Mill burns down for the second time</a></p></div>"
    within = f"<p>{TEXT} <a href='/x'>See the plan of it</a></p>"
    short = "<p><a href='/x'>The plan</a></p>"
    assert pruned(alone + within + short)[0] == []


def test_a_list_of_nothing_but_links() -> None:
    links = "<ul><li><a href='/a'>Mill burns down</a></li><li><a href='/b'>River rises</a></li></ul>"
    plain = "<ul><li><a href='/a'>Mill</a>: burnt down in May</li><li><a href='/b'>River</a></li></ul>"
    assert pruned(f"<p>{TEXT}</p>{links}") == (["Mill burns downRiver rises"], TEXT)
    assert pruned(f"<p>{TEXT}</p>{plain}")[0] == []


def test_pop_ups_and_values_for_machines() -> None:
    pop_up = "<p>Rep. Pell<span class='rollover-people'>Dora Pell's other stories</span> spoke.</p>"
    values = "<div itemprop='datePublished'>2025-03-05</div><div itemprop='articleBody'>Text</div>"
    assert pruned(pop_up + values) == ([], "Rep. Pell spoke.Text")
