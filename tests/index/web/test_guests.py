"""A well-behaved guest: robots.txt, the pace, Retry-After, and asking for changes only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from index.errors import Unreadable
from index.web.fetching import Reply
from index.web.politeness import Pace
from index.web.urls import web_url
from index.web.visiting import Visitor, fresh_seconds
from tests.index.web.website import Clock, Page, Site


def visit(visitor: Visitor, url: str) -> Reply:
    return visitor.visit(web_url(url), lambda _: {})


def refusal(visitor: Visitor, url: str) -> str:
    with pytest.raises(Unreadable) as failure:
        visit(visitor, url)
    assert failure.value.origin == url
    return failure.value.reason


def test_one_host_is_asked_once_a_second_and_another_at_once(clock: Clock) -> None:
    pace = Pace(1.0, clock, clock.sleep)
    for url in ("http://a/1", "http://b/1", "http://a/2", "https://a:8443/3", "http://b/2"):
        pace.wait(web_url(url))
    assert clock.slept == [1.0, 1.0]
    clock.now += 0.25
    pace.wait(web_url("http://a/4"))
    assert clock.slept == [1.0, 1.0, 0.75]


def test_a_host_that_wants_more_time_gets_it(clock: Clock) -> None:
    pace = Pace(1.0, clock, clock.sleep)
    pace.wait(web_url("http://a/"), delay=5.0)
    pace.wait(web_url("http://a/"))
    pace.hold(web_url("http://a/"), 30.0)
    pace.wait(web_url("http://a/"))
    assert clock.slept == [5.0, 30.0]
    pace.hold(web_url("http://a/"), 121.0)
    with pytest.raises(Unreadable, match="a wants to be asked again in 121 seconds only; try again then"):
        pace.wait(web_url("http://a/"))


ROBOTS = """
User-agent: *
Disallow: /

User-agent: pincite
Disallow: /private
Allow: /private/open
Disallow: /*.cgi$
Crawl-delay: 3
"""


def test_robots_are_obeyed_with_wildcards_and_delay(site: Site, visitor: Visitor, clock: Clock) -> None:
    site.put("/robots.txt", ROBOTS)
    site.put("/private/open/1", "Text")
    site.put("/2.cgi?x", "Text")
    for path in ("/private/open/1", "/2.cgi?x"):
        assert visit(visitor, site.url(path)).content == b"Text"
    for path in ("/private/1", "/2.cgi"):
        assert refusal(visitor, site.url(path)) == "the site's robots.txt does not allow it"
    assert [path for path, _ in site.requests] == ["/robots.txt", "/private/open/1", "/2.cgi?x"]
    assert clock.slept == [1.0, 3.0]


def test_a_rate_in_robots_is_kept(site: Site, visitor: Visitor, clock: Clock) -> None:
    site.put("/robots.txt", "User-agent: *\nRequest-rate: 2/30\n")
    site.put("/", "Text")
    visit(visitor, site.url("/"))
    visit(visitor, site.url("/"))
    assert clock.slept == [1.0, 15.0]


def test_where_a_redirect_leads_has_its_own_robots(site: Site, visitor: Visitor) -> None:
    site.put("/1", status=302, Location=site.url("/2", "courier.example"))
    site.put("/2", "Text")
    assert visit(visitor, site.url("/1")).content == b"Text"
    asked = [(headers["host"].partition(":")[0], path) for path, headers in site.requests]
    assert asked == [
        ("gazette.example", "/robots.txt"),
        ("gazette.example", "/1"),
        ("courier.example", "/robots.txt"),
        ("courier.example", "/2"),
    ]


def test_a_redirect_to_what_robots_forbid_is_refused(site: Site, visitor: Visitor) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /2\n")
    site.put("/1", status=302, Location="/2")
    told = refusal(visitor, site.url("/1"))
    assert told == f"the site's robots.txt does not allow it (redirected to {site.url('/2')})"


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (410, True), (500, False), (429, False)])
def test_robots_that_cannot_be_had(site: Site, visitor: Visitor, status: int, allowed: bool) -> None:
    site.put("/robots.txt", status=status)
    site.put("/", "Text")
    if allowed:
        assert visit(visitor, site.url("/")).content == b"Text"
    else:
        assert refusal(visitor, site.url("/")).startswith(f"the site's robots.txt answers {status}, and until it can")
        assert site.paths == []


def test_robots_are_read_once_a_day_and_again_soon_after_a_failure(site: Site, visitor: Visitor, clock: Clock) -> None:
    site.put("/robots.txt", status=503)
    site.put("/", "Text")
    refusal(visitor, site.url("/"))
    refusal(visitor, site.url("/"))
    clock.now += 61
    site.put("/robots.txt", "User-agent: *\nAllow: /\n")
    visit(visitor, site.url("/"))
    clock.now += 23 * 3600
    visit(visitor, site.url("/"))
    clock.now += 3600
    visit(visitor, site.url("/"))
    assert [path for path, _ in site.requests] == ["/robots.txt", "/robots.txt", "/", "/", "/robots.txt", "/"]


def test_robots_that_are_not_reached_forbid_all(visitor: Visitor, site: Site) -> None:
    site.put("/robots.txt", status=302, Location="http://10.0.0.1/robots.txt")
    told = refusal(visitor, site.url("/"))
    assert "10.0.0.1, which is no public address" in told
    assert told.endswith(f"; it was asked for {site.url('/robots.txt')}")


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"<html>404</html>", b"User-agent: *\nDisallow: /x\n" * 100_000])
def test_robots_may_hold_anything(site: Site, visitor: Visitor, body: bytes) -> None:
    site.put("/robots.txt", body[: 900 * 1024])
    site.put("/", "Text")
    assert visit(visitor, site.url("/")).content == b"Text"


def test_a_busy_server_is_asked_once_more_when_it_says(site: Site, visitor: Visitor, clock: Clock) -> None:
    site.put("/", status=429, Retry_After="7")

    def recover(seconds: float) -> None:
        clock.now += seconds
        clock.slept.append(seconds)
        if seconds == 7.0:
            site.put("/", "Text")

    visitor._pace._sleep = recover
    assert visit(visitor, site.url("/")).content == b"Text"
    assert clock.slept == [1.0, 7.0]


def test_a_busy_server_is_not_asked_for_ever(site: Site, visitor: Visitor) -> None:
    site.put("/", status=503, Retry_After="2")
    assert refusal(visitor, site.url("/")) == "the server answers 503 (Service Unavailable)"
    assert site.paths == ["/", "/"]
    site.put("/", status=503)
    refusal(visitor, site.url("/"))
    assert site.paths == ["/", "/", "/"]


def test_a_server_that_is_busy_for_long_is_left_alone(site: Site, visitor: Visitor) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    site.put("/", status=503, Retry_After=format_datetime(later, usegmt=True))
    assert refusal(visitor, site.url("/")).startswith("gazette.example wants to be asked again in 7")
    assert refusal(visitor, site.url("/2")).startswith("gazette.example wants to be asked again in 7")
    assert site.paths == ["/"]


@pytest.mark.parametrize(
    ("status", "named"),
    [(404, "404 (Not Found)"), (500, "500 (Internal Server Error)"), (401, "401 (Unauthorized)"), (599, "599")],
)
def test_other_statuses_are_named(site: Site, visitor: Visitor, status: int, named: str) -> None:
    site.put("/", "Sorry", status=status)
    assert refusal(visitor, site.url("/")) == f"the server answers {named}"


def test_conditions_go_to_the_url_that_they_are_for(site: Site, visitor: Visitor) -> None:
    site.put("/1", status=301, Location="/2")
    site.pages["/2"] = Page(b"Text", 200, {"ETag": '"v1"'})
    known = {site.url("/2"): {"If-None-Match": '"v1"'}}
    reply = visitor.visit(web_url(site.url("/1")), lambda url: known.get(url, {}))
    assert (reply.status, str(reply.url), reply.content) == (304, site.url("/2"), b"")
    assert ["if-none-match" in headers for path, headers in site.requests if path != "/robots.txt"] == [False, True]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"cache-control": "public, max-age=600"}, 600.0),
        ({"cache-control": 'Max-Age="30"', "expires": "Fri, 01 Jan 2100 00:00:00 GMT"}, 30.0),
        ({"cache-control": "max-age=99999999"}, 86_400.0),
        ({"cache-control": "no-cache, max-age=600"}, 0.0),
        ({"cache-control": "max-age=soon", "expires": "Fri, 01 Jan 2100 00:00:00 GMT"}, 86_400.0),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 -0000"}, 0.0),
        ({"expires": "0"}, 0.0),
    ],
)
def test_how_long_an_answer_stays_the_same(headers: dict[str, str], seconds: float) -> None:
    assert fresh_seconds(Reply(web_url("http://h/"), 200, headers)) == seconds
