"""API keys in their file: what is kept, what opens, what no longer does."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.keys import KeyRing
from index.errors import InvalidInput, InvalidSetting, NotFound

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ring(tmp_path: Path, clock: Clock) -> KeyRing:
    return KeyRing(tmp_path / "etc" / "keys.json", clock)


def test_a_key_is_told_once_and_found_again(ring: KeyRing) -> None:
    key, secret = ring.create("desk", ["search", "write"], ["default", "gazette"])
    assert ring.find(secret) == key
    assert (key.name, key.scopes, key.collections) == ("desk", ("search", "write"), ("default", "gazette"))
    assert (key.created, key.expires, key.revoked) == ("2026-11-25T12:00:00+00:00", None, None)


def test_the_key_itself_is_not_in_the_file_and_only_its_owner_may_read_that(ring: KeyRing, tmp_path: Path) -> None:
    _, secret = ring.create("desk", ["search"], ["default"])
    path = tmp_path / "etc" / "keys.json"
    assert secret.rpartition("_")[2] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_keys_have_256_random_bits_and_none_is_like_another(ring: KeyRing) -> None:
    secrets = {ring.create(f"key {number}", ["search"], ["default"])[1] for number in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {len("pincite_") + 12 + 1 + 43}


@pytest.mark.parametrize("wrong", ["", "pincite_", "pincite_0_1", "x", "é\ud800", "pincite__"])
def test_what_is_no_key_opens_nothing(ring: KeyRing, wrong: str) -> None:
    ring.create("desk", ["search"], ["default"])
    assert ring.find(wrong) is None


def test_a_good_id_with_another_secret_opens_nothing(ring: KeyRing) -> None:
    _, one = ring.create("one", ["search"], ["default"])
    _, other = ring.create("other", ["admin"], ["*"])
    mixed = other.rpartition("_")[0] + "_" + one.rpartition("_")[2]
    assert ring.find(mixed) is None
    assert ring.find(one + "x") is None
    assert ring.find(one[:-1]) is None


def test_a_key_expires_to_the_second(ring: KeyRing, clock: Clock) -> None:
    key, secret = ring.create("guest", ["search"], ["default"], timedelta(days=90))
    assert key.expires == "2027-02-23T12:00:00+00:00"
    clock.time = NOON + timedelta(days=90, seconds=-1)
    assert (ring.find(secret), key.state(clock())) == (key, "good")
    clock.time = NOON + timedelta(days=90)
    assert (ring.find(secret), key.state(clock())) == (None, "expired")


def test_a_running_server_takes_up_what_another_process_does(ring: KeyRing, tmp_path: Path, clock: Clock) -> None:
    running = KeyRing(tmp_path / "etc" / "keys.json", clock)
    assert running.listed() == []
    key, secret = ring.create("desk", ["search"], ["default"])
    assert running.find(secret) == key
    assert [one.revoked for one in ring.revoke("desk")] == ["2026-11-25T12:00:00+00:00"]
    assert running.find(secret) is None
    assert [one.state(NOON) for one in running.listed()] == ["revoked"]


def test_revoking_goes_by_name_or_id_and_says_when_there_is_nothing(ring: KeyRing) -> None:
    first, _ = ring.create("first", ["search"], ["default"])
    _, second = ring.create("second", ["search"], ["default"])
    ring.revoke(first.id)
    with pytest.raises(NotFound, match="There is no key 'first' to revoke"):
        ring.revoke("first")
    assert ring.find(second) is not None


def test_a_name_stands_for_one_good_key(ring: KeyRing) -> None:
    ring.create("desk", ["search"], ["default"])
    with pytest.raises(InvalidInput, match="named 'desk' already"):
        ring.create("desk", ["write"], ["default"])
    ring.revoke("desk")
    key, secret = ring.create("desk", ["write"], ["default"])
    assert ring.find(secret) == key


@pytest.mark.parametrize(("scopes", "collections"), [([], ["default"]), (["search"], [])])
def test_a_key_that_opens_nothing_is_not_made(ring: KeyRing, scopes: list[str], collections: list[str]) -> None:
    with pytest.raises(InvalidInput, match="at least one scope and one collection"):
        ring.create("desk", scopes, collections)  # type: ignore[arg-type]
    assert ring.listed() == []


@pytest.mark.parametrize("content", ["", "{}", '{"keys": [{"id": "x"}]}', '{"keys": 3}', "[]"])
def test_a_damaged_file_is_an_error_that_names_it_and_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(InvalidSetting, match=str(path)):
        KeyRing(path).find("pincite_a_b")
    with pytest.raises(InvalidSetting, match=str(path)):
        KeyRing(path).create("desk", ["search"], ["default"])
    assert path.read_text() == content


def test_the_file_holds_what_an_operator_would_look_for(ring: KeyRing, tmp_path: Path) -> None:
    ring.create("desk", ["search"], ["*"])
    (kept,) = json.loads((tmp_path / "etc" / "keys.json").read_text())["keys"]
    assert sorted(kept) == ["collections", "created", "digest", "expires", "id", "name", "revoked", "scopes"]
    assert len(kept["digest"]) == 64
