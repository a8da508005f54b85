"""Who leaves while passages are read again frees the work and the permit, over a real connection."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import numpy.typing as npt

from api.app import create_app
from api.service import Service
from api.settings import Settings
from index.articles.article import Draft
from index.cancelling import check
from index.embedding.hashing import HashingEmbedder
from index.errors import Cancelled
from index.library.opening import open_library
from search.rerank import READS, SLICE
from tests.api.serving import serving
from tests.search.test_pipeline import WordReranker

QUESTION = "What is told about the harbour and the sea?"


class SlowReranker(WordReranker):
    """Takes, for its first slice, until whoever asked has left; like a model, it cannot be stopped within a slice."""

    def __init__(self) -> None:
        super().__init__("sea")
        self.slices = 0
        self.begun, self.noticed = threading.Event(), threading.Event()

    def scores(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float32]:
        if question != QUESTION:
            return super().scores(question, passages)  # the server's own, by which it warms up
        self.slices += 1
        self.begun.set()
        while not self.noticed.wait(0.01):
            try:
                check()
            except Cancelled:
                self.noticed.set()
        return super().scores(question, passages)


def test_no_further_passages_are_read_for_who_has_left(tmp_path: Path) -> None:
    reranker = SlowReranker()
    library = open_library(tmp_path / "library", create=True)
    service = Service(library, HashingEmbedder, lambda: reranker, rerank_ms=60_000)
    texts = [f"Report {number} on the harbour, where the sea is told about by all." for number in range(8)]
    list(service.store([Draft(f"r{number}", text, language="en") for number, text in enumerate(texts)]))
    with serving(create_app(service, Settings(searches=1, queue=1))) as address:
        where = urlsplit(address)
        assert where.port is not None
        body = json.dumps({"query": QUESTION, "group": "none"}).encode()
        lines = ["POST /v1/search HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        with closing(socket.create_connection(("127.0.0.1", where.port))) as connection:
            connection.sendall(head.encode() + body)
            assert reranker.begun.wait(60)
        assert reranker.noticed.wait(60)
        reply = httpx.post(f"{address}/v1/search", json={"query": QUESTION, "group": "none"}, timeout=60)
        assert (reply.status_code, len(reply.json()["hits"])) == (200, 8)
    assert reranker.slices == 1 + READS // SLICE  # one for who left, and all for who came after, on the only permit
