"""What Slack does, for tests: it signs what it sends, and takes answers at an address of its own."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

from slack_sdk.signature import Clock, SignatureVerifier

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Inbox:
    """An address that takes answers, as Slack's `response_url` does."""

    def __init__(self) -> None:
        self.messages: Queue[dict[str, Any]] = Queue()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                inbox.messages.put(json.loads(body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def next(self) -> dict[str, Any]:
        return self.messages.get(timeout=30)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class At(Clock):
    """A clock that stands still."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds


def signed(body: bytes, seconds: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers that Slack would send, made by its own SDK."""
    stamp = str(int(time.time() if seconds is None else seconds))
    signature = SignatureVerifier(secret, At(float(stamp))).generate_signature(timestamp=stamp, body=body)
    assert signature is not None
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature,
        "content-type": "application/x-www-form-urlencoded",
    }
