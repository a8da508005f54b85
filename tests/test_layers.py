"""The house's shape, held: who may import whom, and which library is used in which room."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ("index", "search", "api")
    for path in sorted((ROOT / room).rglob("*.py"))
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            found |= {
                f"{module}.{alias.name}" if f"{module}.{alias.name}" in MODULES else module for alias in node.names
            }
    return found


IMPORTS = {name: imports(path) for name, path in MODULES.items()}


def users(library: str) -> set[str]:
    return {name for name, found in IMPORTS.items() if any(one.split(".")[0] == library for one in found)}


def offenders(room: str, *forbidden: str) -> set[tuple[str, str]]:
    return {
        (name, one)
        for name, found in IMPORTS.items()
        for one in found
        if f"{name}.".startswith(f"{room}.") and any(f"{one}.".startswith(f"{other}.") for other in forbidden)
    }


def test_the_rooms_are_read() -> None:
    assert {"index.ingest", "search.pipeline", "api.app"} <= set(MODULES)
    assert "index.library.contract" in IMPORTS["search.pipeline"]


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("index", ["search", "api"]),
        ("search", ["api"]),
        ("index.articles", ["index.embedding", "index.library", "index.ingest"]),
        ("index.embedding", ["index.articles", "index.library", "index.ingest"]),
        ("index.library", ["index.embedding", "index.ingest"]),
        ("index.library.local", ["index.library.milvus"]),
        ("index.library.milvus", ["index.library.local"]),
        ("index.web", ["index.embedding", "index.library", "index.ingest", "index.watching"]),
        ("index.watching", ["index.embedding", "index.library"]),
    ],
)
def test_imports_never_go_back(room: str, forbidden: list[str]) -> None:
    assert offenders(room, *forbidden) == set()


def test_there_are_no_import_circles() -> None:
    graph = {name: {one for one in found if one in MODULES} for name, found in IMPORTS.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"modules import each other in a circle: {error.args[1]}")


def test_faiss_is_imported_in_one_module() -> None:
    assert len(users("faiss")) == 1


def test_tantivy_is_imported_where_words_are_kept_and_where_they_are_matched() -> None:
    assert users("tantivy") == {"index.library.local.words", "index.library.local.matching"}


def test_sqlite_is_the_local_librarys_alone() -> None:
    assert users("sqlite3")
    assert all(name.startswith("index.library.local") for name in users("sqlite3"))


def test_milvus_is_reached_from_one_room_and_called_from_one_module() -> None:
    assert users("pymilvus") == {"index.library.milvus.engine", "index.library.milvus.schema"}
    assert users("grpc") == {"index.library.milvus.engine"}


@pytest.mark.parametrize("library", ["fastapi", "typer", "starlette", "uvicorn", "pydantic", "rich"])
def test_frameworks_stay_in_the_api(library: str) -> None:
    assert users(library)
    assert all(name.startswith("api") for name in users(library))


@pytest.mark.parametrize("library", ["httpcore", "httpx", "protego"])
def test_the_web_is_reached_from_one_room_and_servers_by_the_client(library: str) -> None:
    found = {name for name in users(library) if not (library == "httpx" and name.startswith("api.client."))}
    assert found
    assert all(name.startswith("index.web.") for name in found)


def test_the_client_needs_no_service() -> None:
    assert offenders("api.client", "api.service", "api.wire", "search", "index.library", "index.embedding") == set()
    assert offenders("api.plain", "api.wire", "search", "index") == set()


CALLS = {
    name: {
        (getattr(call.func, "attr", None) or getattr(call.func, "id", ""), word.arg, ast.unparse(word.value))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for word in call.keywords
    }
    for name, path in MODULES.items()
}
"""The keyword arguments of every call in a module, as function, name and value."""


def test_no_model_brings_code_of_its_own_and_weights_are_safetensors_only() -> None:
    found = {(name, *call) for name, calls in CALLS.items() for call in calls if call[1] == "trust_remote_code"}
    assert {value for *_, value in found} <= {"False"}
    source = MODULES["index.embedding.with_torch"].read_text()
    assert '"use_safetensors": True' in source
    everything = "".join(path.read_text() for path in MODULES.values())
    for forbidden in ("torch.load(", "allow_pickle=True", "weights_only=False", "trust_remote_code=True"):
        assert forbidden not in everything


def test_nothing_is_pickled() -> None:
    assert not users("pickle") | users("joblib") | users("dill") | users("shelve") | users("marshal")
