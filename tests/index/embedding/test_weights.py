"""Hashes of weights, and their memory."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from index.embedding.weights import weights_of


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "2_Dense").mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"one")
    (folder / "2_Dense/model.safetensors").write_bytes(b"two")
    (folder / "config.json").write_bytes(b"{}")
    return folder


def test_every_weights_file_by_name(tmp_path: Path) -> None:
    expected = {"2_Dense/model.safetensors": _sha256(b"two"), "model.safetensors": _sha256(b"one")}
    assert weights_of(_folder(tmp_path), tmp_path / "cache") == expected


def test_a_file_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    folder, cache = _folder(tmp_path), tmp_path / "cache"
    weights_of(folder, cache)
    remembered = json.loads((cache / ".hashes.json").read_text())
    (cache / ".hashes.json").write_text(json.dumps(dict.fromkeys(remembered, "remembered")))
    assert set(weights_of(folder, cache).values()) == {"remembered"}


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    folder, cache = _folder(tmp_path), tmp_path / "cache"
    weights_of(folder, cache)
    (folder / "model.safetensors").write_bytes(b"ONE")
    os.utime(folder / "model.safetensors", ns=(1, 1))
    assert weights_of(folder, cache)["model.safetensors"] == _sha256(b"ONE")


def test_a_damaged_memory_is_written_anew(tmp_path: Path) -> None:
    folder, cache = _folder(tmp_path), tmp_path / "cache"
    cache.mkdir()
    for damaged in ("{", "[]", "7"):
        (cache / ".hashes.json").write_text(damaged)
        assert weights_of(folder, cache)["model.safetensors"] == _sha256(b"one")
        assert sorted(json.loads((cache / ".hashes.json").read_text()).values()) == sorted(
            [_sha256(b"one"), _sha256(b"two")]
        )


def test_a_cache_that_cannot_be_written_to_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert weights_of(_folder(tmp_path), tmp_path / "file")["model.safetensors"] == _sha256(b"one")
    assert (tmp_path / "file").read_bytes() == b""
