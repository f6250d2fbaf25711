"""docs/hub/crashes.md has each point at which a node is killed, in the order of the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.hub.admitting.test_crashes import ADMITTING, REFUSING, SENDING
from tests.hub.backups.test_killed import RESTORING, SAVING

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "hub" / "crashes.md").read_text("utf-8")
ROOMS = ("receiving", "admitting", "withdrawing", "backups")
JOBS = {f"{kind} {what}" for kind in ("admit", "erase", "sweep") for what in ("taken", "done")}


def section(title: str) -> str:
    """Return what stands under a title of the page."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def points(text: str) -> tuple[str, ...]:
    """Return the points of a table, in its order."""
    return tuple(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("title", "killed_at"),
    [
        ("Receiving", SENDING),
        ("Admission", ADMITTING),
        ("Refusal", REFUSING),
        ("Backup", SAVING),
        ("Restore", (*RESTORING, "unmarked")),
    ],
)
def test_a_table_has_the_points_at_which_its_test_kills(
    title: str, killed_at: tuple[str, ...]
) -> None:
    assert points(section(title)) == killed_at


def test_no_point_of_these_rooms_is_missing() -> None:
    named = {
        point
        for room in ROOMS
        for path in (ROOT / "hub" / "signoff_hub" / room).glob("*.py")
        for point in re.findall(r'probe\("([^"]+)"\)', path.read_text("utf-8"))
    }
    assert len(named) > 20
    assert set(points(PAGE)) == named | JOBS


def test_each_table_names_a_test_that_exists() -> None:
    found = re.findall(r"^`(tests/[^`]+)::(\w+)`$", PAGE, re.MULTILINE)
    assert len(found) == PAGE.count("\n## ")
    for path, name in found:
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), name
