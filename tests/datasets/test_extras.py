"""An extra that is not installed is named, with the way to get it."""

from __future__ import annotations

import importlib.util

import pytest

from signoff_datasets.extras import need
from signoff_schemas.errors import MissingProgramError


def test_a_missing_package_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signoff_datasets.extras.find_spec", lambda _: None)
    with pytest.raises(MissingProgramError) as caught:
        need("datasets", what="building a data set")
    assert str(caught.value) == "building a data set needs pyarrow, which is not installed"
    assert caught.value.hint is not None
    assert "signoff[datasets]" in caught.value.hint


def test_an_installed_package_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("json")
    monkeypatch.setattr("signoff_datasets.extras.find_spec", lambda _: spec)
    need("ray", what="a build on a cluster")
