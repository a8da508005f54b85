"""What loading an embedder and loading a reranker have in common: finding the folder, the hardware and the recipe.

Nothing here imports a model library when it is itself imported: they take seconds, which `pincite --help` need not
wait for, and the offline switches must be set before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.embedding.catalogue import Task
from index.embedding.hardware import Backend, Device, Hardware, Precision, choose
from index.embedding.hub import fetch_from_hub
from index.embedding.offline import go_offline
from index.embedding.recipe import Recipe, recipe_of
from index.embedding.store import Location, resolve
from index.errors import ModelError, ModelUnknown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that is ready to be loaded: its name, its folder, what it will run on, and for OpenVINO its recipe."""

    name: str
    folder: Path
    hardware: Hardware
    recipe: Recipe | None


def prepare(name_or_path: str, task: Task, device: Device, precision: Precision, backend: Backend) -> Prepared:
    """Find the model, fetch it if it is on a hub, switch the libraries offline, and choose the hardware.

    Raises:
        ModelUnknown, ModelChanged: see `index.embedding.store.Store.resolve`.
        ModelError: the model is for another task, or the hub does not give it, or `backend` is fixed to one that
            cannot run it.
        InvalidSetting, MissingExtra: see `index.embedding.hardware.choose`.
    """
    location = _located(name_or_path, task)
    in_8_bits = location.model is not None and location.model.format != "folder"
    hardware = choose(device, precision, backend, in_8_bits=in_8_bits)
    name, folder = location.name, _folder(location)
    go_offline()
    if hardware.backend == "torch":
        return Prepared(name, folder, hardware, None)
    try:
        return Prepared(name, folder, hardware, recipe_of(folder, task))
    except ModelError as error:
        if backend == "openvino":
            message = f"OpenVINO cannot run the model {name} here: {error}. Set PINCITE_BACKEND to torch."
            raise ModelError(message, model=name) from error
        log.info("The model %s runs with torch and not with OpenVINO: %s.", name, error)
        precision = "auto" if precision == "int8" else precision
        return Prepared(name, folder, choose(device, precision, "torch"), None)


def hardware_of(
    name_or_path: str, task: Task, device: Device, precision: Precision, backend: Backend
) -> Hardware | None:
    """What a model would run on, without loading it; None where it is not on this machine, which is all that is looked
    at. Raises what `prepare` raises otherwise."""
    try:
        location = resolve(name_or_path)
    except ModelUnknown:
        return None
    return prepare(name_or_path, task, device, precision, backend).hardware if location.folder else None


def _located(name_or_path: str, task: Task) -> Location:
    location = resolve(name_or_path)
    if location.model is not None and location.model.task != task:
        kinds = {"embedder": "an embedder and no reranker", "reranker": "a reranker and no embedder"}
        raise ModelError(f"The model {location.name} is {kinds[location.model.task]}.", model=location.name)
    return location


def _folder(location: Location) -> Path:
    """Where the model is, fetched if need be."""
    folder = location.folder or fetch_from_hub(location.name)
    if not any(folder.rglob("*.safetensors")):
        message = f"{folder} holds no weights in safetensors, the only format that is read."
        raise ModelError(message, model=location.name)
    return folder


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Turn whatever the libraries raise while they load a model into a `ModelError` that names it."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # whatever is wrong with a folder, the libraries raise what they like
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(f"The model {name} cannot be loaded: {reason}", model=name) from error
