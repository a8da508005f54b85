"""Which device and precision are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from index.embedding.hardware import Hardware, choose
from index.errors import InvalidSetting

no_card = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")


def _processor(folder: Path, flags: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(f"processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu {flags} rdpid\n\nprocessor\t: 1\n")
    return path


@no_card
@pytest.mark.parametrize(
    ("flags", "precision"),
    [("avx512f avx512_bf16", "bfloat16"), ("amx_tile amx_bf16", "bfloat16"), ("avx512f avx512_vnni", "float32")],
)
def test_bfloat16_where_it_is_native(flags: str, precision: str, tmp_path: Path) -> None:
    assert choose("auto", "auto", _processor(tmp_path, flags)) == ("cpu", precision)


@no_card
def test_float32_where_the_processor_is_not_described(tmp_path: Path) -> None:
    assert choose("auto", "auto", tmp_path / "nothing") == Hardware("cpu", "float32")
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: fp asimd bf16\n")
    assert choose("cpu", "auto", tmp_path / "arm") == Hardware("cpu", "float32")


def test_a_fixed_choice_holds(tmp_path: Path) -> None:
    assert choose("cpu", "bfloat16", tmp_path / "nothing") == Hardware("cpu", "bfloat16")
    assert choose("cpu", "float32", _processor(tmp_path, "avx512_bf16")) == Hardware("cpu", "float32")


@no_card
def test_a_card_that_is_not_there() -> None:
    with pytest.raises(InvalidSetting, match="no graphics card") as caught:
        choose("cuda", "auto")
    assert caught.value.detail == {"field": "device"}


def test_values_that_mean_nothing() -> None:
    with pytest.raises(InvalidSetting, match="device is 'gpu'; it must be one of auto, cpu, cuda"):
        choose("gpu", "auto")  # type: ignore[arg-type]
    with pytest.raises(InvalidSetting, match="precision is 'int8'; it must be one of auto, float32, bfloat16"):
        choose("cpu", "int8")  # type: ignore[arg-type]
