"""Prints an episode, in base64, of files from before, new ones, and one that git moves while open.

    python moved.py

The work tree differs from its base in `dirty.txt`, whose content is told when it is opened.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".")]


def main() -> None:
    """Print the file."""
    from tests.support import episodes as made

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.file.writer import write_episode
    from signoff_schemas.steps import parse_step

    dirty: dict[str, object] = {"path": "dirty.txt", "sha256": "0" * 64, "without_content": True}
    gone: dict[str, object] = {"path": "a.txt"}
    moved: dict[str, object] = {"path": "b.txt", "sha256": made.sha256("x"), "blob": 0}
    rows: tuple[dict[str, object], ...] = (
        {"kind": "files", "is_base": True, "changed": [dirty]},
        {"kind": "open", "path": "a.txt", "buffer": 1, "blob": 0},
        {"kind": "open", "path": "edited.txt", "buffer": 2, "blob": 0},
        {"kind": "open", "path": "dirty.txt", "buffer": 3, "blob": 0},
        {"kind": "create", "path": "made.txt", "blob": 0},
        {"kind": "open", "path": "unwritten.txt", "buffer": 4},
        {"kind": "files", "changed": [gone, moved]},
        {"kind": "rename", "path": "named.txt", "old_path": "made.txt"},
        {"kind": "search", "query": "\\Vreturn", "scope": "file"},
    )
    steps = tuple(
        parse_step({"seq": n, "t_ns": n * made.MS, "source": made.SOURCE, **row})
        for n, row in enumerate(rows)
    )
    text = f"one {made.ASTRAL}\ntwo\n"
    edits = (
        made.edit(len(rows), 0, 0, "new\n", t_ms=20, file=0, buffer=2),
        made.edit(len(rows) + 1, 0, 0, "x\n", t_ms=21, file=1, buffer=4),
    )
    episode = Episode(
        header=made.header(),
        files=("edited.txt", "unwritten.txt"),
        steps=steps,
        edits=made.table(*edits),
        blobs=(made.encode_text(text),),
    )
    print(base64.b64encode(write_episode(episode)).decode())  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
