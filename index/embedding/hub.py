"""Models that the user names on a hub: the one place from which a hub is ever contacted.

Fetching is left to a child process, because this one has its libraries switched offline for good (`offline`). The
hub library keeps its own cache and falls back on it when the hub cannot be reached.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from index.embedding.offline import online_environment
from index.errors import ModelError

# Weights in safetensors only: the other formats can hold code, or are the same weights once more.
_FETCH = """
import sys
from huggingface_hub import snapshot_download
wanted = ["*.json", "*.txt", "*.model", "*.safetensors"]
print(snapshot_download(sys.argv[1], allow_patterns=wanted, ignore_patterns=["onnx/*", "openvino/*"]))
"""


def fetch_from_hub(name: str) -> Path:
    """The folder with the newest revision of the model ``organisation/model``, fetched if need be.

    Raises:
        ModelError: the hub does not have it or cannot be reached, and there is no copy in the hub library's cache.
    """
    command = [sys.executable, "-c", _FETCH, name]
    run = subprocess.run(  # noqa: S603 - no shell, and the name is an argument
        command, env=online_environment(), capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        reason = run.stderr.strip().rpartition("\n")[2]
        raise ModelError(f"The model {name} could not be fetched from the hub: {reason}", model=name)
    return Path(run.stdout.strip().rpartition("\n")[2])
