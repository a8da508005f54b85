"""Keys may be left out only where nobody else can ask, or where somebody says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.exposure import is_loopback, keys_for
from api.keys import KeyRing
from api.settings import Settings
from index.errors import InvalidSetting


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_is_open_until_there_is_a_key(tmp_path: Path, host: str) -> None:
    settings = Settings(host=host, keys=str(tmp_path / "keys.json"))
    keys = keys_for(settings)
    assert keys is not None
    assert not keys.in_force
    KeyRing(tmp_path / "keys.json").create("desk", ["search"], ["default"])
    assert keys.in_force


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "pincite.example", "", "localhost.example"]
)
def test_elsewhere_nothing_starts_without_keys(tmp_path: Path, host: str) -> None:
    assert not is_loopback(host)
    settings = Settings(host=host, keys=str(tmp_path / "keys.json"))
    with pytest.raises(InvalidSetting, match=r"no API keys in .*keys\.json.*pincite keys create NAME.*--no-keys"):
        keys_for(settings)
    assert keys_for(settings.with_values(open=True)) is None
    KeyRing(tmp_path / "keys.json").create("desk", ["search"], ["default"])
    found = keys_for(settings)
    assert found is not None
    assert found.in_force


@pytest.mark.parametrize("hosts", ["pincite.example.org", "localhost, pincite.example.org", "*"])
def test_who_gives_a_server_a_name_brings_others_to_it(tmp_path: Path, hosts: str) -> None:
    settings = Settings(hosts=hosts, keys=str(tmp_path / "keys.json"))
    with pytest.raises(InvalidSetting, match=r"^(pincite\.example\.org|Any name) can be reached by others") as refused:
        keys_for(settings)
    assert refused.value.detail["field"] == "hosts"
    assert keys_for(settings.with_values(open=True)) is None
    KeyRing(tmp_path / "keys.json").create("desk", ["search"], ["default"])
    assert keys_for(settings) is not None


@pytest.mark.parametrize("hosts", ["", "localhost, 127.0.0.1", "host.docker.internal", "Host.Containers.Internal"])
def test_names_by_which_only_this_machine_reaches_it_need_no_keys(tmp_path: Path, hosts: str) -> None:
    assert keys_for(Settings(hosts=hosts, keys=str(tmp_path / "keys.json"))) is not None


def test_told_to_be_open_it_is_open_whatever_keys_there_are(tmp_path: Path) -> None:
    KeyRing(tmp_path / "keys.json").create("desk", ["search"], ["default"])
    assert keys_for(Settings(keys=str(tmp_path / "keys.json"), open=True)) is None
