"""A safetensors file read in place: a row of a large table is read when it is needed, and nothing else of the table.

The vocabulary of a multilingual model is four fifths of its weights, and a text needs a few hundred rows of it. The
safetensors library gives whole tensors only. Knows no model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_KINDS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_HEADER = 8
"""Bytes that hold the length of the header, before it."""


class Tensors:
    """The tensors of one safetensors file by name; see `safetensors.md` of that library for the format.

    Args:
        path: the file. It is mapped into memory and must not change while it is in use.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not whole, or no safetensors file.
    """

    def __init__(self, path: Path) -> None:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_HEADER), "little")
            self._entries: dict[str, Any] = json.loads(file.read(length)) if length < size else {}
        self._entries.pop("__metadata__", None)
        ends = [int(entry["data_offsets"][1]) for entry in self._entries.values()]
        if not ends or _HEADER + length + max(ends) != size:
            raise ValueError(f"{path} is cut off, or no safetensors file")
        self._bytes = np.memmap(path, np.uint8, "r", offset=_HEADER + length)

    def __iter__(self) -> Iterator[str]:
        """The tensors' names."""
        return iter(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> npt.NDArray[np.float32]:
        """A whole tensor of floating-point numbers, in float32."""
        return _float32(self._stored(name))

    def rows(self, name: str, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Rows of a table: float32 of shape (*ids.shape, width)."""
        return _float32(self._stored(name)[ids])

    def _stored(self, name: str) -> npt.NDArray[Any]:
        entry = self._entries[name]
        start, end = entry["data_offsets"]
        if entry["dtype"] not in _KINDS:
            raise ValueError(f"{name} holds {entry['dtype']}, no floating-point numbers of a known kind")
        return self._bytes[start:end].view(_KINDS[entry["dtype"]]).reshape(entry["shape"])


def _float32(stored: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    if stored.dtype == np.uint16:  # bfloat16 is the upper half of float32
        return (np.asarray(stored, np.uint32) << 16).view(np.float32)
    return np.asarray(stored, np.float32)
