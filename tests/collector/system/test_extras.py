"""An extra that is not installed is named, with the way to get it."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from signoff_collector.system.extras import CALLED, NEEDS, how_to_install, need
from signoff_schemas.errors import MissingProgramError

ROOT: Final = Path(__file__).resolve().parents[3]
FILES: Final = {
    "datasets": ("run", "datasets"),
    "hub": ("run", "hub"),
    "labels": ("dev",),
    "pictures": ("pictures",),
    "ray": ("dev", "ray"),
    "s3": ("run",),
    "seal": ("run",),
}
"""Requirements that `make` installs for an extra; those of tests pin all of `run.txt` anyway."""


def test_a_missing_package_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signoff_collector.system.extras.find_spec", lambda _: None)
    with pytest.raises(MissingProgramError) as caught:
        need("datasets", what="building a data set")
    assert str(caught.value) == "building a data set needs pyarrow, which is not installed"
    assert caught.value.hint is not None
    assert "signoff[seal,datasets]" in caught.value.hint


def test_an_installed_package_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("json")
    monkeypatch.setattr("signoff_collector.system.extras.find_spec", lambda _: spec)
    need("ray", what="a build on a cluster")


def test_an_extra_is_the_same_where_it_is_declared_asked_for_and_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["optional-dependencies"]
    assert set(declared) == set(NEEDS) == set(FILES)
    for extra, needs in declared.items():
        names = {re.split(r"[\[>=<]", one)[0] for one in needs}
        asked = {CALLED.get(module, module).replace("_", "-") for module in NEEDS[extra]}
        assert names == asked, extra
        pins = [ROOT / "requirements" / f"{name}.txt" for name in FILES[extra]]
        lines = [line for path in pins for line in path.read_text("utf-8").splitlines()]
        have = {line.split("==")[0].lower().replace("_", "-") for line in lines}
        assert names <= have, (extra, names - have)


def test_what_a_person_adds_does_not_take_the_engines_away() -> None:
    """`pipx install --force` makes the environment anew, with what its line names alone."""
    for extra in NEEDS:
        line = how_to_install(extra)
        assert ("seal" in line) is (extra in {"datasets", "labels", "pictures", "s3", "seal"}), line
