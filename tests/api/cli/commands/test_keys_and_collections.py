"""`pincite keys` and `pincite collections`, and a server that will not start where it would be open to all."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.keys import KeyRing
from tests.api.command import Run


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PINCITE_COLLECTIONS", str(tmp_path / "shelf"))
    return tmp_path / "shelf"


def test_a_key_is_made_printed_once_listed_and_revoked(run: Run, ring: KeyRing) -> None:
    options = ("--scope", "search", "--scope", "write", "--collection", "gazette", "--expires", "90d")
    assert run("keys", "create", "reporting", *options) == 0
    secret = run.out.strip()
    key = ring.find(secret)
    assert key is not None
    assert (key.scopes, key.collections) == (("search", "write"), ("gazette",))
    assert key.expires is not None
    assert "cannot be shown again" in run.err

    assert run("keys", "list") == 0
    assert run.out.split()[:5] == [key.id, "good", "reporting", "search,write", "gazette"]
    assert secret not in run.out

    assert run("keys", "revoke", "reporting") == 0
    assert run.out == f"revoked {key.id} reporting\n"
    assert ring.find(secret) is None
    assert run("keys", "list", "--json") == 0
    assert [(one["name"], one["state"]) for one in run.json()] == [("reporting", "revoked")]
    assert "digest" not in run.out


def test_what_is_not_chosen_is_the_least(run: Run, ring: KeyRing) -> None:
    assert run("keys", "create", "guest", "--json") == 0
    key = ring.find(run.json()["key"])
    assert key is not None
    assert (key.scopes, key.collections, key.expires) == (("search",), ("default",), None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "x", "--expires", "soon"), "--expires is 'soon'; give a time such as"),
        (("create", "x", "--scope", "fly"), "There is no scope 'fly'; there are search, write, admin."),
        (("revoke", "nobody"), "There is no key 'nobody' to revoke"),
    ],
)
def test_mistakes_are_named(run: Run, arguments: tuple[str, ...], said: str) -> None:
    assert run("keys", *arguments) in {1, 2}
    assert said in run.err


def test_no_keys_is_no_failure(run: Run) -> None:
    assert run("keys", "list") == 0
    assert (run.out, "There are no keys in" in run.err) == ("", True)


@pytest.mark.model
def test_a_collection_is_made_filled_searched_and_deleted(run: Run, shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "bridge.txt").write_text("The harbour bridge will close for nine weeks from March.\n")
    assert run("collections", "create", "gazette") == 0
    assert run("--collection", "gazette", "index", tmp_path / "bridge.txt") == 0
    assert run("collections", "list") == 0
    assert run.out.split() == ["default", "gazette"]
    assert run("--collection", "gazette", "search", "When does the bridge close?", "--json") == 0
    assert len(run.json()["hits"]) == 1
    assert run("collections", "delete", "gazette", "--yes") == 0
    assert list(shelf.iterdir()) == []
    assert run("--collection", "gazette", "status") == 1
    assert "There is no collection 'gazette'" in run.err


@pytest.mark.parametrize("name", ["../up", "Capital", "default"])
def test_bad_names_make_nothing(run: Run, shelf: Path, name: str) -> None:
    assert run("collections", "create", name) == 2
    assert "cannot name a collection" in run.err
    assert not shelf.exists()


def test_a_server_that_others_could_reach_does_not_start_without_keys(run: Run, tmp_path: Path) -> None:
    assert run("serve", "--host", "0.0.0.0", "--port", "0") == 2
    assert "pincite keys create NAME" in run.err
    assert "--no-keys" in run.err
    assert not (tmp_path / "library").exists()
