"""What a model runs on, with which library and in which precision: chosen once, when it is loaded.

On a processor that has no native bfloat16 (AVX512-BF16, AMX) it is emulated and slower than float32. int8 keeps the
large matrices in 8 bits and rounds activations as they come; it takes OpenVINO and a processor with AVX512-VNNI, where
it is faster than bfloat16 unless AMX makes that as fast. bfloat16 vectors have a cosine to the float32 ones above
0.9998; int8 ones above 0.999 where the weights were published in 8 bits or fewer, but not of every other model.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from index.errors import InvalidSetting, MissingExtra

Backend = Literal["auto", "torch", "openvino"]
Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16", "int8"]

_CARDS = (Path("/proc/driver/nvidia/version"), Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/dxg"))


class Hardware(NamedTuple):
    """A device, a precision, and the library that runs the model there. None of them is ``auto``."""

    device: Literal["cpu", "cuda"]
    precision: Literal["float32", "bfloat16", "int8"]
    backend: Literal["torch", "openvino"]


def choose(
    device: Device,
    precision: Precision,
    backend: Backend = "auto",
    *,
    in_8_bits: bool = True,
    processor: Path = Path("/proc/cpuinfo"),
) -> Hardware:
    """What to use: a graphics card with torch if there is one, else OpenVINO if it is installed.

    Args:
        device: ``auto`` or a fixed one.
        precision: likewise.
        backend: likewise.
        in_8_bits: whether the weights were published in 8 bits or fewer, so that ``auto`` may keep them so.
        processor: where Linux describes the processor; elsewhere there is no such file, and float32 is taken.

    Raises:
        InvalidSetting: a value is none of those, or two do not go together, or there is no card for ``cuda``.
        MissingExtra: ``openvino`` is asked for and not installed.
    """
    for field, value, choices in (
        ("device", device, Device),
        ("precision", precision, Precision),
        ("backend", backend, Backend),
    ):
        _check(field, value, get_args(choices))
    card = _card(device, backend)
    library = _library(backend, card)
    if precision == "int8" and library != "openvino":
        raise InvalidSetting("The precision int8 takes OpenVINO on a processor. Use bfloat16.", field="precision")
    if precision == "auto":
        precision = _card_precision() if card else _best(_flags(processor), in_8_bits and library == "openvino")
    return Hardware("cuda" if card else "cpu", precision, library)


def _check(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidSetting(f"The {field} is {value!r}; it must be one of {', '.join(choices)}.", field=field)


def _card(device: Device, backend: Backend) -> bool:
    """Whether to use a graphics card. torch, slow to import, is asked only where there may be one."""
    if device == "cuda" and backend == "openvino":
        raise InvalidSetting(
            "OpenVINO is used on processors only. For cuda, set the backend to torch.", field="backend"
        )
    if device == "cpu" or backend == "openvino" or (device == "auto" and not any(card.exists() for card in _CARDS)):
        return False
    import torch  # noqa: PLC0415 - heavy, see above

    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise InvalidSetting("The device is set to cuda, but PyTorch finds no graphics card. Use cpu.", field="device")
    return found


def _card_precision() -> Literal["float32", "bfloat16"]:
    import torch  # noqa: PLC0415 - heavy; here it is imported already

    return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"


def _library(backend: Backend, card: bool) -> Literal["torch", "openvino"]:
    installed = find_spec("openvino") is not None
    if backend == "openvino" and not installed:
        raise MissingExtra("OpenVINO is not installed. Install it with: pip install 'pincite[openvino]'")
    if backend == "auto":
        return "openvino" if installed and not card else "torch"
    return backend


def _best(flags: set[str], in_8_bits: bool) -> Literal["float32", "bfloat16", "int8"]:
    if in_8_bits and "avx512_vnni" in flags and "amx_bf16" not in flags:
        return "int8"
    return "bfloat16" if not flags.isdisjoint({"avx512_bf16", "amx_bf16"}) else "float32"


def _flags(processor: Path) -> set[str]:
    try:
        lines = processor.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())
