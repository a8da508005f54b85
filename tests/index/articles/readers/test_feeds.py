"""Feeds as outlets really write them: marked-up titles, addresses within a site, pictures, and broken XML."""

from __future__ import annotations

import pytest

from index.articles.article import Draft
from index.articles.clean import clean
from index.articles.readers import read_bytes
from index.articles.readers.xml import parsed
from index.errors import Unreadable

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://gazette.example/"><title type="html">The &lt;b&gt;
Gazette&lt;/b&gt;</title><author><name>Dora Pell</name></author>{}</feed>"""
RSS = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Gazette</title><link>https://gazette.example/</link>{}</channel></rss>"""


def entry(feed: str, inside: str) -> Draft:
    (found,) = read_bytes(feed.format(inside).encode(), "feed.xml")
    assert isinstance(found, Draft)
    return found


def atom(inside: str) -> Draft:
    return entry(ATOM, f"<entry>{inside}</entry>")


def rss(inside: str) -> Draft:
    return entry(RSS, f"<item>{inside}</item>")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<title>1 &lt; 2 &amp;amp; 3</title>", "1 < 2 &amp; 3"),
        ("<title type='html'>Fish &amp;amp; &lt;i&gt;chips&lt;/i&gt;</title>", "Fish & chips"),
        (
            "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Boat <em>back</em> </div></title>",
            "Boat back",
        ),
    ],
)
def test_an_atom_title_reads_as_its_type_says(written: str, title: str) -> None:
    assert atom(f"{written}<summary>Text.</summary>").title == title


def test_an_rss_title_has_no_markup_and_no_names_for_characters() -> None:
    assert (
        rss("<title>L&amp;#8217;été &lt;b&gt;arrive&lt;/b&gt;</title><description>x</description>").title
        == "L’été arrive"
    )
    assert rss("<title>Tom &amp;lt;3 Ann</title><description>x</description>").title == "Tom <3 Ann"


def test_atom_text_is_text_and_rss_text_is_html() -> None:
    plain = atom("<title>T</title><content>1 &lt; 2 and a &lt;b&gt; tag.\n\nMore.</content>")
    assert (plain.markup, plain.content) == ("text", "1 < 2 and a <b> tag.\n\nMore.")
    assert atom("<content type='text/plain'>Text.</content>").markup == "text"
    assert atom("<content type='html'>&lt;p&gt;Text.&lt;/p&gt;</content>").markup == "html"
    assert rss("<description>&lt;p&gt;Text.&lt;/p&gt;</description>").markup == "html"


def test_what_the_feed_says_holds_for_its_entries() -> None:
    found = atom("<title>T</title><link href='/boat'/><summary>Text.</summary>")
    assert (found.source, found.author, found.url) == ("The Gazette", "Dora Pell", "https://gazette.example/boat")
    own = atom("<author><name>Ann Lee</name></author><author><name>Bo Ek</name></author><summary>Text.</summary>")
    assert own.author == "Ann Lee; Bo Ek"


def test_an_address_within_the_site_of_a_feed_without_base() -> None:
    assert rss("<link>/boat</link><description>x</description>").url == "https://gazette.example/boat"
    assert rss("<link>http://[x/</link><description>x</description>").url == "http://[x/"


def test_a_picture_is_no_text() -> None:
    (found,) = read_bytes(
        ATOM.format("<entry><content type='image/png'>iVBORw0KGgo=</content></entry>").encode(), "f.xml"
    )
    assert isinstance(found, Unreadable)
    assert found.message == "f.xml, record 1: the entry has no text"


def test_what_describes_a_picture_does_not_describe_the_article() -> None:
    media = (
        "<media:title>A photo</media:title><media:content><media:description>Sea</media:description></media:content>"
    )
    found = rss(f"{media}<title>Boat back</title><description>Text.</description>")
    assert (found.title, found.content) == ("Boat back", "Text.")


def test_an_author_with_an_address_is_named_once_and_without_it() -> None:
    written = "<dc:creator>Dora Pell</dc:creator><author>dora@gazette.example (Dora Pell)</author>"
    assert rss(f"{written}<description>x</description>").author == "Dora Pell"


def test_names_for_characters_and_stray_ampersands_damage_nothing() -> None:
    found = rss(
        "<title>Tom & Ann&nbsp;wed</title><description>&lt;p&gt;A &amp;amp; B &hellip; C&T&lt;/p&gt;</description>"
    )
    assert found.title == "Tom & Ann wed"
    assert clean(found).text == "A & B … C&T"


def test_what_is_marked_as_text_is_left_alone() -> None:
    found = rss("<title>A & B</title><description><![CDATA[<p>C&nbsp;&amp; D</p>]]></description>")
    assert found.content == "<p>C&nbsp;&amp; D</p>"
    assert parsed(b"<a>&unknown; & <!-- & --> &#65;</a>", "x").text == "&unknown; & "


def test_a_prefix_that_stands_for_nothing_does_no_harm() -> None:
    assert rss("<x:note>Aside</x:note><title>Boat</title><description>Text.</description>").content == "Text."
