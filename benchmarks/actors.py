"""Who caused a change: the labelled evaluation, written to docs/actors.md.

A real Neovim and a plain LSP client play every scenario of `tests/support/actors.py` and
`tests/support/actor_client.py`, from printed seeds, into real journals; what sealing makes of them is
compared with the truth that stands beside each act. `--dry` prints and writes nothing.
"""

# pyright: reportMissingImports=false
# ruff: noqa: E501, S311  (the page's own lines; a repeatable stream)

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / name) for name in (".", "collector", "lsp_bridge", "schemas", "datasets")
]

from tests.support.actor_client import PLAYS, PlainStage  # noqa: E402
from tests.support.actor_programs import LIMITS, SCENARIOS  # noqa: E402
from tests.support.actors import Stage  # noqa: E402
from tests.support.bridge import bridge, enable  # noqa: E402
from tests.support.deadline import wait_until  # noqa: E402
from tests.support.editors import neovim  # noqa: E402

from signoff_collector.episode.file.reader import read_episode  # noqa: E402
from signoff_collector.episode.json_form import step_rows  # noqa: E402
from signoff_collector.own_files.home import resolve_home  # noqa: E402
from signoff_collector.seal.live import live_episode  # noqa: E402
from signoff_collector.system.clock import SystemClock  # noqa: E402

PAGE = ROOT / "docs" / "actors.md"
SEEDS = {"Neovim 0.11.4": (11, 12, 13), "plain LSP client": (21,)}
ROUNDS = 30
"""How often the plain client plays everything."""
_Z = 1.959964
Table = Counter[tuple[str, str, str, str]]
"""(source, scenario, truth, class) to a number of changes."""


def lower_bound(right: int, count: int) -> float:
    """Return the lower end of Wilson's 95 % interval (two-sided) of a proportion."""
    if count == 0:
        return 0.0
    share, square = right / count, _Z * _Z
    middle = share + square / (2 * count)
    spread = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return (middle - spread) / (1 + square / count)


def play_neovim(source: str, seed: int, folder: Path, table: Table, limits: Table) -> None:
    """Play every scenario once in one Neovim, then the limits."""
    file = folder / f"s{seed}.txt"
    file.write_text("One\nTwo\n")
    with neovim(folder, options="vim.o.swapfile = false") as editor:
        editor.edit(file)
        stage = Stage(editor=editor, chance=random.Random(seed), path=file)
        for name, act in {**SCENARIOS, **LIMITS}.items():
            stage.begin(name)
            act(stage)
        stage.rest()
        for scenario, truth, cls in stage.answers(folder):
            (limits if scenario in LIMITS else table)[source, scenario, truth, cls] += 1


def play_client(source: str, seed: int, folder: Path, table: Table) -> None:
    """Play everything `ROUNDS` times in one document."""
    file = folder / f"s{seed}.txt"
    file.write_text("line\n" * 50)
    with bridge() as client:
        client.initialize()
        stage = PlainStage(
            client=client, path=file, uri=client.open(file), chance=random.Random(seed)
        )
        for _ in range(ROUNDS):
            for name, play in PLAYS.items():
                stage.scenario = name
                play(stage)
        wait_until(
            lambda: client.status()["workspaces"][0]["steps"].get("edit", 0) >= sent(stage),
            "the bridge to have written everything",
        )
        data = live_episode(resolve_home(), folder, SystemClock())
        rows = [row for row in step_rows(read_episode(data)) if row["kind"] == "edit"]
        client.quit()
    truths = {version: (name, list(those)) for name, version, those in stage.truths}
    for row in rows:
        name, those = truths[cast("int", row["version"])]
        cls = cast("Mapping[str, str]", row["actor"])["class"]
        table[source, name, those.pop(0), cls] += 1


def sent(stage: PlainStage) -> int:
    """Return how many changes the plain client has sent."""
    return sum(len(truths) for _, _, truths in stage.truths)


def figures(table: Table, source: str) -> tuple[int, int, int]:
    """Return how many were called typed, how many of them rightly, how many were typed."""
    own = {key[1:]: count for key, count in table.items() if key[0] == source}
    called = sum(count for (_, _, cls), count in own.items() if cls == "typed")
    right = sum(count for (_, truth, cls), count in own.items() if truth == cls == "typed")
    truly = sum(count for (_, truth, _), count in own.items() if truth == "typed")
    return called, right, truly


def _rows(table: Table, mark: str = "wrong") -> list[str]:
    rows = []
    for source, scenario, truth in dict.fromkeys(key[:3] for key in table):
        classes = {
            key[3]: count for key, count in table.items() if key[:3] == (source, scenario, truth)
        }
        told = ", ".join(f"{cls} {count}" for cls, count in sorted(classes.items()))
        is_wrong = truth != "typed" and "typed" in classes
        rows.append(
            f"| {source} | {scenario} | {truth} | {told} |{f' **{mark}** |' if is_wrong else ' |'}"
        )
    return rows


def page(table: Table, limits: Table) -> str:
    """Return docs/actors.md."""
    lines = [
        HEAD.strip(),
        "",
        "| source | seeds | called typed | rightly | precision, lower 95 % bound | typed in truth | found |",
        "|---|---|---|---|---|---|---|",
    ]
    for source, seeds in SEEDS.items():
        called, right, truly = figures(table, source)
        bound = lower_bound(right, called)
        lines.append(
            f"| {source} | {', '.join(map(str, seeds))} | {called} | {right} | {bound:.4f} "
            f"| {truly} | {right / max(truly, 1):.0%} |"
        )
    header = ["| source | scenario | truth | what sealing said | |", "|---|---|---|---|---|"]
    lines += ["", MEANING.strip(), "", *header, *_rows(table), "", LIMITS_HEAD.strip(), "", *header]
    return "\n".join([*lines, *_rows(limits, "not told apart"), "", TAIL.strip(), ""])


HEAD = """# Who caused a change

Written by `benchmarks/actors.py`; do not edit by hand. Every change of a text gets a class only on a
direct sign ([sealing.md](sealing.md), section 5; the messages: `editor_extensions/PROTOCOL.md`).
A real Neovim and a plain LSP client play scenarios whose every act has its truth written beside it
(`tests/support/actors.py`, `tests/support/actor_client.py`); what sealing makes of the real journals
is compared with that. A small part runs in the editor lane: `tests/e2e/test_neovim_actors.py`.

Keys reach Neovim through the channel of an attached user interface, as they do from its own terminal
one; a terminal itself was not driven. The plain client's evidence is what the protocol lets it say,
well counted and badly.
"""
MEANING = """The bound is the lower end of Wilson's two-sided 95 % interval. It counts the changes of these
scenarios, which are chosen to be hard, not those of a working day.

Truth: `typed`, a person at the keys; `program`, an agent, plugin or autocommand; `editor`, what the
editor put in beyond the key (pairs, abbreviations); else the class itself. A correct class for
`program` and `editor` is anything but `typed`; the best is `unknown`. What is typed and called
unknown costs recall: keys in the vicinity of something that could have sent them do not count.
"""
LIMITS_HEAD = """## What cannot be told from a keyboard

Measured, listed here, and in no figure above.

- **Keys sent as a user interface sends them.** Neovim takes keys from all connected programs alike
  (`nvim_input`, `--remote-send`). While one is connected that is no user interface, and for 64 ms
  and until all keys are taken after it left, no key counts. A program that attaches *as* a user
  interface, or types into the terminal (`tmux send-keys`, `xdotool`), is not told apart.
- **`feedkeys(…, 't')` from Vim script.** From Lua it is seen (`vim.api.nvim_feedkeys`,
  `vim.fn.feedkeys`, `vim.api.nvim_input`), from Vim script not.
- **A paste of fewer than 16 characters** into a terminal without bracketed paste; 16 keys within
  64 ms are no typing.
- **A client's own lie.** Evidence is what a companion says. A client that counts keys which nobody
  pressed is believed up to one character per key.
"""
TAIL = """## From class to provider

For exports: observed `typed` is human; `completion` its provider's class; `pasted` the class of the
recorded text that it equals, else unknown; `git` and text present at the start are preexisting;
everything else is unknown. Unknown is never turned into human.

What `signoff restore` put back counts as whoever wrote it first, once; as there before where the
episode does not hold that. In `today` it is counted on a line of its own, so that no share falls.
"""


def main(arguments: list[str]) -> int:
    """Play, print, write; 1 when a bound is below 0.99 or a source has too few predictions."""
    table: Table = Counter()
    limits: Table = Counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        os.environ["SIGNOFF_HOME"] = str(Path(name) / "home")
        for source, seeds in SEEDS.items():
            for seed in seeds:
                print(f"{source}: seed {seed}", flush=True)
                folder = Path(name) / f"w{seed}"
                folder.mkdir()
                enable(folder)
                if source.startswith("Neovim"):
                    play_neovim(source, seed, folder, table, limits)
                else:
                    play_client(source, seed, folder, table)
    if "--dry" not in arguments:
        PAGE.write_text(page(table, limits), encoding="utf-8")
    failed = 0
    for source in SEEDS:
        called, right, truly = figures(table, source)
        bound = lower_bound(right, called)
        print(f"{source}: typed {called}, right {right}, bound {bound:.4f}, of {truly} typed")
        failed += bound < 0.99 or called < 300
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
