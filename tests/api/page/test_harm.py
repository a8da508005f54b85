"""Hostile articles do no harm: whatever stands in them is text on every page, and only web addresses are links."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import lxml.html
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from index.articles.article import Article
from index.articles.passage import Passage
from index.embedding.hashing import HashingEmbedder
from index.ingest import fingerprint
from index.library.contract import Entry
from tests.api.conftest import BRIDGE
from tests.api.page.conftest import Open, Served

TRICKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></pre></mark><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "<style>body { display: none }</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<form action=https://evil.example><input name=key>",
    "\u202etxt.exe\u202c \u2066<b>\u2069",
    "<!--><script>alert(1)</script>",
]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/x",
    "blob:https://evil.example/1",
    'https://gazette.example/" onclick=alert(1) x="',
    "view-source:https://a.example",
]
OURS = {"/", "/library", "/log-in"}
PAGES = ("/?q=harbour+bridge+weeks", "/library", "/articles/{id}", "/articles/{id}?start=0&end=20&q=harbour")


def hostile(trick: str, url: str | None = None) -> dict[str, Any]:
    fields = dict.fromkeys(("title", "source", "author", "desk"), trick)
    text = f"{trick} The harbour bridge will close for nine weeks. {trick}"
    article_id = f"x/{trick}" if trick.isprintable() else "x/unprintable"
    return BRIDGE | fields | {"id": article_id, "text": text, "url": url, "tags": [trick]}


def put_directly(client: TestClient, url: str) -> str:
    """Store an article with any address, as a library that another program wrote might hold it."""
    text = "The harbour bridge will close for nine weeks."
    embedder = HashingEmbedder()
    passage = Passage("evil", 0, 0, len(text), text)
    article = Article("evil", text, title="Evil", source="Gazette", url=url, published="2025-01-01")
    service = client.app.state.service  # type: ignore[attr-defined]
    service.library.adopt(fingerprint(embedder))
    service.library.put([Entry(article, [passage], embedder.embed_passages([text]), [b"digest"])])
    return article.id


def pages(client: TestClient, article_id: str) -> list[str]:
    found = []
    for path in PAGES:
        reply = client.get(path.replace("{id}", quote(article_id, safe="")))
        assert reply.status_code == 200
        found.append(reply.text)
    return found


@pytest.mark.parametrize("trick", TRICKS)
def test_hostile_text_stays_text(client: TestClient, trick: str) -> None:
    article = hostile(trick)
    assert client.post("/v1/articles", json=article).status_code == 200
    for html in pages(client, article["id"]):
        root = lxml.html.document_fromstring(html)
        scripts = [script.get("src", "") for script in root.iter("script")]
        assert len(scripts) == 1
        assert scripts[0].startswith("/static/")
        assert not list(root.iter("iframe", "style", "base", "object", "embed", "img", "textarea"))
        assert [meta.get("http-equiv") for meta in root.iter("meta") if meta.get("http-equiv")] == []
        names = {name for element in root.iter("*") for name in element.attrib}
        assert not [name for name in names if name.startswith("on") or name == "style"]
        assert all(form.get("action", "/") in OURS for form in root.iter("form"))
        assert trick.split(maxsplit=1)[0][:5] in root.text_content() or trick in html


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_but_a_web_address_becomes_a_link(client: TestClient, address: str) -> None:
    article_id = put_directly(client, address)
    for html in pages(client, article_id):
        for link in lxml.html.document_fromstring(html).iter("a"):
            target = link.get("href")
            assert target.startswith(("/", "#", "https://gazette.example/")), target
            assert not target.startswith("//")
            assert "onclick" not in link.attrib


@pytest.mark.parametrize(
    "path", ["/", "/?q=x", "/library", "/articles/none", "/log-in", "/static/1/page.css", "/?limit=x"]
)
def test_every_page_has_the_headers_that_keep_it_safe(client: TestClient, path: str) -> None:
    headers = client.get(path, follow_redirects=False).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == policy["connect-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])
def test_logging_in_leads_nowhere_else(client: TestClient, to: str) -> None:
    reply = client.get("/log-in", params={"to": to}, follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    inside = client.get("/log-in", params={"to": "/library?cursor=YQ"}, follow_redirects=False)
    assert inside.headers["location"] == "/library?cursor=YQ"


def test_only_our_own_files_are_static(client: TestClient) -> None:
    for name in ("..%2Frouting.py", "routes.py", "..%2f..%2fapp.py", ".", "page.css%00", "page.css/x"):
        assert client.get(f"/static/1/{name}").status_code == 404


def test_hostile_articles_in_chromium(writing: Served, open_page: Open) -> None:
    """Nothing runs, nothing is refused by the policy (which a complaint in the console would tell), all is shown."""
    for trick in TRICKS:
        writing.store(hostile(trick))
    page = open_page(f"{writing.address}/?q=harbour+bridge&limit=30&group=none")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    expect(page.locator(".hits > li")).to_have_count(len(TRICKS) + 1)
    assert page.locator(".hits h2").filter(has_text="<script>alert(1)</script>").count() >= 2
    page.locator("a[data-hit]").filter(has_text="<img src=x onerror=alert(1)>").click()
    expect(page.locator("article.text h1")).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator("article.text > p").first).to_contain_text("<img src=x onerror=alert(1)> The harbour bridge")
    page.get_by_role("button", name="Delete this article").click()
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x onerror=alert(1)>")
    page.goto(f"{writing.address}/library")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.locator("[data-files]").set_input_files(
        {"name": "<img src=x onerror=alert(1)>.json", "mimeType": "application/json", "buffer": b"{"}
    )
    expect(page.locator(".fates li")).to_contain_text("<img src=x onerror=alert(1)>.json")
    assert page.url.startswith(writing.address)
