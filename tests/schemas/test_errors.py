"""Errors that a person meets say what to do next."""

from __future__ import annotations

import pytest

from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    NewerVersionError,
    NotFoundError,
    UsageError,
)


@pytest.mark.parametrize("kind", [DamagedError, DiskFullError, NotFoundError, UsageError])
def test_an_error_without_a_hint_has_the_usual_one(
    kind: type[DamagedError | DiskFullError | NotFoundError | UsageError],
) -> None:
    assert kind("a fact").hint
    assert kind("a fact", hint="Do this.").hint == "Do this."


def test_a_newer_file_is_not_called_damaged() -> None:
    said = NewerVersionError("the file", found=2, newest_known=1)
    assert said.hint == "Upgrade Signoff, then try again."
