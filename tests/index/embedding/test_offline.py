"""Nothing is contacted and nothing heavy is imported unless it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.embedding.catalogue import DEFAULT_EMBEDDER, DEFAULT_RERANKER

MakeModel = Callable[..., Path]

# Any use of the network is noted, and fails.
BLOCKED = """
import socket, sys
tried = []
def refuse(*arguments, **_):
    tried.append(arguments)
    raise OSError("the network is blocked")
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
from index.embedding.embedder import load_embedder
embedder = load_embedder(sys.argv[1])
print(embedder.embed_passages(["rain", "snow"]).shape, embedder.embed_question("rain").shape)
if len(sys.argv) > 2:
    from index.embedding.reranker import load_reranker
    print(load_reranker(sys.argv[2]).scores("rain?", ["rain", "snow"]).shape)
print("tried:", tried)
"""

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


def _run(script: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    return subprocess.run(command, env=inherited | settings, capture_output=True, text=True, check=False)


def test_a_folder_is_loaded_with_the_network_blocked(make_tiny: MakeModel, tmp_path: Path) -> None:
    folders = [str(make_tiny("tiny")), str(make_tiny("judge", labels=1))]
    run = _run(BLOCKED, *folders, PINCITE_MODELS=str(tmp_path))
    assert run.stdout == "(2, 32) (32,)\n(2,)\ntried: []\n"
    assert run.stderr == ""


@pytest.mark.model
def test_the_default_models_are_loaded_with_the_network_blocked(models: Path) -> None:
    run = _run(BLOCKED, DEFAULT_EMBEDDER, DEFAULT_RERANKER, PINCITE_MODELS=str(models))
    assert run.stdout == "(2, 384) (384,)\n(2,)\ntried: []\n"
    assert run.stderr == ""


def test_the_heavy_libraries_wait_until_a_model_is_loaded() -> None:
    heavy = ("torch", "transformers", "sentence_transformers", "huggingface_hub", "onnx", "sentencepiece", "tokenizers")
    script = "import sys, index.embedding.embedder, index.embedding.reranker, index.embedding.store\n"
    run = _run(script + f"print([name for name in {heavy} if name in sys.modules])")
    assert (run.stdout, run.stderr) == ("[]\n", "")


READING = """
import os
from index.embedding.offline import go_offline, online_environment
def seen(environment):
    return [environment.get(name) for name in %r]
print(seen(os.environ), seen(online_environment()))
go_offline(); go_offline()
print(seen(os.environ), seen(online_environment()))
""" % (tuple(SWITCHES),)  # noqa: UP031 - braces are the script's


def test_switches_are_set_here_and_not_in_a_child_that_may_go_online() -> None:
    run = _run(READING)
    before, after = run.stdout.splitlines()
    assert before == "[None, None, None, None] [None, None, '1', '1']"
    assert after == "['1', '1', '1', '1'] [None, None, '1', '1']"


def test_what_the_user_has_set_is_kept() -> None:
    run = _run(READING, HF_HUB_OFFLINE="yes", HF_HUB_DISABLE_PROGRESS_BARS="0")
    before, after = run.stdout.splitlines()
    assert before == "['yes', None, None, '0'] ['yes', None, '1', '1']"
    assert after == "['yes', '1', '1', '0'] ['yes', None, '1', '1']"
