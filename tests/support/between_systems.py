"""What one system makes of episodes of others, and of one recording: the same on each.

    python tests/support/between_systems.py GOLDEN OUT

Run by the Python of the system in question, which needs no more than Signoff's own packages. Prints
JSON: for each golden episode the digests of its rows, of the tree it ends with and of the file that
this system writes of it, and what its checkout wrote into a folder of OUT; for a recording of
another tool the digest of the episode that is made of it here, masked and not.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Final

GOLDEN: Final = Path(__file__).resolve().parents[1] / "golden"
_ROOT: Final = Path(__file__).resolve().parents[2]
_TRACE: Final = {
    "startContent": "a \U0001f642\U00010348\n",
    "endContent": "ab \U0001f642\U00010348\n# ghp_0123456789abcdefghijklmnopqrstuvwxyz\n",
    "txns": [
        {"time": "2023-05-14T10:00:00.000Z", "patches": [[1, 0, "b"]]},
        {
            "time": "2023-05-14T10:00:00.250Z",
            "patches": [[6, 0, "# ghp_0123456789abcdefghijklmnopqrstuvwxyz\n"]],
        },
    ],
}


def report(golden: Path, out: Path) -> dict[str, object]:
    """Read every episode below `golden`, check it out below `out`, import a recording."""
    return {
        "episodes": {path.stem: _read(path, out) for path in sorted(golden.rglob("*.episode"))},
        "imported": _imported(out),
    }


def _read(path: Path, out: Path) -> dict[str, object]:
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.file.strict import strict_check
    from signoff_collector.episode.file.writer import write_episode
    from signoff_collector.episode.json_form import step_rows
    from signoff_collector.episode.moments.moments import Moments

    strict_check(path.read_bytes())
    episode = read_episode(path)
    rows = [json.dumps(row) for row in step_rows(episode)]
    tree = {
        name: content if isinstance(content, str) else None if content is None else content.hex()
        for name, content in Moments(episode).tree(episode.step_count).items()
    }
    folder = out / path.stem
    told = _said("checkout", path, "--at", "end", folder)
    assert isinstance(told, dict)
    return {
        "check": _said("check", path, codes=(0, 3), is_told=False),
        "rows": _digest("\n".join(rows).encode()),
        "tree": _digest(json.dumps(tree, sort_keys=True).encode()),
        "written": _digest(write_episode(episode)),
        "renamed": told["renamed"],
        "files": {
            file.relative_to(folder).as_posix(): _digest(file.read_bytes())
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        },
    }


def _imported(out: Path) -> list[str]:
    trace = out / "trace.json"
    trace.write_text(json.dumps(_TRACE))
    digests = []
    for number, options in enumerate(([], ["--no-redact"])):
        made = out / f"imported{number}.episode"
        _said("import", trace, "--format", "editing-trace", "-o", made, *options, is_told=False)
        digests.append(_digest(made.read_bytes()))
    return digests


def _said(
    *words: str | Path, codes: tuple[int, ...] = (0,), is_told: bool = True
) -> dict[str, object] | int:
    """Run a verb in this process; return its row of JSON, or its exit code."""
    from signoff_collector.cli import main

    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        code = main([*map(str, words), "--json"])
    if code not in codes:
        raise RuntimeError(f"{words}: {code}\n{heard.getvalue()}")
    if not is_told:
        return code
    row = json.loads(heard.getvalue().splitlines()[-1])
    assert isinstance(row, dict)
    return row


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.path[:0] = [str(_ROOT / name) for name in ("collector", "schemas", "lsp_bridge")]
    out = Path(sys.argv[2])
    if os.name != "nt":  # there it lies in the profile
        os.environ["SIGNOFF_HOME"] = str(out / "home")
        (out / "home").mkdir(mode=0o700)
    sys.stdout.write(json.dumps(report(Path(sys.argv[1]), out), indent=1, sort_keys=True) + "\n")
