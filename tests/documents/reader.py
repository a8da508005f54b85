"""Somebody who does what a document says, block by block, in a folder, a library and a server of their own.

Nothing is left out but what `DONE_BY_CI` names, and nothing is changed but what `replaced` changes.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.documents.blocks import Block, commands, differences, exchanges, same_text

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
DONE_BY_CI = {
    "make test": "it is what runs this",
    "make install": "the first step of `make test`",
    "source .venv/bin/activate": "this environment is active: its commands are first on the path",
}
"""Commands that are not run here, and why."""


class Reader:
    """Does a document's blocks one after the other; a server that it starts goes on until the next one, or the end."""

    def __init__(self, folder: Path, port: int, website: str) -> None:
        self.folder, self._port, self._website = folder, port, website
        self._ids = {"ARTICLE_ID": "", "CITATION_ID": ""}
        self._last = ""
        self._server: subprocess.Popen[str] | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if name == "PINCITE_MODELS" or "PINCITE_" not in name},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PINCITE_KEYS": str(folder / "keys.json"),
            "PINCITE_PORT": str(port),
            "PINCITE_PRIVATE_HOSTS": "127.0.0.1",
            "PINCITE_SECONDS_PER_REQUEST": "0",
            "HF_HUB_OFFLINE": "1",
        }

    def replaced(self, text: str) -> str:
        """A block's text with the port, addresses and folders of this test, and with ids that the last reply gave."""
        table = {
            "localhost:8000": f"127.0.0.1:{self._port}",
            "127.0.0.1:8000": f"127.0.0.1:{self._port}",
            "--port 8000": f"--port {self._port}",
            "https://gazette.example": self._website,
            "/home/me/pincite/.venv/bin": str(Path(sys.executable).parent),
            "/home/me/pincite": str(self.folder),
        }
        for written, here in table.items():
            text = text.replace(written, here)
        assert not re.search(r"https?://(?!127\.0\.0\.1)", text), f"this would reach the network: {text}"
        for name, here in self._ids.items():
            text = text.replace(name, here)
        return text

    def does(self, block: Block) -> None:
        """Do one block, or hold what came back from the one before against it."""
        {"bash": self._bash, "console": self._console, "python": self._python, "json": self._json, "text": self._text}[
            block.language
        ](block.text)

    def _bash(self, text: str) -> None:
        for command in commands(text):
            self._last = self._run(command)

    def _console(self, text: str) -> None:
        for command, documented in exchanges(text):
            given = self._run(command)
            assert same_text(documented, given), f"{command}\nprinted\n{given}\nand not\n{documented}"

    def _python(self, text: str) -> None:
        self._last = self._called([sys.executable, "-c", self.replaced(text)])

    def _text(self, text: str) -> None:
        assert same_text(text, self._last), f"{self._last}\nwas printed, and not\n{text}"

    def _json(self, text: str) -> None:
        """The reply to the command before; or the settings of a chat tool, which are used as such a tool would."""
        documented = json.loads(self.replaced(text) if "mcpServers" in text else text)
        if "mcpServers" in documented:
            (server,) = documented["mcpServers"].values()
            self.cited = asyncio.run(self._asked(server))
            return
        reply = json.loads(self._last)
        different = differences(documented, reply)
        assert not different, different
        citation = reply["hits"][0]["citation"]
        self._ids = {"ARTICLE_ID": f"'{citation['article_id']}'", "CITATION_ID": citation["id"]}

    async def _asked(self, server: dict[str, Any]) -> str:
        """What a chat tool gets that starts this server and asks it about the bridge."""
        parameters = StdioServerParameters(env=self._environment, **server)
        async with Client(stdio_client(parameters)) as client:
            found = await client.call_tool("search_passages", {"query": "How long will the harbour bridge be closed?"})
        return json.dumps(found.structured_content, ensure_ascii=False)

    def _run(self, command: str) -> str:
        """Run a command as a shell does; what it prints."""
        plain = command.partition("  #")[0].strip()
        if plain in DONE_BY_CI:
            return ""
        if plain == "make run":
            return self._serve(self._recipe("run"))
        if plain.startswith("pincite serve"):
            return self._serve(plain)
        if "--watch" in plain:
            return self._watch(plain)
        return self._called(["bash", "-euo", "pipefail", "-c", self.replaced(command)])

    def _called(self, words: list[str]) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, f"{words[-1]}\nended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _recipe(self, target: str) -> str:
        """What `make` would run for a target, once all is installed."""
        planned = subprocess.run(
            ["make", "--dry-run", "--directory", str(ROOT), target], capture_output=True, text=True, check=True
        )
        return next(line for line in planned.stdout.splitlines() if "pincite serve" in line).removeprefix(".venv/bin/")

    def _started(self, command: str) -> subprocess.Popen[str]:
        words = ["bash", "-c", f"exec {self.replaced(command)}"]
        output = (self.folder / "started.log").open("w")
        with output:
            return subprocess.Popen(
                words, cwd=self.folder, env=self._environment, stdout=output, stderr=subprocess.STDOUT, text=True
            )

    def _said(self, process: subprocess.Popen[str], words: str) -> str:
        """What a started command said, once it has said these words."""
        until = time.monotonic() + PATIENCE
        while words not in (said := (self.folder / "started.log").read_text()):
            assert process.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.1)
        return said

    def _serve(self, command: str) -> str:
        self.leave()
        self._server = self._started(command)
        said = self._said(self._server, "Serving on http")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self._port}/readyz", timeout=PATIENCE).status_code == 200:
                    return said
            time.sleep(0.1)
        raise AssertionError(f"{command} is not ready")

    def _watch(self, command: str) -> str:
        process = self._started(command)
        try:
            return self._said(process, "Watching")
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0, (self.folder / "started.log").read_text()

    def leave(self) -> None:
        """Stop the server, if there is one."""
        if self._server:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(PATIENCE)
            self._server = None
