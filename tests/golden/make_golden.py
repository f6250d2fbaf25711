"""Writes the golden files of the newest format version, once, before it is frozen.

    .venv/bin/python tests/golden/make_golden.py --write

Without `--write` it says what would change and changes nothing. Once a release has
written a version, its golden files stay as they are for ever.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".")]


def main(arguments: list[str]) -> int:
    """Write or compare, and return 1 when something differs."""
    from tests.support.episodes import (
        HARD_NAMES,
        hard_names_episode,
        header,
        jumping_episode,
        later_episode,
        sample_episode,
    )

    from signoff_collector.episode import zstd
    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.file.layout import FORMAT_VERSION
    from signoff_collector.episode.file.writer import write_episode
    from signoff_collector.episode.json_form import step_rows
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.trees.fitting import Target, fitted_paths

    episodes = {
        "every_kind": sample_episode(),
        "two_cursors": jumping_episode(),
        "later_kind": later_episode(),
        "empty": replace(Episode(header=header()), files=()),
        "hard_names": hard_names_episode(),
    }
    targets = {
        "linux": Target(),
        "macos": Target(folds=True, in_utf16=True),
        "windows": Target(folds=True, is_strict=True, in_utf16=True),
    }
    folder = HERE / f"version_{FORMAT_VERSION}"
    wanted: dict[str, bytes] = {}
    for name, episode in episodes.items():
        wanted[f"{name}.episode"] = write_episode(episode)
        rows = "".join(json.dumps(row) + "\n" for row in step_rows(episode))
        wanted[f"{name}.steps.jsonl"] = rows.encode()
        tree = Moments(episode).tree(episode.step_count)
        texts = {path: text for path, text in tree.items() if isinstance(text, str)}
        wanted[f"{name}.end.json"] = (json.dumps(texts, indent=1) + "\n").encode()
    split = {path: tuple(path.split("/")) for path in HARD_NAMES}
    fitted = {
        name: {
            path: "/".join(parts)
            for path, parts in fitted_paths(split, target).items()
            if parts != split[path]
        }
        for name, target in targets.items()
    }
    wanted["hard_names.fitted.json"] = (json.dumps(fitted, indent=1) + "\n").encode()
    versions = {"zstd": zstd.VERSION}
    wanted["written_with.json"] = (json.dumps(versions) + "\n").encode()
    changed = [n for n, data in wanted.items() if _read(folder / n) != data]
    for name in changed:
        print(("writes " if "--write" in arguments else "differs: ") + name)  # noqa: T201
        if "--write" in arguments:
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(wanted[name])
    return 1 if changed and "--write" not in arguments else 0


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
