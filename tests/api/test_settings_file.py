"""One precedence: flags, environment, file, defaults; and errors that say what was set where."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.reference.settings import page
from api.settings import Settings, kinds, unknown_variables
from index.errors import InvalidSetting


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pincite.toml"
    path.write_text(text)
    return path


def test_each_place_goes_before_the_next(tmp_path: Path) -> None:
    path = written(tmp_path, 'library = "/from/file"\nport = 7001\nqueue = 7\n')
    settings = Settings.from_environment({"PINCITE_PORT": "7002", "PINCITE_HOST": "::1"}, path)
    flagged = settings.with_values(host="localhost", port=None)
    assert (flagged.library, flagged.port, flagged.queue, flagged.host) == ("/from/file", 7002, 7, "localhost")
    assert flagged.timeout_seconds == Settings().timeout_seconds == 30


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "port = 7001\n")
    assert Settings.from_environment({"PINCITE_CONFIG": str(path)}).port == 7001
    assert Settings.from_environment({"PINCITE_CONFIG": ""}) == Settings()


def test_values_of_all_kinds(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'open = true\nseconds_per_request = 2.5\ndevice = "cpu"\norigins = ["https://a.example", "https://b.example"]\n',
    )
    settings = Settings.from_environment({"PINCITE_LOG_FORMAT": "json", "PINCITE_SECONDS_PER_REQUEST": "0"}, path)
    assert (settings.open, settings.device, settings.log_format) == (True, "cpu", "json")
    assert settings.seconds_per_request == 0.0
    assert settings.origins == "https://a.example,https://b.example"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1\n", r"prot in .*pincite\.toml is no setting\. Did you mean port\?"),
        ("zzzzzz = 1\n", r"zzzzzz in .* is no setting\. docs/settings\.md lists"),
        ("[server]\nport = 1\n", r"server in .* is \{'port': 1\}; it must be text"),
        ('port = "eight"\n', r"port in .*pincite\.toml is 'eight'; it must be a whole number from 0 to 65535"),
        ("port = true\n", r"port in .* is True; it must be a whole number"),
        ("port = 80.5\n", r"port in .* is 80\.5; it must be a whole number"),
        ("library = 3\n", r"library in .* is 3; it must be text"),
        ("seconds_per_request = nan\n", r"seconds_per_request in .* is nan; it must be a number from 0 to 3600"),
        ("port == 3\n", r"pincite\.toml cannot be read as a file of settings"),
    ],
)
def test_a_mistake_in_the_file_names_the_key_and_the_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        Settings.from_environment({}, written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"nothing\.toml cannot be read"):
        Settings.from_environment({}, tmp_path / "nothing.toml")


def test_a_flag_is_named_as_a_flag() -> None:
    with pytest.raises(InvalidSetting, match=r"^--port is 70000; it must be a whole number from 0 to 65535\.$"):
        Settings().with_values(port=70_000)
    with pytest.raises(InvalidSetting, match=r"^--max-body-mb is '0'"):
        Settings().with_values(max_body_mb="0")


def test_variables_that_are_no_settings_are_found() -> None:
    found = unknown_variables({"PINCITE_PORTT": "1", "PINCITE_PORT": "1", "PINCITE_MODELS": "x", "PATH": "y"})
    assert found == ["PINCITE_PORTT"]


def test_every_setting_says_what_it_is_and_its_default_is_allowed() -> None:
    for name, kind in kinds().items():
        assert len(kind.about) > 5
        assert kind.value(getattr(Settings(), name), name) == getattr(Settings(), name)


def test_the_page_shows_defaults_and_choices() -> None:
    lines = list(page())
    assert "| `port` | `PINCITE_PORT` | `8000` | the port; `PORT` counts too, after `PINCITE_PORT`; " in "".join(lines)
    assert any("one of text, json" in line for line in lines)
