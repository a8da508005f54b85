"""What loading an embedder and loading a reranker have in common: finding the folder, the hardware, and silence.

Nothing here imports a model library when it is itself imported: they take seconds, which `pincite --help` need not
wait for, and the offline switches must be set before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.embedding.catalogue import Task
from index.embedding.hardware import Device, Hardware, Precision, choose
from index.embedding.hub import fetch_from_hub
from index.embedding.offline import go_offline, hush
from index.embedding.store import resolve
from index.errors import ModelError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that is ready to be loaded: its name, its folder, and what it will run on."""

    name: str
    folder: Path
    hardware: Hardware

    def arguments(self) -> dict[str, Any]:
        """What sentence-transformers is to be called with: weights in safetensors, nothing but local files, no code."""
        weights = {"dtype": self.hardware.precision, "use_safetensors": True}
        return {"device": self.hardware.device, "model_kwargs": weights, "local_files_only": True}


def prepare(name_or_path: str, task: Task, device: Device, precision: Precision) -> Prepared:
    """Find the model, fetch it if it is on a hub, switch the libraries offline, and choose the hardware.

    Raises:
        ModelUnknown, ModelChanged: see `index.embedding.store.Store.resolve`.
        ModelError: the model is for another task, or the hub does not give it.
        InvalidSetting: see `index.embedding.hardware.choose`.
    """
    location = resolve(name_or_path)
    if location.model is not None and location.model.task != task:
        kinds = {"embedder": "an embedder and no reranker", "reranker": "a reranker and no embedder"}
        raise ModelError(f"The model {location.name} is {kinds[location.model.task]}.", model=location.name)
    folder = location.folder or fetch_from_hub(location.name)
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(
            f"{folder} holds no weights in safetensors, the only format that is read.", model=location.name
        )
    go_offline()
    hardware = choose(device, precision)
    hush()
    return Prepared(location.name, folder, hardware)


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
