"""Dify's metadata conditions as the library's filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from api.chat.conditions import (
    DATE,
    DATED,
    Comparison,
    Scalar,
    all_of,
    any_of,
    check_key,
    compared,
    none_of,
    resembling,
)
from index.errors import InvalidInput
from index.library.contract import FacetField, Filters
from index.library.labels import caseless

Values = Callable[[FacetField], Iterable[str]]
"""Lists the values that articles have."""

COMPARISONS: Mapping[str, Comparison] = {
    "is": "eq",
    "=": "eq",
    "is not": "ne",
    "≠": "ne",
    ">": "gt",
    "after": "gt",
    "<": "lt",
    "before": "lt",
    "≥": "gte",
    "≤": "lte",
}
PARTS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda value, part: part in value,
    "not contains": lambda value, part: part in value,
    "start with": str.startswith,
    "end with": str.endswith,
}
OPERATORS = (*COMPARISONS, *PARTS, "in", "not in", "empty", "not empty")
SHORTEST_SECONDS = 9
"""So many digits and more are seconds since 1970, as Dify sends times; fewer are no time at all."""


def filters_of(name: str, operator: str, value: Scalar | Sequence[Scalar] | None, values: Values) -> Filters:
    """One condition as filters.

    Raises:
        InvalidInput: an unknown name or operator, or a value or operator that does not suit the name.
    """
    check_key(name)
    if operator not in OPERATORS:
        message = f"There is no comparison {operator!r}; there are {', '.join(OPERATORS)}."
        raise InvalidInput(message, field="comparison_operator")
    if operator in {"empty", "not empty"}:
        filled = DATED if name == DATE else resembling(name, lambda _: True, values)
        return filled if operator == "not empty" else none_of(filled)
    if value is None or value == "":
        raise InvalidInput(f"{name}: {operator} needs a value.", field=name)
    if operator in {"in", "not in"}:
        return compared(name, "in" if operator == "in" else "nin", [_time(name, one) for one in _several(value)])
    if not isinstance(value, Scalar):
        raise InvalidInput(f"{name}: {operator} takes one value; use in or not in for several.", field=name)
    if operator in COMPARISONS:
        return compared(name, COMPARISONS[operator], _time(name, value))
    part = caseless(str(value))
    fitting = resembling(name, lambda known: PARTS[operator](known, part), values)
    return none_of(fitting) if operator == "not contains" else fitting


def joined(operator: str, conditions: Sequence[Filters]) -> Filters:
    """All conditions together, or at least one of them; none at all ask for nothing."""
    if operator == "or" and conditions:
        return any_of(conditions)
    return all_of(conditions)


def _several(value: Scalar | Sequence[Scalar]) -> Sequence[Scalar]:
    """The values of a list, which Dify also writes as a text with commas between."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [value] if isinstance(value, Scalar) else value


def _time(name: str, value: Scalar) -> Scalar:
    digits = isinstance(value, str) and value.isdecimal() and len(value) >= SHORTEST_SECONDS
    return int(value) if name == DATE and digits else value
