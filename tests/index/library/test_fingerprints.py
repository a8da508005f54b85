"""Fingerprints as text, and in messages."""

from __future__ import annotations

from index.errors import FingerprintMismatch, LibraryError
from index.library.fingerprints import crowded, mismatch, packed, unpacked

SMALL = {"model": {"name": "small", "hash": "ü1"}, "cut": 1000}


def test_equal_fingerprints_are_the_same_text() -> None:
    assert packed(SMALL) == '{"cut": 1000, "model": {"hash": "ü1", "name": "small"}}'
    assert packed({"cut": 1000, "model": {"hash": "ü1", "name": "small"}}) == packed(SMALL)
    assert unpacked(packed(SMALL)) == SMALL
    assert unpacked(None) is None


def test_a_mismatch_names_the_library_and_both_models() -> None:
    error = mismatch("milvus://host/news", SMALL, {"name": "large"})
    assert isinstance(error, FingerprintMismatch)
    assert error.message.startswith("milvus://host/news was made with small, not with large as now set.")
    assert error.detail == {"path": "milvus://host/news", "stored": SMALL, "given": {"name": "large"}}


def test_a_third_pipeline_finds_both_others_named() -> None:
    error = crowded("library", [SMALL, {"model": "large"}])
    assert isinstance(error, LibraryError)
    assert error.message.startswith("library already keeps vectors of small and large. Delete those")
