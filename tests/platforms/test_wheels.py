"""What is known of wheels is what the document shows; `make wheels-check` asks the index."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import files

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.platforms.wheels import (
    MISSING,
    NATIVE,
    PARTS,
    PLATFORMS,
    PYTHONS,
    ROOT,
    Resolved,
    surprises,
    table,
)

pytestmark = pytest.mark.platforms


def _cells(*failing: tuple[str, str, str]) -> list[Resolved]:
    return [
        Resolved(
            part=part,
            platform=name,
            python=python,
            releases={} if (part, name, python) in failing else {"numpy": "2.4.6"},
            said="no usable wheels" if (part, name, python) in failing else "",
        )
        for part in PARTS
        for name in PLATFORMS
        for python in PYTHONS
    ]


def test_a_wheel_that_is_gone_is_told_and_so_is_one_that_came() -> None:
    assert surprises(_cells(*MISSING)) == []
    lost = ("signoff", "macOS arm64", "3.12")
    (told,) = surprises(_cells(*MISSING, lost))
    assert told == "signoff on macOS arm64, Python 3.12: no usable wheels"
    (came, *rest) = MISSING
    (told,) = surprises(_cells(*rest))
    assert "resolves now" in told
    assert all(word in told for word in came)


def test_the_document_shows_what_is_known() -> None:
    """Its rightmost column is of the day on which `make wheels-check` was run last."""
    shown = (ROOT / "docs" / "platforms.md").read_text("utf-8").splitlines()
    rows = {tuple(line.split(" | ")[: len(PARTS) + 1]) for line in shown}
    for line in table(_cells(*MISSING)).splitlines()[2:]:
        assert tuple(line.split(" | ")[: len(PARTS) + 1]) in rows, line


def test_every_distribution_with_machine_code_is_looked_at() -> None:
    """A new one without wheels for some system would else stand in no table."""
    pins = (ROOT / "requirements" / "run.txt").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in pins if "==" in line]
    here = {
        canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate()
    }
    native = {name for name in here if any(str(file).endswith(".so") for file in files(name) or ())}
    assert native == set(NATIVE) & here
    elsewhere = {"watchdog"}  # its C is for macOS alone
    if sys.version_info >= (3, 14):
        elsewhere.add("backports-zstd")
    assert set(NATIVE) - here == elsewhere


def test_the_pythons_that_are_tried_begin_with_the_oldest_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == f">={PYTHONS[0]}"
