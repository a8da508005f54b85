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


def test_links_within_the_page_and_to_other_sites_stay() -> None:
    contents = "<ul><li><a href='#one'>How it began</a></li><li><a href='#two'>How it will end</a></li></ul>"
    shops = "<p><a href='https://shop.example.com/ox'>The ox is sold in this shop</a></p>"
    page = lxml.html.document_fromstring(f"<html><body><p>{TEXT}</p>{contents}{shops}</body></html>")
    assert prune(page, "https://www.gazette.example.org/ox") == []
    links = {"https://news.gazette.org/mill": "Mill burns down again", "http://[x": "A link that leads nowhere"}
    own = "".join(f"<p><a href='{target}'>{text}</a></p>" for target, text in links.items())
    page = lxml.html.document_fromstring(f"<html><body><p>{TEXT}</p>{own}</body></html>")
    assert prune(page, "https://www.gazette.org/ox") == list(links.values())


def test_headings_that_are_links_of_cards() -> None:
    card = "<article><a href='/mill'><h3>Mill burns down</h3></a><span>2 min</span></article>"
    other = "<div><h3><a href='/river'>River rises</a></h3></div>"
    own = f"<div><h3><a href='/plan'>The plan</a></h3><p>{TEXT}</p></div>"
    assert pruned(own + card + other) == (["Mill burns down", "River rises"], f"The plan{TEXT}2 min")


def test_forms_for_newsletters() -> None:
    form = "<section class='Newsletter-box'><h3>Morning briefing</h3><p>All the news, before breakfast.</p></section>"
    article = f"<div class='newsletter-archive'><p>{TEXT * 5}</p></div>"
    assert pruned(form + article) == ([], TEXT * 5)


def test_quoted_posts_are_no_furniture() -> None:
    post = "<div class='social'><blockquote class='twitter-tweet'><p>The bridge is open!</p></blockquote></div>"
    root = lxml.html.document_fromstring(f"<html><body><div class='story'><p>{TEXT}</p>{post}</div></body></html>")
    prune(root)
    assert [(element.tag, dict(element.attrib)) for element in root.iter("div", "blockquote")] == [
        ("div", {"class": "story"}),
        ("div", {}),
        ("blockquote", {}),
    ]


def test_menus_asides_and_scripts_go_unreported_and_the_text_behind_them_stays() -> None:
    around = "<nav><p><a href='/x'>Mill burns down for the second time</a></p></nav>"
    within = "<aside>More</aside><script>x()</script><button>OK</button><svg><title>Logo</title></svg> by noon."
    assert pruned(f"{around}<p>{TEXT}{within}</p><footer>Imprint</footer>") == ([], f"{TEXT} by noon.")


def test_a_pages_own_data_stay_wherever_they_stand() -> None:
    data = "<script type='application/ld+json'>{}</script>"
    assert pruned(f"<p>{TEXT}</p>{data}<footer>{data}</footer><footer>Imprint</footer>") == ([], f"{TEXT}{{}}{{}}")
