"""The blocks of code in a document: what is typed in them, what they say comes back, and whether that came back.

Knows Markdown's fences and shells' line ends; nothing of Pincite.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

REST = "…"
"""What stands for anything in an output: in text for any characters, as a key of JSON for further keys."""


@dataclass(frozen=True)
class Block:
    """A fenced block, with the line of the document that it begins on."""

    language: str
    text: str
    line: int


def blocks(document: str) -> list[Block]:
    """The blocks of a document in their order, without the indentation that lists give them."""
    found = re.finditer(r"^( *)```(\w*)\n(.*?)^ *```", document, re.MULTILINE | re.DOTALL)
    return [
        Block(
            fence[2],
            re.sub(rf"^{fence[1]}", "", fence[3], flags=re.MULTILINE),
            document[: fence.start()].count("\n") + 1,
        )
        for fence in found
    ]


def commands(text: str) -> list[str]:
    """The commands of a shell's block, each with the lines that it goes on in; comments and empty lines left out."""
    found, waiting = [], ""
    for line in text.splitlines():
        waiting += line
        if _is_whole(waiting):
            found += [waiting] if shlex.split(waiting, comments=True) else []
            waiting = ""
        else:
            waiting += "\n"
    assert not waiting, f"the block ends within a command: {waiting}"
    return found


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:  # a quotation that is not closed yet
        return False
    return not text.endswith("\\")


def exchanges(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console's block, after `$`, each with what it prints."""
    for exchange in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = exchange.partition("\n")
        yield command, output


def same_text(documented: str, given: str) -> bool:
    """Whether an output is what the document shows: spaces and decimals apart, `…` for anything."""
    pattern = r"\s+".join(_word(word) for word in documented.split())
    return re.fullmatch(pattern, " ".join(given.split()), re.DOTALL) is not None


def _word(word: str) -> str:
    """A word as a pattern; decimals such as scores and seconds differ by machine, so any will do."""
    return re.sub(r"\d+\\\.\d+", r"\\d+\\.\\d+", re.escape(word)).replace(REST, ".*")


def differences(documented: Any, given: Any, place: str = "") -> list[str]:
    """What of a documented value is not in the given one: keys, types, and all values but decimals, which may vary.

    Lists show their first items; objects may have more keys where they say so by a key `…`.
    """
    if documented == REST:
        return []
    if isinstance(documented, dict) and isinstance(given, dict):
        return _differences_of_keys(documented, given, place)
    if isinstance(documented, list) and isinstance(given, list):
        short = [f"{place}: {len(given)} items, fewer than shown"] if len(given) < len(documented) else []
        pairs = enumerate(zip(documented, given, strict=False))
        return short + [one for at, (shown, is_) in pairs for one in differences(shown, is_, f"{place}[{at}]")]
    if isinstance(documented, float) and isinstance(given, float):
        return []
    if isinstance(documented, str) and isinstance(given, str) and same_text(documented, given):
        return []
    return [] if documented == given else [f"{place}: {json.dumps(given, ensure_ascii=False)}, not {documented!r}"]


def _differences_of_keys(documented: dict[str, Any], given: dict[str, Any], place: str) -> list[str]:
    shown = set(documented) - {REST}
    found = [f"{place}.{key}: not there" for key in sorted(shown - set(given))]
    if REST not in documented:
        found += [f"{place}.{key}: not shown" for key in sorted(set(given) - shown)]
    return found + [
        one for key in documented if key in given for one in differences(documented[key], given[key], f"{place}.{key}")
    ]
