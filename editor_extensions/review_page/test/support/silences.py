"""Seals sessions in which nothing happens for a while, and says where their gaps lie.

    python silences.py FOLDER

Every session goes through real sealing. A line of JSON each: its name, and the gaps that the
program's own `show --steps --json` tells, as [reason, from, to] in milliseconds. The first is a
session of which every gap is known.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[4]
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".")]

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

TEXT = "one 😀🦊\n"
SEED = 20261125
SESSIONS = 40


def main(folder: Path) -> None:
    """Write the episodes, and print what is in them."""
    from signoff_collector.episode.file.writer import write_episode
    from signoff_collector.episode.json_form import step_rows

    chosen = random.Random(SEED)  # noqa: S311 - a test's data
    for number in range(SESSIONS):
        episode = _session(chosen, is_known=number == 0)
        name = f"{number:03}.episode"
        (folder / name).write_bytes(write_episode(episode))
        gaps = list(_gaps(list(step_rows(episode))))
        print(json.dumps({"name": name, "gaps": gaps}))  # noqa: T201 - the test reads it


def _gaps(rows: list[dict[str, object]]) -> Iterator[list[object]]:
    """Yield where gaps lie: from their step on, until something was recorded again."""
    for place, row in enumerate(rows):
        if row["kind"] != "gap":
            continue
        begin = _ms(row["t_ns"])
        after = (_ms(one["t_ns"]) for one in rows[place + 1 :] if one["kind"] != "gap")
        is_past = row["reason"] == "suspended" and row["t_kind"] == "seen_late"
        length = 0 if is_past else _ms(row.get("duration_ns") or 0)
        yield [row["reason"], begin, min([begin + length, *after])]


def _ms(value: object) -> int:
    return int(str(value)) // 10**6


def _session(chosen: random.Random, *, is_known: bool) -> Episode:
    from tests.support.seal_journals import Journal, S, gathered_for

    from signoff_collector.capture.journal.control import ControlLine
    from signoff_collector.seal.assemble import assemble

    journal, control, asleep_ns = Journal(), list[ControlLine](), 0

    def told(verb: str) -> None:
        control.append(ControlLine(verb=verb, t_boot_ns=journal.t_boot_ns, fields={}))

    def paused(seconds: float) -> None:
        told("pause")
        journal.wait(seconds)
        told("resume")

    journal.open("a.py", TEXT)
    acts = ["idle", "pause", "private"] if is_known else chosen.choices(
        ["type", "type", "idle", "pause", "private", "sleep", "late sleep", "command", "lost"], k=25
    )  # fmt: skip
    for act in acts:
        match act:
            case "idle":
                journal.wait(400 if is_known else chosen.uniform(200, 900))
            case "pause":
                paused(60 if is_known else chosen.uniform(1, 700))
            case "private":
                journal.step("gap", reason="private", duration_ns=5 * S, basis="observed")
                journal.wait(7)
            case "sleep" | "late sleep":
                asleep_ns += 90 * S
                if act == "sleep":
                    journal.wait(90)
                journal.clocks(asleep_ns=asleep_ns)
            case "command":
                journal.step("command", line="make", exit_code=0, duration_ns=3 * S)
            case "lost":
                journal.step(
                    "gap", reason="dropped", t_kind="seen_late", duration_ns=20 * S, count=3
                )
            case _:
                pass
        journal.change("a.py", (0, 0), (0, 0), "x")
    return assemble([journal.records()], gathered_for(*control))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
