"""What a model runs on and in which precision: chosen once, when it is loaded.

bfloat16 halves the memory traffic and is about three times as fast where the processor multiplies it natively
(AVX512-BF16, AMX); elsewhere it is emulated and slower than float32. The vectors it gives are as good: their cosine
to the float32 ones is above 0.999.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, get_args

from index.errors import InvalidSetting

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]

_NATIVE_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


class Hardware(NamedTuple):
    """A device (``cpu`` or ``cuda``) and a precision (``float32`` or ``bfloat16``)."""

    device: Literal["cpu", "cuda"]
    precision: Literal["float32", "bfloat16"]


def choose(device: Device, precision: Precision, processor: Path = Path("/proc/cpuinfo")) -> Hardware:
    """The hardware to use: a graphics card if there is one, bfloat16 where it is native.

    Args:
        device: ``auto`` or a fixed one.
        precision: ``auto`` or a fixed one.
        processor: where Linux describes the processor; elsewhere there is no such file, and float32 is taken.

    Raises:
        InvalidSetting: a value is none of those, or ``cuda`` is asked for where there is none.
    """
    _check("device", device, get_args(Device))
    _check("precision", precision, get_args(Precision))
    import torch  # noqa: PLC0415 - heavy: only a command that loads a model waits for it

    has_card = device != "cpu" and torch.cuda.is_available()
    if device == "cuda" and not has_card:
        raise InvalidSetting("The device is set to cuda, but PyTorch finds no graphics card. Use cpu.", field="device")
    if precision == "auto":
        native = torch.cuda.is_bf16_supported() if has_card else _has_native_bfloat16(processor)
        precision = "bfloat16" if native else "float32"
    return Hardware("cuda" if has_card else "cpu", precision)


def _check(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidSetting(f"The {field} is {value!r}; it must be one of {', '.join(choices)}.", field=field)


def _has_native_bfloat16(processor: Path) -> bool:
    try:
        lines = processor.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not _NATIVE_BFLOAT16.isdisjoint(flags.split())
