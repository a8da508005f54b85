"""Runs `pincite` in this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from api import cli
from index.embedding.catalogue import SMALL_EMBEDDER


class Run:
    """Runs `pincite` with arguments and keeps what it printed."""

    def __init__(self, library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._library, self._capsys, self._monkeypatch = library, capsys, monkeypatch
        self.out = self.err = ""

    def __call__(self, *arguments: str | Path) -> int:
        words = ["pincite", "--library", str(self._library), "--model", SMALL_EMBEDDER, *map(str, arguments)]
        self._monkeypatch.setattr(sys, "argv", words)
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        self.out, self.err = self._capsys.readouterr()
        return code

    def json(self) -> Any:
        return json.loads(self.out)
