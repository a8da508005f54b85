"""The address of a library on Milvus, ``milvus://host:19530/name``, taken apart. Knows no client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from index.errors import InvalidSetting

SCHEME = "milvus"
PORT = 19530
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
"""What a library may be called: it begins the names of its collections, which Milvus wants so."""

INDEXES = ("HNSW", "FLAT")
CONSISTENCY = ("Bounded", "Strong")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a library is, and how its collections are made.

    Attributes:
        uri: the server's, for its client.
        name: the library's.
        token: ``user:password``, or empty.
        index: by what vectors are found; FLAT, which compares them all, is for small libraries.
        shards, replicas: how many of each every collection has. Shards hold when a library is made, replicas from
            when it is next loaded.
        consistency: how far searches may lag behind other clients' writes: Bounded, some seconds; Strong, not at all.
    """

    uri: str
    name: str
    token: str = ""
    index: str = "HNSW"
    shards: int = 1
    replicas: int = 1
    consistency: str = "Bounded"

    @classmethod
    def parsed(cls, address: str) -> Self:
        """An address such as ``milvus://user:password@host:19530/name?shards=2&replicas=2``; ``tls=true`` encrypts.

        Raises:
            InvalidSetting: it cannot be read, naming the part.
        """
        try:
            parts = urlsplit(address)
            port = parts.port or PORT
        except ValueError as error:
            raise _refused(address, f"is no address ({error})") from error
        name = parts.path.strip("/")
        if parts.scheme != SCHEME or not parts.hostname or not NAME.fullmatch(name):
            raise _refused(address, "does not read milvus://host:19530/name, the name of letters, digits and _")
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        scheme = "https" if _choice(address, options, "tls", ("false", "true")) == "true" else "http"
        made = cls(
            uri=f"{scheme}://{_bracketed(parts.hostname)}:{port}",
            name=name,
            token=unquote(parts.netloc.rpartition("@")[0]),
            index=_choice(address, options, "index", INDEXES),
            shards=_number(address, options, "shards"),
            replicas=_number(address, options, "replicas"),
            consistency=_choice(address, options, "consistency", CONSISTENCY),
        )
        if options:
            raise _refused(address, f"has the unknown option {next(iter(options))}")
        return made

    def __str__(self) -> str:
        """The address for messages, without the token."""
        return f"{SCHEME}://{self.uri.partition('://')[2]}/{self.name}"


def _choice(address: str, options: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = options.pop(name, choices[0])
    if value not in choices:
        raise _refused(address, f"says {name}={value}; it may be {' or '.join(choices)}")
    return value


def _number(address: str, options: dict[str, str], name: str) -> int:
    value = options.pop(name, "1")
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 1024):
        raise _refused(address, f"says {name}={value}; it may be 1 to 1024")
    return int(value)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refused(address: str, why: str) -> InvalidSetting:
    return InvalidSetting(f"The library's address {_without_token(address)} {why}.", field="library")


def _without_token(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    return scheme + separator + rest.rpartition("@")[2]
