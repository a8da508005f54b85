"""Two collections, random operations on both, by every door: nothing that one says tells anything of the other.

Each holds articles that carry its mark, so a leak of any kind shows as the wrong mark. Ids are the same in both on
purpose: one id means one article here and another one there. Slack brings no key: its whole server is bound to one
collection, or to the library, which holds nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.chat.slack.blocks import MORE
from api.collections import Collections
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from api.shelf import Shelf
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.chat.from_slack import SECRET, Inbox, signed

EMBEDDER = HashingEmbedder()
MARKS = {"north": "zebra", "south": "walrus"}
IDS = ("one", "two", "three")
OPERATIONS = (
    *("put", "put", "delete", "search", "words", "get", "list", "status", "filter", "wrong", "check"),
    *("facets", "openai", "dify", "open_webui", "anthropic", "mcp", "page", "slack"),
)
NO_MORE: Mapping[str, str] = {}
MCP = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
QUESTION = "who left the house by the sea?"

operations = st.lists(
    st.tuples(
        st.sampled_from(sorted(MARKS)),
        st.sampled_from(OPERATIONS),
        st.sampled_from(IDS),
    ),
    min_size=5,
    max_size=40,
)


def opened(folder: Path) -> Service:
    return Service(open_library(folder, create=True), lambda: EMBEDDER)


class World:
    """A server with two collections, a key for each, and what each should hold; Slack is bound to one, or to none."""

    def __init__(self, folder: Path, inbox: Inbox, bound: str) -> None:
        ring, shelf = KeyRing(folder / "keys.json"), Shelf(folder / "shelf")
        for name in MARKS:
            shelf.create(name)
        self._collections = Collections(opened(folder / "library"), shelf, opened)
        self._inbox, self._bound = inbox, bound
        slack = {"slack_signing_secret": SECRET, "slack_response_origins": inbox.origin, "slack_collection": bound}
        app = create_app(self._collections, Settings(**slack), ring)  # type: ignore[arg-type]
        self.client = TestClient(app, raise_server_exceptions=False)
        self.client.__enter__()  # MCP's sessions live as long as the server
        self.keys = {name: ring.create(name, ["search", "write", "admin"], [name])[1] for name in MARKS}
        self.held: dict[str, set[str]] = {name: set() for name in MARKS}
        self.citations: list[str] = []

    def close(self) -> None:
        """Stop the server, which closes the libraries."""
        self.client.__exit__()

    def ask(self, side: str, method: str, path: str, more: Mapping[str, str] = NO_MORE, **content: Any) -> Any:
        """A request with this side's key, and more headers; fails where the reply holds the other side's mark."""
        headers = {"Authorization": f"Bearer {self.keys[side]}", **more}
        reply = self.client.request(method, path, headers=headers, **content)
        other = next(mark for name, mark in MARKS.items() if name != side)
        assert other not in reply.text.lower()
        assert reply.status_code < 500
        return reply

    def do(self, side: str, operation: str, article: str) -> None:
        """One operation, with what must come of it."""
        getattr(self, f"_{operation}")(side, article)

    def _put(self, side: str, article: str) -> None:
        mark = MARKS[side]
        text = f"The {mark} of {article} {mark}s its {mark}-house by the sea. Nobody saw the {mark} leave."
        record = {"text": text, "title": f"{mark} {article}", "source": f"{mark} Times", "tags": [mark]}
        assert self.ask(side, "PUT", f"/v1/articles/{article}", json=record).status_code in {200, 201}
        self.held[side].add(article)

    def _delete(self, side: str, article: str) -> None:
        there = article in self.held[side]
        assert self.ask(side, "DELETE", f"/v1/articles/{article}").status_code == (200 if there else 404)
        self.held[side].discard(article)

    def _search(self, side: str, _: str) -> None:
        found = self.ask(side, "POST", "/v1/search", json={"query": QUESTION, "group": "none"})
        assert {hit["citation"]["article_id"] for hit in found.json()["hits"]} == self.held[side]
        assert found.json()["library"]["articles"] == len(self.held[side])
        self.citations += [hit["citation"]["id"] for hit in found.json()["hits"]]

    def _words(self, side: str, _: str) -> None:
        other = next(mark for name, mark in MARKS.items() if name != side)
        body = {"query": f"sea {other[:-1]}{other[-1]}", "mode": "lexical", "operators": False, "group": "none"}
        reply = self.client.post("/v1/search", json=body, headers={"Authorization": f"Bearer {self.keys[side]}"})
        assert {hit["citation"]["article_id"] for hit in reply.json()["hits"]} == self.held[side]
        assert all(other not in hit["passage"]["text"] for hit in reply.json()["hits"])

    def _get(self, side: str, article: str) -> None:
        there = article in self.held[side]
        assert self.ask(side, "GET", f"/v1/articles/{article}").status_code == (200 if there else 404)

    def _list(self, side: str, _: str) -> None:
        found = self.ask(side, "GET", "/v1/articles").json()["articles"]
        assert {one["id"] for one in found} == self.held[side]

    def _status(self, side: str, _: str) -> None:
        assert self.ask(side, "GET", "/v1/status").json()["articles"] == len(self.held[side])
        listed = self.ask(side, "GET", "/v1/collections").json()["collections"]
        assert listed == [{"name": side}]
        assert self.ask(side, "GET", "/metrics").status_code == 403

    def _filter(self, side: str, _: str) -> None:
        other = next(mark for name, mark in MARKS.items() if name != side)
        headers = {"Authorization": f"Bearer {self.keys[side]}"}
        body = {"query": "sea", "filters": {"sources": [f"{other} Times"]}}
        assert self.client.post("/v1/search", json=body, headers=headers).json()["hits"] == []

    def _wrong(self, side: str, article: str) -> None:
        """The other collection and one that never was are answered in the same words."""
        other = next(name for name in MARKS if name != side)
        errors = []
        for name in (other, "never"):
            reply = self.ask(side, "GET", f"/v1/articles/{article}", params={"collection": name})
            assert reply.status_code == 404
            errors.append(reply.text.replace(name, "NAME"))
        assert errors[0] == errors[1]

    def _check(self, side: str, _: str) -> None:
        for citation in self.citations[-3:]:
            reply = self.ask(side, "GET", f"/v1/citations/{citation}")
            assert reply.status_code == 200

    def _facets(self, side: str, _: str) -> None:
        found = self.ask(side, "GET", "/v1/facets").json()["facets"]
        count = len(self.held[side])
        expected = [{"value": MARKS[side], "articles": count}] if count else []
        assert found["tag"] == expected
        assert [(one["value"], one["articles"]) for one in found["source"]] == [
            (f"{MARKS[side]} Times", one["articles"]) for one in expected
        ]

    def _openai(self, side: str, article: str) -> None:
        stores = self.ask(side, "GET", "/v1/vector_stores").json()["data"]
        assert [(one["id"], one["file_counts"]["total"]) for one in stores] == [(side, len(self.held[side]))]
        found = self.ask(side, "POST", f"/v1/vector_stores/{side}/search", json={"query": QUESTION}).json()["data"]
        assert bool(found) is bool(self.held[side])
        files = self.ask(side, "GET", f"/v1/vector_stores/{side}/files").json()["data"]
        assert len(files) == len(self.held[side])
        for file in files:
            assert self.ask(side, "GET", f"/v1/vector_stores/{side}/files/{file['id']}/content").status_code == 200
        self._hidden(side, "GET", "/v1/vector_stores/NAME")
        self._hidden(side, "GET", "/v1/vector_stores/NAME/files")
        self._hidden(side, "POST", "/v1/vector_stores/NAME/search", json={"query": article})

    def _dify(self, side: str, _: str) -> None:
        asked = {"query": QUESTION, "retrieval_setting": {"top_k": 20, "score_threshold": 0}}
        records = self.ask(side, "POST", "/dify/retrieval", json={**asked, "knowledge_id": side}).json()["records"]
        assert bool(records) is bool(self.held[side])
        self._hidden(side, "POST", "/dify/retrieval", json={**asked, "knowledge_id": "NAME"})

    def _open_webui(self, side: str, _: str) -> None:
        found = self.ask(side, "POST", "/openwebui/search", json={"query": QUESTION, "count": 20})
        assert (found.status_code, bool(found.json())) == (200, bool(self.held[side]))

    def _anthropic(self, side: str, _: str) -> None:
        found = self.ask(side, "POST", "/v1/search", params={"format": "anthropic"}, json={"query": QUESTION})
        assert found.status_code == 200
        assert (MARKS[side] in found.text) is bool(self.held[side])

    def _mcp(self, side: str, article: str) -> None:
        for tool, arguments in (
            ("search_passages", {"query": QUESTION}),
            ("list_sources", {}),
            ("fetch", {"id": article}),
        ):
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
            reply = self.ask(side, "POST", "/mcp", json=call, more=MCP)
            assert reply.status_code == 200, reply.text
            held = self.held[side] if tool != "fetch" else self.held[side] & {article}
            assert (MARKS[side] in reply.text) is bool(held), reply.text

    def _page(self, side: str, article: str) -> None:
        for path in (f"/?q={QUESTION}", "/library", f"/articles/{article}"):
            self.ask(side, "GET", path)

    def _slack(self, side: str, article: str) -> None:
        """Slack is told of the collection that it is bound to, whatever else is named and whoever's key comes along."""
        named = {"collection": side, "knowledge_id": side, "response_url": f"{self._inbox.origin}/{article}"}
        button = {"action_id": MORE, "value": json.dumps({"question": QUESTION, "offset": 0})}
        payload = json.dumps({"actions": [button], "response_url": named["response_url"], "collection": side})
        shown = self._told_by_slack("commands", side, named | {"text": QUESTION})
        pressed = self._told_by_slack("interactions", side, named | {"payload": payload})
        assert pressed == ""
        for message in (shown, json.dumps(self._inbox.next())):
            told = {name for name, mark in MARKS.items() if mark in message.lower()}
            assert told == ({self._bound} if self.held.get(self._bound) else set())

    def _told_by_slack(self, door: str, side: str, fields: Mapping[str, str]) -> str:
        """The reply to a form that Slack signed; unsigned it is refused, the collection's own key or not."""
        body = urlencode(fields).encode()
        named = {"Authorization": f"Bearer {self.keys[side]}", "Pincite-Collection": side}
        address = {"url": f"/slack/{door}", "params": {"collection": side}, "content": body}
        forged = signed(body, secret="another") | named
        assert self.client.post(**address, headers=forged).status_code == 403  # type: ignore[arg-type]
        reply = self.client.post(**address, headers=signed(body) | named)  # type: ignore[arg-type]
        assert reply.status_code == 200
        return reply.text

    def _hidden(self, side: str, method: str, path: str, **more: Any) -> None:
        """The other collection and one that never was are answered in the same words, by whatever door."""
        other = next(name for name in MARKS if name != side)
        told = []
        for name in (other, "never"):
            body = {key: name if value == "NAME" else value for key, value in more.get("json", {}).items()}
            reply = self.ask(side, method, path.replace("NAME", name), **({"json": body} if body else {}))
            told.append((reply.status_code, reply.text.replace(name, "NAME")))
        assert told[0] == told[1]
        assert 400 <= told[0][0] < 500


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


@pytest.fixture
def folders() -> Iterator[list[TemporaryDirectory[str]]]:
    made: list[TemporaryDirectory[str]] = []
    yield made
    for one in made:
        one.cleanup()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(operations=operations, bound=st.sampled_from([*MARKS, ""]))
def test_nothing_of_one_collection_shows_in_another(
    folders: list[TemporaryDirectory[str]], inbox: Inbox, operations: list[tuple[str, str, str]], bound: str
) -> None:
    folders.append(TemporaryDirectory())
    world = World(Path(folders[-1].name), inbox, bound)
    try:
        for operation in operations:
            world.do(*operation)
    finally:
        world.close()


@pytest.mark.parametrize("bound", [*MARKS, ""])
def test_slack_shows_the_collection_that_it_is_bound_to(tmp_path: Path, inbox: Inbox, bound: str) -> None:
    world = World(tmp_path, inbox, bound)
    try:
        for operation in ("put", "slack", "delete", "slack"):
            for side in MARKS:
                world.do(side, operation, "one")
    finally:
        world.close()
