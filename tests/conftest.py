"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_keys_of_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests never see the API keys of whoever runs them."""
    monkeypatch.setenv("PINCITE_KEYS", str(tmp_path / "keys.json"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation data beside the checkout; tests that need it are skipped where there is none."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the evaluation data (../shared) is not beside this checkout")
    return folder
