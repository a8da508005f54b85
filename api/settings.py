"""Settings: what an operator may choose, with the environment variable of each. Flags of the command line go first.

Holds values only; what they mean is decided where they are used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypedDict, get_args

from index.embedding.hardware import Backend, Device, Precision
from index.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. Each can be given as ``PINCITE_`` + its name in capitals.

    Attributes:
        library: the folder of the library (or, later, the address of an engine).
        model: the embedding model: a name from `pincite models`, a folder, or the name of a model on a hub. Empty
            means the model that the library was made with, or the default one for a new library.
        reranker: the cross-encoder, named like `model`, that reads the best hits again.
        rerank_ms: the time, in milliseconds, after which no further hits are read again for a question.
        host, port: where `pincite serve` listens. ``PORT`` counts too, after ``PINCITE_PORT``.
        device: ``auto``, ``cpu`` or ``cuda``.
        precision: ``auto``, ``float32``, ``bfloat16`` or ``int8``.
        backend: what runs models: ``auto``, ``torch`` or ``openvino``.
        max_body_mb: the largest request body that is read, in MiB.
        private_hosts: hosts, addresses and networks that `pincite index URL` may read although they are not public,
            with commas between.
        seconds_per_request: the least time between two requests to one host.
        server: the address of a running Pincite that commands ask instead of opening a library.
        api_key: the key to use there.
        collection: the collection that commands use, there or here; empty for the library.
        collections: the folder whose sub-folders are further libraries, by name; empty for none.
        keys: the file of API keys.
        open: serve without keys, also where others than this machine may ask.
        requests_per_minute: how many requests each key may make; 0 for any number.
        hosts: names by which the server may be called besides localhost and addresses, with commas between; ``*`` for
            any.
        origins: web origins whose pages may ask from a browser, with commas between.
        searches: how many requests that read are worked on at once; 0 for twice the processor's cores.
        writes: how many requests that store are worked on at once.
        queue: how many more requests of each kind may wait.
        timeout_seconds: the longest that a request that reads may take, and that a body may take to come.
    """

    library: str = "./library"
    model: str = ""
    reranker: str = "ms-marco-MiniLM-L12-v2"
    rerank_ms: int = 300
    host: str = "127.0.0.1"
    port: int = 8000
    device: Device = "auto"
    precision: Precision = "auto"
    backend: Backend = "auto"
    max_body_mb: int = 64
    private_hosts: str = ""
    seconds_per_request: float = 1.0
    server: str = ""
    api_key: str = ""
    collection: str = ""
    collections: str = ""
    keys: str = "~/.config/pincite/keys.json"
    open: bool = False
    requests_per_minute: int = 0
    hosts: str = ""
    origins: str = ""
    searches: int = 0
    writes: int = 2
    queue: int = 16
    timeout_seconds: int = 30

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Defaults, overruled by the environment.

        Raises:
            InvalidSetting: a variable's value cannot be used; it is named.
        """
        given = {
            field.name: environment[_variable(field.name)] for field in fields(cls) if _is_set(field.name, environment)
        }
        if "port" not in given and environment.get("PORT"):
            given["port"] = environment["PORT"]
        return cls().with_values(**given)

    @property
    def keys_path(self) -> Path:
        """The file of API keys."""
        return Path(self.keys).expanduser()

    def hardware(self) -> HardwareSettings:
        """What models are to run on, as the functions that load them take it."""
        return {"device": self.device, "precision": self.precision, "backend": self.backend}

    def with_values(self, **values: object) -> Self:
        """A copy with some values replaced; None leaves a value as it is.

        Raises:
            InvalidSetting: a value cannot be used; its variable is named.
        """
        return replace(self, **{name: _checked(name, value) for name, value in values.items() if value is not None})


class HardwareSettings(TypedDict):
    """What `load_embedder` and `load_reranker` are told of the machine."""

    device: Device
    precision: Precision
    backend: Backend


def _variable(name: str) -> str:
    return f"PINCITE_{name.upper()}"


def _is_set(name: str, environment: Mapping[str, str]) -> bool:
    return bool(environment.get(_variable(name)))


_NUMBERS = {
    "port": range(65_536),
    "max_body_mb": range(1, 4_097),
    "rerank_ms": range(60_001),
    "requests_per_minute": range(1_000_001),
    "searches": range(1_001),
    "writes": range(1, 1_001),
    "queue": range(10_001),
    "timeout_seconds": range(1, 3_601),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "device": get_args(Device),
    "precision": get_args(Precision),
    "backend": get_args(Backend),
}


def _checked(name: str, value: object) -> Any:
    if name in _NUMBERS:
        return _number(name, value, _NUMBERS[name])
    if name == "seconds_per_request":
        return _seconds(name, value)
    if name == "open":
        return _switch(name, value)
    if name in _CHOICES and value not in _CHOICES[name]:
        choices = ", ".join(_CHOICES[name])
        raise InvalidSetting(f"{_variable(name)} is {value!r}; it must be one of {choices}.", field=_variable(name))
    return str(value)


def _number(name: str, value: object, allowed: range) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number not in allowed:
        raise InvalidSetting(
            f"{_variable(name)} is {value!r}; it must be a whole number from {allowed.start} to {allowed.stop - 1}.",
            field=_variable(name),
        )
    return number


def _seconds(name: str, value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise InvalidSetting(
            f"{_variable(name)} is {value!r}; it must be a number of seconds from 0 to 3600.", field=_variable(name)
        )
    return seconds


_SWITCHED = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _switch(name: str, value: object) -> bool:
    try:
        return _SWITCHED[str(value).lower()]
    except KeyError:
        message = f"{_variable(name)} is {value!r}; it must be 1 or 0."
        raise InvalidSetting(message, field=_variable(name)) from None


def names_in(setting: str) -> list[str]:
    """The names in a setting that holds several, with commas between."""
    return [name.strip() for name in setting.split(",") if name.strip()]
