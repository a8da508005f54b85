"""Which device, precision and library are chosen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from index.embedding.catalogue import SMALL_EMBEDDER
from index.embedding.hardware import Hardware, choose
from index.embedding.loading import hardware_of
from index.errors import InvalidSetting, MissingExtra

no_card = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter finds no OpenVINO, as where the extra was left out."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "openvino"]:
        monkeypatch.delitem(sys.modules, name)
    roots = [root for root in sys.path if not (Path(root or ".") / "openvino").is_dir()]
    monkeypatch.setattr(sys, "path", roots)


def _processor(folder: Path, flags: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(f"processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu {flags} rdpid\n\nprocessor\t: 1\n")
    return path


@no_card
@pytest.mark.parametrize(
    ("flags", "with_openvino", "with_torch"),
    [
        ("avx512f avx512_bf16", "bfloat16", "bfloat16"),
        ("avx512_bf16 avx512_vnni", "int8", "bfloat16"),
        ("avx512f avx512_vnni", "int8", "float32"),
        ("amx_tile amx_bf16 avx512_vnni avx512_bf16", "bfloat16", "bfloat16"),
        ("avx2 avx_vnni", "float32", "float32"),
    ],
)
def test_precision_by_processor(flags: str, with_openvino: str, with_torch: str, tmp_path: Path) -> None:
    processor = _processor(tmp_path, flags)
    assert choose("auto", "auto", "auto", processor=processor) == ("cpu", with_openvino, "openvino")
    assert choose("auto", "auto", "torch", processor=processor) == ("cpu", with_torch, "torch")


@no_card
def test_float32_where_the_processor_is_not_described(tmp_path: Path) -> None:
    assert choose("auto", "auto", "torch", processor=tmp_path / "nothing") == Hardware("cpu", "float32", "torch")
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: fp asimd bf16\n")
    assert choose("cpu", "auto", "auto", processor=tmp_path / "arm") == Hardware("cpu", "float32", "openvino")


def test_a_fixed_choice_holds(tmp_path: Path) -> None:
    assert choose("cpu", "bfloat16", "torch", processor=tmp_path / "nothing") == ("cpu", "bfloat16", "torch")
    assert choose("cpu", "int8", "openvino", processor=tmp_path / "nothing") == ("cpu", "int8", "openvino")
    assert choose("cpu", "float32", "auto", processor=_processor(tmp_path, "avx512_vnni")) == (
        "cpu",
        "float32",
        "openvino",
    )


def test_weights_that_were_never_in_8_bits_are_not_rounded_unless_asked_for(tmp_path: Path) -> None:
    processor = _processor(tmp_path, "avx512_bf16 avx512_vnni")
    assert choose("cpu", "auto", in_8_bits=False, processor=processor).precision == "bfloat16"
    assert choose("cpu", "int8", in_8_bits=False, processor=processor).precision == "int8"


@pytest.mark.usefixtures("without_openvino")
def test_torch_where_openvino_is_not_installed(tmp_path: Path) -> None:
    assert choose("cpu", "auto", "auto", processor=_processor(tmp_path, "avx512_bf16 avx512_vnni")).backend == "torch"
    with pytest.raises(MissingExtra, match=r"pip install 'pincite\[openvino\]'"):
        choose("auto", "auto", "openvino")


@no_card
def test_a_card_that_is_not_there() -> None:
    with pytest.raises(InvalidSetting, match="no graphics card") as caught:
        choose("cuda", "auto")
    assert caught.value.detail == {"field": "device"}


@pytest.mark.parametrize("half", [True, False])
def test_a_card_goes_first_and_with_torch(half: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: half)
    assert choose("cuda", "auto") == ("cuda", "bfloat16" if half else "float32", "torch")
    assert choose("cpu", "auto").device == "cpu"


def test_settings_that_do_not_go_together() -> None:
    with pytest.raises(InvalidSetting, match="int8 takes OpenVINO"):
        choose("cpu", "int8", "torch")
    with pytest.raises(InvalidSetting, match="OpenVINO is used on processors only"):
        choose("cuda", "auto", "openvino")


def test_values_that_mean_nothing() -> None:
    with pytest.raises(InvalidSetting, match="device is 'gpu'; it must be one of auto, cpu, cuda"):
        choose("gpu", "auto")  # type: ignore[arg-type]
    with pytest.raises(InvalidSetting, match="precision is 'int4'; it must be one of auto, float32, bfloat16, int8"):
        choose("cpu", "int4")  # type: ignore[arg-type]
    with pytest.raises(InvalidSetting, match="backend is 'onnx'; it must be one of auto, torch, openvino"):
        choose("cpu", "auto", "onnx")  # type: ignore[arg-type]


def test_what_a_model_would_run_on_is_told_without_loading_it() -> None:
    assert hardware_of("no-such-model", "embedder", "auto", "auto", "auto") is None


@pytest.mark.model
def test_what_a_fetched_model_would_run_on_follows_the_settings() -> None:
    found = hardware_of(SMALL_EMBEDDER, "embedder", "cpu", "float32", "torch")
    assert found == ("cpu", "float32", "torch")
