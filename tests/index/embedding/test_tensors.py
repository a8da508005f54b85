"""Safetensors files read in place, against the library's own reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from index.embedding.tensors import Tensors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    table = torch.tensor([[0.0, 1.0], [-2.5, 1024.0], [3.140625, -0.0078125]])
    tensors = {"full": table, "half": table.half(), "brain": table.bfloat16(), "ids": torch.tensor([1, 2])}
    save_file(tensors, tmp_path / "some.safetensors", {"format": "pt"})
    return tmp_path / "some.safetensors"


@pytest.mark.parametrize("name", ["full", "half", "brain"])
def test_every_floating_point_kind_is_read_as_float32(name: str, path: Path) -> None:
    tensors = Tensors(path)
    assert tensors[name].dtype == np.float32
    assert tensors[name].tolist() == [[0, 1], [-2.5, 1024], [3.140625, -0.0078125]]
    rows = tensors.rows(name, np.array([[2, 0], [0, 1]]))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[[3.140625, -0.0078125], [0, 1]], [[0, 1], [-2.5, 1024]]]


def test_names(path: Path) -> None:
    tensors = Tensors(path)
    assert sorted(tensors) == ["brain", "full", "half", "ids"]
    assert "full" in tensors
    assert "__metadata__" not in tensors


def test_whole_numbers_are_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="ids holds I64"):
        Tensors(path)["ids"]


@pytest.mark.parametrize("left", [0, 8, 20, -1])
def test_a_file_that_is_cut_off(left: int, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ValueError, match="cut off"):
        Tensors(path)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no tensors at all")
    with pytest.raises(ValueError, match="no safetensors file"):
        Tensors(tmp_path / "text")
