"""What a person sets is followed or refused, never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from signoff_collector.own_files.home import resolve_home
from signoff_collector.own_files.settings import read_settings
from signoff_schemas.errors import DamagedError


def test_without_a_file_nothing_is_set(home: Path) -> None:
    assert not read_settings(resolve_home()).is_strict
    assert not home.exists()


@pytest.mark.parametrize(("value", "is_strict"), [("true", True), ("false", False)])
@pytest.mark.usefixtures("home")
def test_strict_is_read(value: str, *, is_strict: bool) -> None:
    home = resolve_home().ensure()
    (home.config / "settings.toml").write_text(f"[redaction]\nstrict = {value}  # 😀🚀\n")
    assert read_settings(home).is_strict is is_strict


@pytest.mark.parametrize(
    "text",
    [
        "strict = true",
        "[redaction]\nstrikt = true",
        "[redaction]\nstrict = 1",
        "[",
        "redaction = 1",
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_followed_is_refused(text: str) -> None:
    home = resolve_home().ensure()
    (home.config / "settings.toml").write_text(text)
    with pytest.raises(DamagedError, match="cannot be followed"):
        read_settings(home)
