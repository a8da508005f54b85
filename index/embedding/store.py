"""The cache of models: one folder a model, fetched, converted and checked once, then only read.

The folder is ``PINCITE_MODELS``, else ``pincite/models`` in the user's cache. A model is put into it whole by one
rename, after its hashes were found right; a lock lets one process fetch while others wait for it. What a model is
used for is not known here.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.embedding.catalogue import CATALOGUE, Format, Model, Wheel
from index.embedding.converting import copied, int8, q4
from index.embedding.converting.bert import TOKENIZER, WEIGHTS, write_json
from index.embedding.fetching import WAY_OUT, extract, fetch, sha256_of
from index.errors import ModelChanged, ModelError, ModelUnknown

State = Literal["here", "absent", "damaged"]
Report = Callable[[str], None]

_RECORD = "pincite.json"
_WORK = ".getting-"
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_CONVERTERS: Mapping[Format, Callable[[Model, Path, Path], None]] = {
    "folder": copied.convert,
    "q4": q4.convert,
    "int8": int8.convert,
}


@dataclass(frozen=True, slots=True)
class Location:
    """Where a model that the user named is to be read from.

    Attributes:
        name: what the model is called in fingerprints and messages.
        folder: the folder that holds it; None for a model on a hub, whose name on the hub is `name`.
        model: its entry in the catalogue, if it is from there.
    """

    name: str
    folder: Path | None
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the catalogue and what the cache has of it. `folder` is None unless it is here."""

    model: Model
    state: State
    folder: Path | None

    def as_dict(self) -> dict[str, object]:
        """For machines, JSON-compatible."""
        model, wheel = self.model, self.model.wheel
        return {
            "name": model.name,
            "task": model.task,
            "about": model.about,
            "origin": model.origin,
            "licence": model.licence,
            "package": f"{wheel.package}=={wheel.version}",
            "download_bytes": wheel.size,
            "state": self.state,
            "folder": None if self.folder is None else str(self.folder),
        }


class Store:
    """A cache folder and the catalogue that it is filled from. Nothing is kept in memory."""

    def __init__(self, root: Path, catalogue: Mapping[str, Model] = CATALOGUE) -> None:
        self.root, self._catalogue = root, catalogue

    def get(self, *names: str, report: Report = lambda _: None) -> list[Path]:
        """Make these models of the catalogue be here, whole and with the right hashes: their folders, in order.

        Packages are fetched only for models that are absent or damaged, each package once. Several processes may
        call this at once. `report` is told each step in a line for people.

        Raises:
            ModelUnknown: a name is not in the catalogue.
            ModelChanged: a package, or what it converts to, is not what was pinned. Nothing is put into the cache.
            ModelError: a package cannot be fetched, or the folder cannot be written to.
        """
        models = {name: self._known(name) for name in names}
        try:
            if self._missing(models):  # if not, a cache that may only be read will do
                self._fill(models, report)
        except OSError as error:
            message = f"{self.root} cannot be filled: {error}. PINCITE_MODELS can name another folder."
            raise ModelError(message, folder=str(self.root)) from error
        return [self.root / name for name in names]

    def listing(self) -> list[Listed]:
        """Every model of the catalogue, with what a quick look (no hashing) finds of it in the cache."""
        states = [(model, self._state(model)) for model in self._catalogue.values()]
        return [Listed(model, state, self.root / model.name if state == "here" else None) for model, state in states]

    def resolve(self, name_or_path: str) -> Location:
        """Where the model is: a name of the catalogue, else a folder, else (organisation/model) one on a hub.

        Raises:
            ModelUnknown: it is none of these, or is of the catalogue but not in the cache.
            ModelChanged: it is in the cache, but files are missing or have another size than they had.
        """
        if name_or_path in self._catalogue:
            return self._resolve_known(self._catalogue[name_or_path])
        path = Path(name_or_path).expanduser()
        if name_or_path and path.is_dir():
            return Location(path.resolve().name, path.resolve())
        if _HUB_NAME.fullmatch(name_or_path):
            return Location(name_or_path, None)
        raise self._unknown(name_or_path)

    def _resolve_known(self, model: Model) -> Location:
        state = self._state(model)
        if state == "here":
            return Location(model.name, self.root / model.name, model)
        remedy = f"Fetch it with: pincite models get {model.name}"
        if state == "damaged":
            raise ModelChanged(f"The model {model.name} in {self.root} is damaged. {remedy}", model=model.name)
        raise ModelUnknown(f"The model {model.name} is not in {self.root} yet. {remedy}", model=model.name)

    def _known(self, name: str) -> Model:
        if name not in self._catalogue:
            raise self._unknown(name)
        return self._catalogue[name]

    def _unknown(self, name: str) -> ModelUnknown:
        known = ", ".join(self._catalogue)
        message = f"There is no model {name!r}. Known by name: {known}. A folder or a name on a hub will do as well."
        return ModelUnknown(message, model=name, known=list(self._catalogue))

    def _missing(self, models: Mapping[str, Model]) -> list[Model]:
        return [model for model in models.values() if not self._is_intact(model)]

    def _fill(self, models: Mapping[str, Model], report: Report) -> None:
        with self._lock():
            missing = self._missing(models)  # once more: another process may have been here meanwhile
            for wheel in dict.fromkeys(model.wheel for model in missing):
                self._install(wheel, [model for model in missing if model.wheel == wheel], report)

    def _state(self, model: Model) -> State:
        folder = self.root / model.name
        if not folder.is_dir():
            return "absent"
        files = _recorded(folder, model)
        sizes = {name: path.stat().st_size for name in files if (path := folder / name).is_file()}
        return "here" if files and sizes == {name: size for name, (size, _) in files.items()} else "damaged"

    def _is_intact(self, model: Model) -> bool:
        """Whether every file has the recorded hash; reads them all."""
        folder = self.root / model.name
        files = _recorded(folder, model)
        return self._state(model) == "here" and all(sha256_of(folder / name) == sha for name, (_, sha) in files.items())

    def _install(self, wheel: Wheel, models: Iterable[Model], report: Report) -> None:
        with tempfile.TemporaryDirectory(prefix=_WORK, dir=self.root) as name:
            work = Path(name)
            report(f"Fetching {wheel.package} {wheel.version} ({wheel.size / 2**20:.0f} MB)")
            package = fetch(wheel, work)
            for model in models:
                source, made = work / f"{model.name}.taken", work / model.name
                report(f"Converting {model.name}")
                extract(package, model.root, model.members, source)
                made.mkdir()
                _CONVERTERS[model.format](model, source, made)
                _record(made, model)
                shutil.rmtree(self.root / model.name, ignore_errors=True)  # a damaged one, if any
                made.rename(self.root / model.name)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Held by one process at a time; the system releases it when that process dies, however it dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            for left_over in self.root.glob(f"{_WORK}*"):  # of processes that were killed: whoever lives has the lock
                shutil.rmtree(left_over, ignore_errors=True)
            yield


def default_store() -> Store:
    """The store in ``PINCITE_MODELS``, else in the user's cache (``XDG_CACHE_HOME``, ``~/.cache``)."""
    if given := os.environ.get("PINCITE_MODELS"):
        return Store(Path(given).expanduser())
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Store(Path(cache).expanduser() / "pincite" / "models")


def get(*names: str, report: Report = lambda _: None) -> list[Path]:
    """`Store.get` of the default store."""
    return default_store().get(*names, report=report)


def listing() -> list[Listed]:
    """`Store.listing` of the default store."""
    return default_store().listing()


def resolve(name_or_path: str) -> Location:
    """`Store.resolve` of the default store."""
    return default_store().resolve(name_or_path)


def _record(folder: Path, model: Model) -> None:
    """Check what was made against the pins, and write down every file with its size and hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    for name, expected in ((WEIGHTS, model.weights_sha256), (TOKENIZER, model.tokenizer_sha256)):
        if (seen := hashes.get(name)) != expected:
            raise ModelChanged(
                f"Converting {model.name} gave another {name} than it should: expected sha256 {expected}, "
                f"seen {seen}. {WAY_OUT}",
                model=model.name,
                expected=expected,
                seen=seen,
            )
    sizes = {name: [(folder / name).stat().st_size, sha256] for name, sha256 in hashes.items()}
    write_json(folder / _RECORD, {"name": model.name, "wheel": model.wheel.sha256, "files": sizes})


def _recorded(folder: Path, model: Model) -> dict[str, tuple[int, str]]:
    """Size and hash of each file as written down; empty when there is no record, or one of other pins."""
    try:
        files = json.loads((folder / _RECORD).read_text(encoding="utf-8"))["files"]
        found = {name: (int(size), str(sha256)) for name, (size, sha256) in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # a folder without a readable record is damaged, whatever the reason
    pins = {WEIGHTS: model.weights_sha256, TOKENIZER: model.tokenizer_sha256}
    return found if all(found.get(name, (0, ""))[1] == pin for name, pin in pins.items()) else {}
