"""A token comes from the environment or a private file, and no message repeats it."""

from __future__ import annotations

from pathlib import Path

import pytest

from signoff_datasets.hubs.tokens import VARIABLE, read_token
from signoff_schemas.errors import RefusedError, UsageError

GOOD = "a-token_of.a~hub+/=0123"


def test_it_is_read_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{GOOD}\n", "utf-8")
    file.chmod(0o600)
    assert read_token(file, {}) == read_token(None, {VARIABLE: GOOD}) == GOOD


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(GOOD, "utf-8")
    file.chmod(0o640)
    with pytest.raises(RefusedError, match="can be read by others"):
        read_token(file, {})


@pytest.mark.parametrize("said", ["", "short", "two words of it here", "\U0001f98a" * 20])
def test_what_is_no_token_is_not_repeated(said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_token(None, {VARIABLE: said})
    assert not said or said not in str(refused.value)
