"""Settings of a hub: defaults without a file, and faults that name their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signoff_hub.place.hub_folder import open_hub_folder
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    settings = open_hub_folder(tmp_path / "hub").settings()
    assert (settings.k, settings.retention_days, settings.needs_enrolment) == (10, 365, False)


def test_what_is_said_counts(tmp_path: Path) -> None:
    folder = open_hub_folder(tmp_path / "hub")
    (folder.root / "hub.toml").write_text('controller = "A team"\nk = 3\n')
    assert (folder.settings().controller, folder.settings().k) == ("A team", 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("k = 0", "k"),
        ("colour = 'red'", "colour"),
        ("jurisdiction = 'Germany'", "jurisdiction"),
        ("k = ", "TOML"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, content: str, said: str) -> None:
    folder = open_hub_folder(tmp_path / "hub")
    (folder.root / "hub.toml").write_text(content)
    with pytest.raises(DamagedError, match=said):
        folder.settings()
