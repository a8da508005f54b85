"""Every block of code in README.md and docs/tutorial.md does what the document says, with the real command and model.

`tests/documents/reader.py` says what is replaced (the port, addresses, folders) and what is left to CI.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.documents.blocks import blocks
from tests.documents.reader import ROOT, Reader

pytestmark = pytest.mark.model

FEED = """<rss version="2.0"><channel><title>Gazette</title><item><title>Ferry adds boats</title>
<guid>https://gazette.example/ferry</guid><content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">
Two more boats will sail between the old town and the island this spring, the harbour company said.
</content:encoded></item></channel></rss>"""
OWN = {
    "articles/bridge.txt": "The council will close the harbour bridge for nine weeks from 3 March.",
    "notes.md": "# Snow\n\nAll nine schools stayed shut on Tuesday.",
    "archive.jsonl": '{"id": "vote", "text": "The council decided to mend the bridge at last.", '
    '"source": "Harbour Gazette", "published": "2025-02-10", "tags": ["council"], "desk": "city"}\n',
}
"""The files that the README's commands speak of."""


class Quiet(SimpleHTTPRequestHandler):
    """A website that logs nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def website(tmp_path: Path) -> Iterator[str]:
    """A website on this machine, with a feed."""
    (tmp_path / "website").mkdir()
    (tmp_path / "website" / "rss").write_text(FEED)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "website")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def reader(tmp_path: Path, website: str) -> Iterator[Reader]:
    folder = tmp_path / "pincite"
    folder.mkdir()
    (folder / "seeds").symlink_to(ROOT / "seeds")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    one = Reader(folder, port, website)
    yield one
    one.leave()


def test_the_readmes_blocks_do_what_it_says(reader: Reader) -> None:
    for name, text in OWN.items():
        (reader.folder / name).parent.mkdir(exist_ok=True)
        (reader.folder / name).write_text(text)
    for block in blocks((ROOT / "README.md").read_text()):
        reader.does(block)


def test_the_tutorials_blocks_do_what_it_says(reader: Reader) -> None:
    for block in blocks((ROOT / "docs" / "tutorial.md").read_text()):
        reader.does(block)
    assert '"article_id": "my-articles/bridge.txt"' in reader.cited
