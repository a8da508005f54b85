"""Which URLs may be asked for, and which one a page says is its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import Unreadable
from index.web.urls import canonical, is_url, web_url

PAGE = web_url("https://www.gazette.example/2025/bridge?utm=1")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("HTTP://Gazette.Example:80/a#b", "http://gazette.example/a"),
        ("https://gazette.example", "https://gazette.example/"),
        ("https://gün.example/ä b?q=ü", "https://xn--gn-xka.example/%C3%A4%20b?q=%C3%BC"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
    ],
)
def test_urls_are_written_in_one_way(written: str, url: str) -> None:
    assert str(web_url(written)) == url


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("ftp://gazette.example/", "only http:// and https:// addresses are read"),
        ("file:///etc/passwd", "only http:// and https:// addresses are read"),
        ("javascript:alert(1)", "only http:// and https:// addresses are read"),
        ("http:///path", "only http:// and https:// addresses are read"),
        ("http://user@gazette.example/", "a web address with a user's name or password in it is refused"),
        ("http://h:0/", "there is no port 0"),
        ("http://h:99999/", "there is no port 99999"),
        ("http://h/" + "x" * 2048, "the web address has more than 2048 characters"),
        ("http://a\nb/", "it is no web address ("),
        ("http://[::1/", "it is no web address ("),
    ],
)
def test_other_urls_are_refused(written: str, why: str) -> None:
    with pytest.raises(Unreadable) as failure:
        web_url(written)
    assert failure.value.reason.startswith(why)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(Unreadable) as failure:
        web_url("http://user:secret@gazette.example/x")
    assert failure.value.message.startswith("http://gazette.example/x: ")


@given(st.text(max_size=80))
def test_whatever_is_written_is_a_url_or_a_named_rejection(written: str) -> None:
    for given_url, base in ((written, None), (f"http://{written}", None), (written, PAGE)):
        try:
            url = web_url(given_url, base)
        except Unreadable:
            continue
        assert url.scheme in {"http", "https"}
        assert not url.userinfo
        assert not url.fragment


def test_urls_are_told_from_files() -> None:
    assert [is_url(one) for one in ("http://h/", "HTTPS://h", "ftp://h/", "a.html", "http:/h")] == [
        True,
        True,
        *[False] * 3,
    ]


def page(link: str) -> str:
    return f"<!doctype html><head><title>T</title>{link}</head><p>Text"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<link rel="canonical" href="/2025/bridge">', "https://www.gazette.example/2025/bridge"),
        ('<LINK HREF=" https://gazette.example/b#x " REL="Canonical nofollow">', "https://gazette.example/b"),
        ('<link rel="canonical" href="https://gazette.example/">', str(PAGE)),
        ('<link rel="canonical" href="https://other.example/2025/bridge">', str(PAGE)),
        ('<link rel="canonical" href="ftp://gazette.example/x">', str(PAGE)),
        ('<link rel="alternate" href="/amp">', str(PAGE)),
        ('<link rel="canonical" href="ftp:x"><link rel="canonical" href="/y">', "https://www.gazette.example/y"),
        ("", str(PAGE)),
    ],
)
def test_a_page_names_its_own_url_within_its_site(link: str, url: str) -> None:
    assert str(canonical(page(link), PAGE)) == url


def test_a_home_page_may_say_that_it_is_one() -> None:
    home = web_url("https://gazette.example/?from=mail")
    assert str(canonical(page('<link rel="canonical" href="/">'), home)) == "https://gazette.example/"


@pytest.mark.parametrize("html", ["", "   ", "<", "\x00", "\ud800", "<?xml version='1.0' encoding='utf-16'?><html/>"])
def test_a_page_with_nothing_in_it_keeps_its_url(html: str) -> None:
    assert canonical(html, PAGE) == PAGE
