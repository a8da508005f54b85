"""Markdown files: one article each, its metadata in front matter: YAML between two lines of three dashes, or TOML
between two lines of three plus signs, as Hugo has it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import yaml

from index.articles.article import Draft
from index.articles.readers.decoding import decode
from index.articles.readers.files import Source, whole
from index.articles.readers.records import file_draft
from index.errors import Unreadable

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_SYNONYMS = {"date": "published", "lang": "language", "authors": "author", "keywords": "tags", "canonical_url": "url"}


def read_markdown(source: Source) -> Iterator[Draft]:
    """The file as a draft.

    Raises:
        Unreadable: the front matter is not YAML, or has a value of the wrong type.
    """
    text = decode(whole(source), source.origin)
    found = _FRONT_MATTER.match(text) or _TOML.match(text)
    facts = _facts(found, source.origin) if found else None
    if found is None or facts is None:
        yield Draft(source.origin, text, markup="markdown")
        return
    yield file_draft({**facts, "text": text[found.end() :]}, source.origin, markup="markdown", place="front matter")


class _Loader(yaml.SafeLoader):
    """Reads values as they are written: only an empty value is no string, so ``2025-01-13`` and ``1984`` are."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases: a few lines of them can stand for gigabytes."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _facts(found: re.Match[str], origin: str) -> dict[str, Any] | None:
    """The front matter's values by the names that records use, or None when what stands there is no mapping."""
    is_toml = found.re is _TOML
    try:
        facts = _as_written(tomllib.loads(found[1])) if is_toml else yaml.load(found[1], _Loader)  # noqa: S506 (safe)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "it is nested too deeply"
        raise Unreadable(f"its front matter is not {'TOML' if is_toml else 'YAML'}: {reason}", origin=origin) from None
    if not isinstance(facts, dict):
        return None
    return {_SYNONYMS.get(str(key), str(key)): value for key, value in facts.items()}


def _as_written(value: Any) -> Any:
    """TOML's dates as text."""
    if isinstance(value, dict):
        return {key: _as_written(part) for key, part in value.items()}
    if isinstance(value, list):
        return list(map(_as_written, value))
    return value.isoformat() if isinstance(value, (date, time)) else value
