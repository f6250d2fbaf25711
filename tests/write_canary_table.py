"""Write docs/hostile_surroundings.md from one run of the trap: run it with the venv's python."""

# ruff: noqa: E501  (the page's own lines are 120 wide)

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / name) for name in (".", "collector", "lsp_bridge", "schemas", "datasets", "hub")
]

from tests.support.trap import ODD_NAMES, PLACES, make_trap, prove  # noqa: E402
from tests.support.trap_way import BRIDGE, WATCHER, Way, walk  # noqa: E402

PAGE = ROOT / "docs" / "hostile_surroundings.md"
HEAD = """# Hostile surroundings

A repository may be built to attack whoever opens it, and `.envrc`, an editor's settings or a Makefile may carry its
environment. This page is written by `tests/write_canary_table.py`: a workspace and an environment with a canary
program in every place where git, Python, an editor or a shell could be made to run one. First plain commands (`git
status`, `python -c`, `vim`, …) show that each canary is alive: every place below fired, except where it says that a
program was missing. Then every verb and every process of Signoff works in it, a whole session long.

`·` the canary stayed silent. `X` it ran. `tests/e2e/test_hostile_surroundings.py` walks the same way on every change,
and compares this page with the code.

`tests/e2e/test_no_foreign_program.py` goes through a session in which the repository is another one before every verb
and every second: programs, drivers, attributes, includes, hooks, HEAD, the common folder, submodules. There every
`execve` of every process of ours is noted by `strace`, and none is but Python's, git's and of the few programs that the
test names.

## What else holds after every verb

- Nothing in the work tree changed: every path, its mode, its time of change and its content are as before, `.git` included.
- No traceback, and no control, escape, bidirectional or zero-width character reached the terminal raw.
- Nothing hung. Pipes and links to endless devices lay in place of `HEAD`, `config`, `index`, reflogs, `packed-refs`,
  ignore and attribute files and dotenv files. Where git itself would wait, it is not asked: nothing of git is
  recorded, and a file that cannot be shown to be unignored is not recorded either.
- A home inside a work tree (SIGNOFF_HOME, XDG_DATA_HOME, HOME) is refused with exit code 13 by every verb that needs
  one; `doctor` says so and goes on, `run` runs the command and records nothing.

`signoff run` and `signoff shell` hand the person's command the person's environment, as a shell does; that command may run what it likes.

Variables that no plain command can turn into a program here (`SSH_SK_PROVIDER`, `*_PROXY`, `AWS_ENDPOINT_URL`) are set
all the same; `tests/test_nothing_leaves.py` looks at the environment of every child for them. What no process can guard
against: `LD_PRELOAD` and the like act inside our own process before its first instruction. They are never handed on.
"""


def main() -> None:
    """Walk once and write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for variable in [key for key in os.environ if key.startswith(("GIT_", "SIGNOFF_", "XDG_"))]:
            del os.environ[variable]
        (folder / "home").mkdir(mode=0o700)
        os.environ.update(HOME=str(folder / "home"), GIT_CONFIG_NOSYSTEM="1", LANG="C.UTF-8")
        for who in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{who}_NAME"], os.environ[f"GIT_{who}_EMAIL"] = "A", "a@example.org"
        alive = prove(make_trap(folder / "plain"))
        way = walk(make_trap(folder / "trap"), folder)
    PAGE.write_text("\n".join(_page(way, alive)) + "\n", "utf-8")
    silent = not any(way.fired.values()) and not any(way.changed.values()) and not way.faults
    sys.exit(0 if silent else f"{way.fired}\n{way.changed}\n{way.faults}")


def _page(way: Way, alive: set[str]) -> Iterator[str]:
    verbs = [*dict.fromkeys(verb for verb in way.ran if verb not in {BRIDGE, WATCHER})]
    yield HEAD
    yield "## The verbs, in the order they ran\n"
    yield from (f"{number}. `{verb}`" for number, verb in enumerate(verbs, 1))
    yield f"\nThe last two columns are the bridge while an editor types ({len(ODD_NAMES)} odd file names among them),"
    yield "and the watcher and sealer behind it.\n"
    yield "## Place by verb"
    for group, places in groupby(PLACES, lambda place: place.group):
        yield f"\n### {group[0].upper()}{group[1:]}\n"
        yield f"| place | verbs 1 to {len(verbs)}, bridge, watcher |\n|---|---|"
        missing: list[str] = []
        for place in places:
            marks = (place.name in way.fired.get(what, ()) for what in (*verbs, BRIDGE, WATCHER))
            yield f"| {place.where} | {''.join('X' if ran else '·' for ran in marks)} |"
            if place.name not in alive:
                missing.append(f"{place.where} (no {place.needs or 'way'})")
        if missing:
            yield f"\nNot shown to be alive when this page was written: {', '.join(missing)}."
    yield "\n## Odd names\n"
    yield "Files of these names were opened, edited, saved, sealed, shown and replayed. Those with a control character in their"
    yield "name are not recorded at all:\n"
    yield from (f"- `{name.encode('unicode_escape').decode()}`" for name in ODD_NAMES)


if __name__ == "__main__":
    main()
