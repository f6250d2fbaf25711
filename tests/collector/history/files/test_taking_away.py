"""What is taken away leaves no empty folder, and no folder goes that is not empty or stood in."""

from __future__ import annotations

from pathlib import Path

import pytest

from signoff_collector.history.files.restoring import present, take_away

DEEP = "😀/🧪/c"


@pytest.mark.parametrize(
    ("other", "stands_in", "stays"),
    [
        (None, ".", []),
        (f"{DEEP}/b.txt", ".", ["😀", "😀/🧪", DEEP]),
        ("😀/b.txt", ".", ["😀"]),
        (None, "😀/🧪", ["😀", "😀/🧪"]),
    ],
)
def test_folders_go_that_are_empty_without_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    other: str | None,
    stands_in: str,
    stays: list[str],
) -> None:
    root = tmp_path / "project"
    (root / DEEP).mkdir(parents=True)
    for name in filter(None, (f"{DEEP}/a.txt", other)):
        (root / name).write_text("x\n")
    monkeypatch.chdir(root / stands_in)
    take_away(root, f"{DEEP}/a.txt", before=present(root, f"{DEEP}/a.txt"))
    left = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir()]
    assert sorted(left) == stays
