"""JSON values to dataclasses, by their annotations. Knows none of them.

Keys that a dataclass does not know are passed over, so that a newer server can be asked.
"""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def decoded(kind: type[T], value: Any) -> T:
    """The value as an instance of this dataclass.

    Raises:
        ValueError: it does not fit, or lacks a field.
    """
    try:
        found: T = _decoded(kind, value)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"this is no {kind.__name__}: {error}") from error
    return found


def _decoded(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _decoded(hints[name], part) for name, part in value.items() if name in hints})
    if get_origin(kind) is UnionType:
        (present,) = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _decoded(present, value)
    if get_origin(kind) is list:
        (part,) = get_args(kind)
        return [_decoded(part, one) for one in value]
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
