"""Settings: what an operator may choose. Flags go before the environment, that before a file, and that before defaults.

Holds values only; what they mean is decided where they are used. docs/settings.md is made from this by `make docs`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypedDict, get_type_hints

from api.values import Between, Kind
from index.embedding.hardware import Backend, Device, Precision
from index.errors import InvalidSetting

CONFIG = "PINCITE_CONFIG"
"""The variable that names a file of settings."""

ELSEWHERE = frozenset({CONFIG, "PINCITE_MODELS"})
"""Variables that are read in other places."""

TOLD_BY_EMPTY = frozenset({"reranker"})
"""Settings that have a default and can be none at all, which an empty variable says."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. Each can be given as ``PINCITE_`` + its name in capitals, and by its name in a
    TOML file."""

    library: Annotated[str, "the library's folder, or milvus://host:19530/name"] = "./library"
    model: Annotated[
        str, "the embedding model: a name, a folder or a hub name; empty: the library's own, else the default one"
    ] = ""
    reranker: Annotated[str, "the cross-encoder that reads the best hits again; empty for none"] = (
        "ms-marco-MiniLM-L12-v2"
    )
    rerank_ms: Annotated[
        int, range(60_001), "the time, in ms, after which no further hits are read again for a question"
    ] = 300
    host: Annotated[str, "the address that `pincite serve` listens on"] = "127.0.0.1"
    port: Annotated[int, range(65_536), "the port; `PORT` counts too, after `PINCITE_PORT`"] = 8000
    device: Annotated[Device, "what models run on"] = "auto"
    precision: Annotated[Precision, "what models calculate in"] = "auto"
    backend: Annotated[Backend, "what runs models: `openvino` on processors, `torch` everywhere"] = "auto"
    max_body_mb: Annotated[int, range(1, 4_097), "the largest request body, in MiB"] = 64
    max_upload_files: Annotated[int, range(1, 10_001), "the most files in one upload"] = 100
    private_hosts: Annotated[
        str, "hosts, addresses and networks that may be read by URL though they are not public: `wiki.lan, 10.1.0.0/16`"
    ] = ""
    seconds_per_request: Annotated[float, Between(0, 3600), "the least time between two requests to one host"] = 1.0
    server: Annotated[str, "a running Pincite that commands ask instead of opening a library"] = ""
    api_key: Annotated[str, "the key to use there"] = ""
    collection: Annotated[str, "the collection that commands use, there or here; empty for the library"] = ""
    collections: Annotated[str, "the folder whose sub-folders are further libraries, by name; empty for none"] = ""
    keys: Annotated[str, "the file of API keys"] = "~/.config/pincite/keys.json"
    open: Annotated[bool, "serve without keys, also where others than this machine may ask"] = False
    requests_per_minute: Annotated[int, range(1_000_001), "how many requests each key may make; 0 for any number"] = 0
    hosts: Annotated[
        str, "names by which the server may be called besides localhost and addresses, with commas between; `*`: any"
    ] = ""
    origins: Annotated[str, "web origins whose pages may ask from a browser, with commas between; `*`: any"] = ""
    slack_signing_secret: Annotated[str, "the signing secret of a Slack app; empty where there is none"] = ""
    slack_collection: Annotated[str, "the collection that Slack asks; empty for the library"] = ""
    slack_response_origins: Annotated[
        str, "where answers to Slack may be sent, with commas between; others only for tests"
    ] = "https://hooks.slack.com, https://hooks.slack-gov.com"
    searches: Annotated[
        int, range(1_001), "how many requests that read are worked on at once; 0 for twice the processor's cores"
    ] = 0
    writes: Annotated[int, range(1, 1_001), "how many requests that store are worked on at once"] = 2
    queue: Annotated[int, range(10_001), "how many more requests of each kind may wait"] = 16
    timeout_seconds: Annotated[
        int, range(1, 3_601), "the longest that a request that reads may take, and that a body may take to come"
    ] = 30
    log_format: Annotated[Literal["text", "json"], "lines for people, or one JSON object a line"] = "text"
    tracing: Annotated[str, "where traces go: an OTLP address such as `http://127.0.0.1:4318/v1/traces`"] = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, config: Path | None = None) -> Self:
        """Defaults, overruled by a file, overruled by the environment.

        Args:
            environment: the variables; empty ones count as not given, but for those in `TOLD_BY_EMPTY`.
            config: the file; the one that `PINCITE_CONFIG` names if not given, none if that is not set.

        Raises:
            InvalidSetting: a value cannot be used, or a key of the file is none; it is named with its place.
        """
        path = config or (Path(environment[CONFIG]) if environment.get(CONFIG) else None)
        read = dict(_from_file(path)) if path else {}
        said = {name: environment[variable(name)] for name in kinds() if variable(name) in environment}
        given = {name: value for name, value in said.items() if value or name in TOLD_BY_EMPTY}
        if "port" not in given and environment.get("PORT"):
            given["port"] = environment["PORT"]
        values = {name: kinds()[name].value(value, variable(name)) for name, value in given.items()}
        return cls(**read | values)

    @property
    def keys_path(self) -> Path:
        """The file of API keys."""
        return Path(self.keys).expanduser()

    def hardware(self) -> HardwareSettings:
        """What models are to run on, as the functions that load them take it."""
        return {"device": self.device, "precision": self.precision, "backend": self.backend}

    def with_values(self, **values: object) -> Self:
        """A copy with some values replaced, as flags do; None leaves a value as it is.

        Raises:
            InvalidSetting: a value cannot be used; its flag is named.
        """
        given = {name: value for name, value in values.items() if value is not None}
        return replace(self, **{name: kinds()[name].value(value, flag(name)) for name, value in given.items()})


class HardwareSettings(TypedDict):
    """What `load_embedder` and `load_reranker` are told of the machine."""

    device: Device
    precision: Precision
    backend: Backend


@cache
def kinds() -> dict[str, Kind]:
    """What each setting may be, in the order in which they stand."""
    hints = get_type_hints(Settings, include_extras=True)
    return {field.name: Kind.of(hints[field.name]) for field in fields(Settings)}


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"PINCITE_{name.upper()}"


def flag(name: str) -> str:
    """A setting as a flag, whether a command has it or not."""
    return f"--{name.replace('_', '-')}"


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like settings and are none. They are no error: container platforms make some by themselves,
    such as ``PINCITE_SERVICE_HOST`` for a service of that name."""
    known = {variable(name) for name in kinds()} | ELSEWHERE
    return sorted(name for name in environment if name.startswith("PINCITE_") and name not in known)


def _from_file(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSetting(f"{path} cannot be read as a file of settings ({error}).", field=CONFIG) from error
    for name, value in values.items():
        if name not in kinds():
            close = get_close_matches(name, kinds(), 1)
            meant = f"Did you mean {close[0]}?" if close else "docs/settings.md lists all of them."
            raise InvalidSetting(f"{name} in {path} is no setting. {meant}", field=name)
        yield name, kinds()[name].value(value, f"{name} in {path}")


def names_in(setting: str) -> list[str]:
    """The names in a setting that holds several, with commas between."""
    return [name.strip() for name in setting.split(",") if name.strip()]
