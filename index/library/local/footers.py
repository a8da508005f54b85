"""What a tantivy index says of its own files: which ones it needs, and the checksum in the footer of each.

Tantivy writes the checksums, but does not look at them when it opens an index. Knows the format, not the library.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOOTER = struct.Struct("<II")
FOOTER_MAGIC = 1337
"""A file ends in JSON with its CRC-32, followed by that JSON's length and this number."""


def check(folder: Path) -> None:
    """See that every file that the index needs is whole; what a killed writer left lying about does not matter.

    Raises:
        ValueError: a file is damaged, or the list of segments is.
        OSError: a file cannot be read.
    """
    paths = list(_needed(folder))
    with ThreadPoolExecutor() as pool:  # several cores' worth of work: 500 MB at a million passages
        for path, holds in zip(paths, pool.map(_holds, paths), strict=True):
            if not holds:
                raise ValueError(f"{path.name} is damaged")


def _needed(folder: Path) -> Iterator[Path]:
    try:
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
        names = {one["segment_id"].replace("-", ""): one["deletes"] for one in segments}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"meta.json is damaged ({error!r})") from error
    for name, deletes in names.items():
        deleted = f"{name}.{deletes['opstamp']}.del" if deletes else ""
        yield from (path for path in folder.glob(f"{name}.*") if path.suffix != ".del" or path.name == deleted)


def _holds(path: Path) -> bool:
    size = path.stat().st_size
    if size < FOOTER.size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        length, magic = FOOTER.unpack_from(content, size - FOOTER.size)
        end = size - FOOTER.size - length
        if magic != FOOTER_MAGIC or end < 0:
            return False
        with memoryview(content) as view, view[:end] as body:
            return bool(json.loads(content[end : end + length])["crc"] == zlib.crc32(body))
