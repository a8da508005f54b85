"""Styles, scripts and the icon: read once from the package, served under a name that changes with their content, so
that browsers keep them for good. Only what lies in the folder has a name; no path is made of what is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


class Asset(NamedTuple):
    """A file and its media type."""

    content: bytes
    media_type: str


@cache
def assets() -> Mapping[str, Asset]:
    """All files by name."""
    folder = files("api.page").joinpath("static")
    kinds = ((file, file.name.rpartition(".")[2]) for file in folder.iterdir())
    return {file.name: Asset(file.read_bytes(), TYPES[kind]) for file, kind in kinds if kind in TYPES}


@cache
def version() -> str:
    """Changes whenever a file does."""
    digest = hashlib.sha256()
    for name, asset in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + asset.content + b"\0")
    return digest.hexdigest()[:12]


def asset_path(name: str) -> str:
    """Where a file is served. KeyError when there is none of this name."""
    assets()[name]
    return f"/static/{version()}/{name}"
