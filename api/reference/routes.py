"""docs/http.md, made from the OpenAPI document that the server itself gives at /openapi.json."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from api.app import create_app
from api.reference.markdown import table
from api.service import Service
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library

Json = dict[str, Any]

INTRODUCTION = """# HTTP

Made from the program by `make docs`. A running server describes the same at `/openapi.json`, for programs. Bodies are
JSON in UTF-8; offsets count Unicode code points, from 0, the end not included. Where keys are on,
`Authorization: Bearer KEY` or `X-API-Key: KEY` carries one; *needs* names the scope that it must have. The header
`Pincite-Collection` or `?collection=` chooses a collection: the key's own if it has only one, else `default`.

HEAD is answered wherever GET is, in the same way but without the body. A method that an address does not take is
answered with 405, and `Allow` names those that it takes.
"""
EVERYWHERE = {"collection", "Pincite-Collection"}
"""Parameters of nearly all routes, told once."""


def page() -> Iterator[str]:
    """The lines of the page."""
    document = _document()
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    yield from INTRODUCTION.splitlines()
    yield ""
    yield from _errors(operations)
    for tag, of_tag in groupby(operations, key=lambda one: one[1]["tags"][0]):
        yield from (f"## {tag}", "")
        for name, operation in of_tag:
            yield from _operation(name, operation)
    yield from ("## Shapes", "", "A field without a default must be there, in what is sent.", "")
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield from _shape(name, schema)


def _document() -> Json:
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Path(folder) / "library", create=True)
        with Service(library, HashingEmbedder) as service:
            return create_app(service).openapi()


def _errors(operations: list[tuple[str, Json]]) -> Iterator[str]:
    """What each status means that is an error, once for all routes."""
    told = {
        status: reply["description"]
        for _, operation in operations
        for status, reply in operation["responses"].items()
        if status >= "400" and "dify" not in operation["tags"] and operation["operationId"] != "readyz"
    }
    yield from ("Every error is an [ErrorOut](#errorout):", "")
    yield from table(("status", "means"), sorted(told.items()))


def _operation(name: str, operation: Json) -> Iterator[str]:
    yield from (f"### {name}", "", operation["description"], "")
    scopes = {scope for way in operation.get("security", []) for names in way.values() for scope in names}
    sent = operation.get("requestBody", {}).get("content", {})
    given = {status: reply for status, reply in operation["responses"].items() if status < "400"}
    lines = [
        *([f"- needs `{'`, `'.join(sorted(scopes))}`"] if scopes else []),
        *(f"- takes `{kind}`: {_kind(body.get('schema', {}))}" for kind, body in sent.items()),
        *(f"- gives {status}: {_given(reply)}" for status, reply in sorted(given.items())),
    ]
    yield from (*lines, "")
    parameters = (one for one in operation.get("parameters", []) if one["name"] not in EVERYWHERE)
    yield from table(("parameter", "in", "type", "default", "is"), map(_parameter, parameters))


def _parameter(one: Json) -> tuple[str, ...]:
    kind = one["schema"]
    return f"`{one['name']}`", one["in"], _kind(kind), _default(kind, one.get("required", False)), _about(kind)


def _given(reply: Json) -> str:
    shown = (f"{_kind(body['schema'])}" for body in reply.get("content", {}).values() if body.get("schema"))
    return ", ".join(shown) or ", ".join(reply.get("content", {})) or "nothing"


def _shape(name: str, schema: Json) -> Iterator[str]:
    yield from (f"### {name}", "", *filter(None, [schema.get("description", "")]), "")
    required = set(schema.get("required", []))
    rows = (
        (f"`{field}`", _kind(kind), _default(kind, field in required), _about(kind))
        for field, kind in schema.get("properties", {}).items()
    )
    yield from table(("field", "type", "default", "is"), rows)


def _about(schema: Json) -> str:
    return str(schema.get("description", "")).replace("<", r"\<").replace("*", r"\*")


def _default(schema: Json, required: bool) -> str:
    """What a field is that is not sent; empty where it must be."""
    default = schema.get("default")
    if required:
        return ""
    if default in (None, "", []) or isinstance(default, dict):
        return "none"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _kind(schema: Json) -> str:
    """What a value is: a shape that the page describes, values to choose from, or a type with its bounds."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"] if one.get("type") != "null"))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {'anyOf': schema.get('prefixItems', [{}])}))}"
    return f"{schema.get('format') or schema.get('type') or 'any'}{_bounds(schema)}"


def _bounds(schema: Json) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum", schema.get("minLength")))
    high = schema.get("maximum", schema.get("maxLength"))
    told = [f"from {low:g}"] if low is not None else []
    return " ".join(["", *told, *([f"to {high:g}"] if high is not None else [])])
