"""Which weights a model folder holds: the hash of each weights file, remembered so that a start need not read them.

Hashes are kept beside the cached models, each under its file's path, size and time of change: a file that differs in
any of them is read again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from index.embedding.fetching import sha256_of

_REMEMBERED = ".hashes.json"


def weights_of(folder: Path, cache: Path) -> dict[str, str]:
    """The SHA-256 of every safetensors file under `folder`, by its name within the folder, sorted.

    Args:
        folder: the model's folder.
        cache: the folder where hashes are remembered; where it cannot be written to, they are computed each time.
    """
    remembered = _read(cache / _REMEMBERED)
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.safetensors")}
    keys = {name: _key(paths[name]) for name in sorted(paths)}
    hashes = {key: remembered.get(key) or sha256_of(paths[name]) for name, key in keys.items()}
    if not hashes.keys() <= remembered.keys():
        _write(cache / _REMEMBERED, remembered | hashes)
    return {name: hashes[key] for name, key in keys.items()}


def _key(path: Path) -> str:
    state = path.stat()
    return f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # nothing is remembered yet, or a damaged file: then it is written anew
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _write(path: Path, hashes: dict[str, str]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:
            json.dump(hashes, file, indent=1)
        Path(file.name).replace(path)
    except OSError:
        return  # a cache that cannot be written to (read-only image) costs time at each start, and nothing else
