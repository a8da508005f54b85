"""A setting's value as it is written in a variable, a file or a flag, made into what it means, or refused.

Which settings there are is `settings`'s to say; what a value may be is read off its annotation: a whole number within a
`range`, a number within a `Between`, one of a `Literal`'s choices, a switch, or text (of several, with commas between).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args, get_origin

from index.errors import InvalidSetting

_SWITCHED = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class Between(NamedTuple):
    """A number from `least` to `most`, both included."""

    least: float
    most: float


class Kind(NamedTuple):
    """What a setting's annotation says: its type, its bounds if it has any, and what it is, for people."""

    type: Any
    bounds: range | Between | None
    about: str

    @classmethod
    def of(cls, annotation: Any) -> Kind:
        """From ``Annotated[type, bounds, "about"]``; bounds may be left out."""
        kind, *rest = get_args(annotation)
        bounds = next((one for one in rest if isinstance(one, range | Between)), None)
        return cls(kind, bounds, next(one for one in rest if isinstance(one, str)))

    def value(self, given: object, said: str) -> Any:
        """The value that was given.

        Args:
            given: text, or what TOML has for it.
            said: what the user calls it: a variable, a flag, or a key and its file.

        Raises:
            InvalidSetting: it cannot be used; `said` is named.
        """
        if isinstance(given, list) and self.type is str and all(isinstance(one, str) for one in given):
            return ",".join(given)
        text = str(given)
        if self.type is bool and text.lower() in _SWITCHED:
            return _SWITCHED[text.lower()]
        if self.type is str and isinstance(given, str):
            return text
        if get_origin(self.type) is Literal and text in get_args(self.type):
            return text
        if self.type in {int, float} and not isinstance(given, bool) and (number := self._number(text)) is not None:
            return number
        raise InvalidSetting(f"{said} is {given!r}; it must be {self.wanted}.", field=said)

    def _number(self, text: str) -> float | None:
        try:
            number: float = self.type(text)
        except ValueError:
            return None
        if isinstance(self.bounds, Between):
            return number if self.bounds.least <= number <= self.bounds.most else None
        return number if self.bounds is None or number in self.bounds else None

    @property
    def wanted(self) -> str:
        """What a value must be, in words."""
        if get_origin(self.type) is Literal:
            return f"one of {', '.join(get_args(self.type))}"
        if isinstance(self.bounds, range):
            return f"a whole number from {self.bounds.start} to {self.bounds.stop - 1}"
        if isinstance(self.bounds, Between):
            return f"a number from {self.bounds.least:g} to {self.bounds.most:g}"
        return "1 or 0" if self.type is bool else "text"
