"""From a URL to drafts, and what is asked for the second time; against a real site."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.articles.clean import clean
from index.errors import Unreadable
from index.journal import Journal
from index.web.following import Follower
from index.web.visiting import Visitor
from index.web.visits import Visits
from tests.index.web.website import Site

PAGE = (
    "<!doctype html><html lang=en><head><title>{0}</title>{1}</head><body><article><h1>{0}</h1>"
    "<p>The harbour bridge will close for nine weeks from March, and {0} says why.</p></article></body></html>"
)


def page(title: str, head: str = "") -> str:
    return PAGE.format(title, head)


@dataclass
class Reading:
    """Follows URLs and stores what is found in a library that is a dictionary."""

    site: Site
    visitor: Visitor
    path: Path
    library: dict[str, Draft] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    most_pages: int = 500

    def __call__(self, path: str, **more: bool) -> dict[str, list[str]]:
        """What became of each article, as paths of the site; what cannot be stored by its reason."""
        told: dict[str, list[str]] = {"stored": [], "known": [], "rejected": []}
        self.site.requests.clear()
        for found in self.follower.follow(self.site.url(path)):
            stored: list[str] | None = []
            for draft in found.drafts:
                if isinstance(draft, Unreadable):
                    told["rejected"].append(f"{self._short(draft.origin)}: {draft.reason}")
                    stored = None
                    continue
                article_id = draft.id or draft.url or draft.origin
                self.library[article_id] = draft
                told["stored"].append(self._short(article_id))
                stored = None if stored is None else [*stored, article_id]
            told["known"] += map(self._short, found.known)
            found.articles = stored
        return {kind: what for kind, what in told.items() if what}

    @property
    def follower(self) -> Follower:
        """A new one each time, as in a new process; only the file of visits is kept."""
        visits = Visits(Journal(self.path))
        held = self.library.keys()
        return Follower(self.visitor, visits, lambda ids: held >= set(ids), self.said.append, self.most_pages)

    def _short(self, url: str) -> str:
        return url.replace(self.site.url(""), "")


@pytest.fixture
def read(site: Site, visitor: Visitor, tmp_path: Path) -> Iterator[Reading]:
    return Reading(site, visitor, tmp_path / "visits.jsonl")


def test_a_page_is_an_article_and_is_asked_for_again_by_its_etag(site: Site, read: Reading) -> None:
    site.put("/old", status=301, Location="/bridge?utm_source=mail")
    site.put("/bridge?utm_source=mail", page("Bridge", '<link rel=canonical href="/bridge">'), ETag='"1"')
    assert read("/old") == {"stored": ["/bridge"]}
    article = clean(read.library[site.url("/bridge")])
    assert (article.id, article.url, article.title) == (site.url("/bridge"), site.url("/bridge"), "Bridge")
    assert read("/old") == {"known": ["/bridge"]}
    assert site.paths == ["/old", "/bridge?utm_source=mail"]
    site.put("/bridge?utm_source=mail", page("Bridge again"), ETag='"2"')
    assert read("/old") == {"stored": ["/bridge?utm_source=mail"]}


def test_last_modified_is_sent_back_too(site: Site, read: Reading) -> None:
    site.put("/", page("Home"), Last_Modified="Mon, 13 Jan 2025 09:30:00 GMT")
    read("/")
    read("/")
    assert site.requests[-1][1]["if-modified-since"] == "Mon, 13 Jan 2025 09:30:00 GMT"


def test_an_article_that_is_gone_from_the_library_is_fetched_whole(site: Site, read: Reading) -> None:
    site.put("/", page("Home"), ETag='"1"')
    read("/")
    read.library.clear()
    assert read("/") == {"stored": ["/"]}
    assert "if-none-match" not in site.requests[-1][1]


def test_what_was_rejected_is_asked_for_again(site: Site, read: Reading) -> None:
    site.put("/a.json", '[{"id": "a", "text": "Text"}, 7]', ETag='"1"', Content_Type="application/json")
    first = read("/a.json")
    assert first == read("/a.json")
    assert first["stored"] == ["a"]
    assert len(first["rejected"]) == 1


def test_a_304_to_a_first_visit_is_no_answer(site: Site, read: Reading) -> None:
    site.put("/", status=304)
    assert read("/") == {"rejected": ["/: it answers 304 (Not Modified) to a first visit"]}


@pytest.mark.parametrize(
    ("path", "body", "type_", "expected"),
    [
        ("/a", '{"id": "x", "text": "Text"}', "application/json", {"stored": ["x"]}),
        (
            "/a",
            '{"id": "x", "text": "One"}\n{"id": "y", "text": "Two"}',
            "application/x-ndjson",
            {"stored": ["x", "y"]},
        ),
        ("/a.md", "# Title\n\nText", "text/plain", {"stored": ["/a.md"]}),
        ("/a", "Text", "", {"stored": ["/a"]}),
        ("/a.jpg", page("A page after all"), "text/html", {"stored": ["/a.jpg"]}),
        (
            "/x.gz",
            gzip.compress(b"Text", mtime=0),
            "application/gzip",
            {"rejected": ["/x.gz: it holds no file in a format that is read"]},
        ),
        ("/t.txt.gz", gzip.compress(b"Text", mtime=0), "application/gzip", {"stored": ["/t.txt"]}),
        ("/a", "<a><b/></a>", "application/xml", {"rejected": ["/a: it is XML, but no feed: its root is <a>"]}),
        ("/a", b"\x00\x01\x02", "application/octet-stream", {"rejected": ["/a: it is not text: it has NUL bytes"]}),
        ("/a.png", b"\x89PNG", "image/png", {"rejected": ["/a.png: it is image/png, which holds no article"]}),
    ],
)
def test_the_content_decides_then_the_type_then_the_suffix(
    site: Site, read: Reading, path: str, body: str | bytes, type_: str, expected: dict[str, list[str]]
) -> None:
    site.put(path, body, **({"Content_Type": type_} if type_ else {}))
    assert read(path) == expected


@pytest.mark.parametrize(
    ("encoding", "type_", "head"),
    [
        ("cp1254", "text/html; charset=iso-8859-9", ""),
        ("cp1254", "text/html; charset=ISO-8859-9", "<meta charset=utf-8>"),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html", "<meta charset=iso-8859-1>"),
        ("cp1254", "text/html; charset=no-such-thing", "<meta charset=iso-8859-9>"),
        ("cp1254", "text/html", "<meta charset=windows-1254>"),
    ],
)
def test_the_servers_word_on_the_encoding_counts(
    site: Site, read: Reading, encoding: str, type_: str, head: str
) -> None:
    site.put("/", page("Iğdır'da kar: “şok”", head).encode(encoding), Content_Type=type_)
    read("/")
    assert clean(read.library[site.url("/")]).title == "Iğdır'da kar: “şok”"


RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Gazette</title><item><title>Whole</title><link>{0}/whole</link><c:encoded>&lt;p&gt;All of it.</c:encoded></item>
<item><title>Short</title><link>/short</link><pubDate>Mon, 13 Jan 2025 09:30:00 GMT</pubDate><category>local</category>
<description>{1}</description></item><item><title>Bare</title><link>{0}/bare</link></item>{2}</channel></rss>"""


@pytest.fixture
def feed(site: Site) -> Site:
    site.put("/rss", RSS.format(site.url(""), "A summary.", ""), ETag='"1"')
    site.put("/short", page("Short"), ETag='"s"')
    site.put("/bare", page("Bare"), ETag='"b"')
    return site


def test_entries_that_are_not_whole_are_fetched(feed: Site, read: Reading) -> None:
    assert read("/rss") == {"stored": ["/whole", "/short", "/bare"]}
    assert feed.paths == ["/rss", "/short", "/bare"]
    short = read.library[feed.url("/short")]
    assert "The harbour bridge" in short.content
    assert (short.published, short.tags) == ("2025-01-13T09:30:00+00:00", ("local",))
    assert read.library[feed.url("/whole")].content == "<p>All of it."


def test_a_feed_that_has_not_changed_costs_one_request(feed: Site, read: Reading) -> None:
    read("/rss")
    assert read("/rss") == {"known": ["/whole", "/short", "/bare"]}
    assert feed.paths == ["/rss"]


def test_of_a_feed_that_has_changed_only_what_is_new_is_fetched(feed: Site, read: Reading) -> None:
    read("/rss")
    feed.put("/new", page("New"))
    new = "<item><title>New</title><link>/new</link><description>News.</description></item>"
    feed.put("/rss", RSS.format(feed.url(""), "A summary.", new), ETag='"2"')
    assert read("/rss") == {"stored": ["/whole", "/new"], "known": ["/short", "/bare"]}
    assert feed.paths == ["/rss", "/bare", "/new"]  # of /bare the feed says nothing that could change: it is asked
    feed.put("/rss", RSS.format(feed.url(""), "Another summary.", new), ETag='"3"')
    assert read("/rss")["known"] == ["/short", "/bare", "/new"]
    assert feed.paths == ["/rss", "/short", "/bare"]


def test_a_feed_with_a_page_that_failed_is_read_again_whole(feed: Site, read: Reading) -> None:
    feed.put("/short", "Sorry", status=500)
    rejected = ["/short: the server answers 500 (Internal Server Error)"]
    assert read("/rss") == {"stored": ["/whole", "/bare"], "rejected": rejected}
    feed.put("/short", page("Short"))
    assert read("/rss") == {"stored": ["/whole", "/short"], "known": ["/bare"]}
    assert read("/rss") == {"known": ["/whole", "/short", "/bare"]}


def test_an_entry_that_was_deleted_is_fetched_again(feed: Site, read: Reading) -> None:
    read("/rss")
    del read.library[feed.url("/short")]
    assert read("/rss") == {"stored": ["/whole", "/short"], "known": ["/bare"]}


def test_a_page_that_is_listed_twice_is_fetched_once(feed: Site, read: Reading) -> None:
    twice = "<item><title>Short</title><link>/short#again</link><description>A summary.</description></item>"
    feed.put("/rss", RSS.format(feed.url(""), "A summary.", twice))
    assert read("/rss") == {"stored": ["/whole", "/short", "/bare"]}
    assert feed.paths.count("/short") == 1


def test_what_a_feed_cannot_link_to_is_named(feed: Site, read: Reading) -> None:
    odd = "<item><title>Odd</title><link>ftp://h/x</link></item><item><title>None</title></item>"
    feed.put("/rss", RSS.format(feed.url(""), "A summary.", odd))
    told = read("/rss")["rejected"]
    assert told == ["/rss: the entry has no text", "ftp://h/x: only http:// and https:// addresses are read"]


def sitemap(*pages: tuple[str, str], kind: str = "url", root: str = "urlset") -> str:
    listed = "".join(f"<{kind}><loc>{url}</loc><lastmod>{changed}</lastmod></{kind}>" for url, changed in pages)
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{root}>'


def index_of(*sitemaps: tuple[str, str]) -> str:
    return sitemap(*sitemaps, kind="sitemap", root="sitemapindex")


def put_pages(site: Site, *names: str) -> None:
    for name in names:
        site.put(name, page(name))


def test_a_sitemap_is_read_newest_first(site: Site, read: Reading) -> None:
    put_pages(site, "/1", "/2", "/3", "/4")
    days = [("/1", "2025-01-01"), ("/2", ""), ("/3", "2025-03-01T10:00:00+02:00"), ("/4", "2025-02-01")]
    site.put("/sitemap.xml", sitemap(*((site.url(path), day) for path, day in days)))
    assert read("/sitemap.xml") == {"stored": ["/3", "/4", "/1", "/2"]}
    assert read.said == []


def test_pages_that_a_sitemap_says_nothing_new_of_are_not_asked_for(site: Site, read: Reading) -> None:
    put_pages(site, "/1", "/2")
    site.put("/sitemap.xml", sitemap((site.url("/1"), "2025-01-01"), (site.url("/2"), "2025-01-02")))
    read("/sitemap.xml")
    site.put("/sitemap.xml", sitemap((site.url("/1"), "2025-01-03"), (site.url("/2"), "2025-01-02")))
    assert read("/sitemap.xml") == {"stored": ["/1"], "known": ["/2"]}
    assert site.paths == ["/sitemap.xml", "/1"]


def test_more_pages_than_are_wanted_are_said(site: Site, read: Reading) -> None:
    put_pages(site, *(f"/{number}" for number in range(1, 6)))
    site.put("/sitemap.xml", sitemap(*((site.url(f"/{number}"), f"2025-01-0{number}") for number in range(1, 6))))
    read.most_pages = 2
    assert read("/sitemap.xml") == {"stored": ["/5", "/4"]}
    url = site.url("/sitemap.xml")
    assert read.said == [f"{url} lists 5 pages; the newest 2 are read. --pages sets another number."]


def test_an_index_of_sitemaps_is_followed_as_far_as_newer_pages_can_be_there(site: Site, read: Reading) -> None:
    put_pages(site, "/old", "/mid", "/new", "/newest")
    listed = [("/s1.xml", "2023-12-31"), ("/s3.xml", "2025-12-31"), ("/s2.xml.gz", "2024-12-31")]
    site.put("/sitemap.xml", index_of(*((site.url(path), day) for path, day in listed)))
    site.put("/s1.xml", sitemap((site.url("/old"), "2023-05-01")))
    site.put("/s2.xml.gz", gzip.compress(sitemap((site.url("/mid"), "2024-05-01")).encode()))
    site.put("/s3.xml", sitemap((site.url("/new"), "2025-05-01"), (site.url("/newest"), "2025-06-01")))
    assert read("/sitemap.xml") == {"stored": ["/newest", "/new", "/mid", "/old"]}
    assert site.paths[:4] == ["/sitemap.xml", "/s3.xml", "/s2.xml.gz", "/s1.xml"]
    read.most_pages = 2
    assert read("/sitemap.xml") == {"known": ["/newest", "/new"]}
    assert site.paths == ["/sitemap.xml", "/s3.xml"]
    url = site.url("/sitemap.xml")
    assert read.said == [f"{url} lists 2 pages and more; the newest 2 are read. --pages sets another number."]


def test_what_is_wrong_with_a_sitemap_is_named_and_the_rest_read(site: Site, read: Reading) -> None:
    put_pages(site, "/1")
    listed = [("/sitemap.xml", ""), ("/gone.xml", ""), ("/page", ""), ("/s.xml", "")]
    site.put("/sitemap.xml", index_of(*((site.url(path), day) for path, day in listed)))
    site.put("/page", page("No sitemap"))
    site.put("/s.xml", sitemap((site.url("/1"), ""), ("ftp://h/", ""), ("", "")) + "<broken")
    told = read("/sitemap.xml")
    assert told["stored"] == ["/1"]
    assert sorted(reason.partition(": ")[0] for reason in told["rejected"]) == [
        "/gone.xml",
        "/page",
        "/s.xml",
        "/s.xml",
        "ftp://h/",
    ]
    assert site.paths.count("/sitemap.xml") == 2  # lists itself, and is read once more only


def test_what_is_no_url_is_a_rejection(read: Reading) -> None:
    ((found,),) = [[*read.follower.follow("http://")]]
    (rejection,) = found.drafts
    assert isinstance(rejection, Unreadable)
    assert rejection.reason == "only http:// and https:// addresses are read"


def test_how_long_an_answer_stays_the_same_is_kept_by_url(site: Site, read: Reading) -> None:
    site.put("/", page("Home"), Cache_Control="max-age=900")
    follower = read.follower
    assert follower.fresh_seconds(site.url("/")) == 0
    list(follower.follow(site.url("/")))
    assert follower.fresh_seconds(site.url("/")) == 900


def test_damaged_visits_cost_a_request_and_nothing_else(site: Site, read: Reading) -> None:
    site.put("/", page("Home"), ETag='"1"')
    read("/")
    Journal(read.path).put({site.url("/"): {"articles": 7}, site.url("/2"): ["x"]})
    assert Visits(Journal(read.path)).articles() == set()
    assert read("/") == {"stored": ["/"]}
    assert Visits(Journal(read.path)).articles() == {site.url("/")}
