"""Facets over HTTP, citations in other formats, and articles that the server fetches itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from api.settings import Settings
from tests.api.conftest import BRIDGE
from tests.index.web.website import Page, Site

STORY = "Two more boats will sail between the old town and the island this spring, the port said."


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def reader(service: Service) -> TestClient:
    """A client of a server that may read this machine's web sites."""
    settings = Settings(private_hosts="127.0.0.1", seconds_per_request=0)
    return TestClient(create_app(service, settings), raise_server_exceptions=False)


def page(title: str) -> Page:
    body = f"<article><h1>{title}</h1><p>{STORY}</p></article>"
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return Page(html.encode(), headers={"Content-Type": "text/html"})


def facets(client: TestClient, address: str) -> dict[str, list[tuple[str, int]]]:
    found = client.get(f"/v1/facets{address}").json()["facets"]
    return {field: [(one["value"], one["articles"]) for one in values] for field, values in found.items()}


def test_facets_of_everything(full: TestClient) -> None:
    assert facets(full, "") == {
        "source": [("Doğu Postası", 1), ("Harbour Gazette", 1), ("Island Courier", 1)],
        "language": [("en", 2), ("tr", 1)],
        "tag": [("island", 1), ("transport", 1)],
        "month": [("2025-01", 2), ("2024-12", 1)],
    }


def test_a_field_is_counted_without_its_own_filter(full: TestClient) -> None:
    found = facets(full, "?source=island+courier&field=source&field=tag&field=author")
    assert [name for name, _ in found["source"]] == ["Doğu Postası", "Harbour Gazette", "Island Courier"]
    assert found["tag"] == [("island", 1)]
    assert found["author"] == [("Mara Lindqvist", 1), ("Tom Oyelaran", 1)]
    assert facets(full, "?published_after=2025-01-14&field=language&field=month") == {
        "language": [("en", 1)],
        "month": [("2025-01", 2), ("2024-12", 1)],
    }


def test_what_the_question_states_counts_for_all_fields(full: TestClient) -> None:
    found = facets(full, "?q=bridge+source%3A%22Island+Courier%22&field=source&field=language")
    assert found == {"source": [("Island Courier", 1)], "language": [("en", 1)]}
    assert facets(full, "?q=%22kar+ya%C4%9F%C4%B1%C5%9F%C4%B1%22&field=source") == {"source": [("Doğu Postası", 1)]}
    assert facets(full, "?limit=1&field=language") == {"language": [("en", 2)]}


@pytest.mark.parametrize(
    ("address", "field"),
    [("?field=colour", "field.0"), ("?limit=0", "limit"), ("?q=after%3Asoon", "after"), ("?unknown=1", "unknown")],
)
def test_facets_that_cannot_be_counted(full: TestClient, address: str, field: str) -> None:
    reply = full.get(f"/v1/facets{address}")
    assert (reply.status_code, reply.json()["error"]["detail"]["field"]) == (422, field)


def test_citations_are_written_in_other_formats(full: TestClient) -> None:
    cited = full.get("/v1/search?q=harbour+bridge&source=Harbour+Gazette").json()["hits"][0]["citation"]["id"]
    bibtex = full.get(f"/v1/citations/{cited}/bibtex")
    assert bibtex.headers["content-type"].startswith("application/x-bibtex")
    assert bibtex.text.startswith("@article{harbourgazette2025harbour,\n  author = {Mara Lindqvist and Tom Oyelaran},")
    csl = full.get(f"/v1/citations/{cited}/csl-json")
    assert csl.headers["content-type"] == "application/vnd.citationstyles.csl+json"
    assert csl.json()[0]["title"] == "Harbour bridge to close"
    annotation = full.get(f"/v1/citations/{cited}/annotation")
    assert annotation.headers["content-type"] == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    assert full.get(f"/v1/citations/{cited}/word").status_code == 422
    full.put(f"/v1/articles/{BRIDGE['id']}", json=BRIDGE | {"text": "All is well."})
    gone = full.get(f"/v1/citations/{cited}/plain")
    assert gone.status_code == 404
    assert "stands in 'news/harbour bridge.txt' no more: it is changed" in gone.json()["error"]["message"]


def test_a_page_is_fetched_and_stored(reader: TestClient, site: Site) -> None:
    site.pages["/ferry"] = page("Ferry line adds boats")
    address = f"http://127.0.0.1:{site.port}/ferry"
    reply = reader.post("/v1/articles/fetch", json={"url": address})
    assert reply.json() == {
        "results": [{"index": 0, "status": "added", "id": address, "passages": 1, "error": None}],
        "counts": {"added": 1},
        "generation": 1,
        "passages_without_vectors": 0,
    }
    assert STORY in reader.get(f"/v1/articles/{address}").json()["text"]
    again = reader.post("/v1/articles/fetch", json={"url": address})
    assert again.json()["counts"] == {"unchanged": 1}


def test_pages_of_a_sitemap_are_told_line_by_line(reader: TestClient, site: Site) -> None:
    base = f"http://127.0.0.1:{site.port}"
    places = "".join(f"<url><loc>{base}/{number}</loc></url>" for number in range(4))
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    site.pages["/sitemap.xml"] = Page(f'<urlset xmlns="{namespace}">{places}</urlset>'.encode())
    site.pages |= {f"/{number}": page(f"Story {number}") for number in range(3)}
    reply = reader.post(
        "/v1/articles/fetch",
        json={"url": f"{base}/sitemap.xml", "pages": 10},
        headers={"Accept": "application/x-ndjson"},
    )
    assert reply.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert sorted(line["status"] for line in lines) == ["added", "added", "added", "rejected"]
    assert [line["index"] for line in lines] == [0, 1, 2, 3]
    (rejected,) = [line for line in lines if line["error"]]
    assert "404" in rejected["error"]["message"]


def test_what_may_not_be_read_is_rejected_by_name(client: TestClient, site: Site) -> None:
    site.pages["/ferry"] = page("Ferry line adds boats")
    for address in (f"http://127.0.0.1:{site.port}/ferry", "http://[::1]/", "ftp://a.example/", "javascript:alert(1)"):
        reply = client.post("/v1/articles/fetch", json={"url": address})
        (one,) = reply.json()["results"]
        assert one["status"] == "rejected"
        assert address.rstrip("/") in one["error"]["message"]
    assert site.requests == []


@pytest.mark.parametrize("body", [{}, {"url": "x" * 3000}, {"url": "http://a.example", "pages": 0}, {"url": 1}])
def test_a_request_that_does_not_fit(client: TestClient, body: dict[str, object]) -> None:
    assert client.post("/v1/articles/fetch", json=body).status_code == 422
