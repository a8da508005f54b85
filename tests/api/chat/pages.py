"""Reads the pages in docs/chat, so that what they tell people to paste is what the tests use."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs" / "chat"


def page(host: str) -> str:
    """The page of a host."""
    return (DOCS / f"{host}.md").read_text()


def blocks(host: str, language: str) -> list[str]:
    """The fenced blocks of a language on a host's page, without the indentation of a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", page(host), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def pasted(host: str, setting: str) -> str:
    """The value of a setting in a table of a host's page."""
    found = re.search(rf"^ *\| {re.escape(setting)} \| `([^`]+)`", page(host), re.MULTILINE)
    assert found, f"{host}.md has no setting {setting!r}"
    return found[1]
