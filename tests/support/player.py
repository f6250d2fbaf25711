"""Playing an episode without a terminal: an application, its keys, and what its screen says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from tests.support.episodes import ASTRAL, MS, SOURCE, edit, header, sample_episode
from textual.app import App
from textual.pilot import Pilot

from signoff_collector.episode.content import Edit, EditTable, Episode, encode_text
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.screens.app import Player
from signoff_schemas.cases import Cases
from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CommandStep,
    DiagnosticsStep,
    GitStep,
    NoteStep,
    OpenStep,
    StepBase,
    TaskStep,
    TestsStep,
)
from signoff_schemas.values import Diagnostic, Output, TestCase

SIZE = (80, 24)
ESCAPES = (
    "\x1b[913;914Hmoved\x1b[6n\x1b]52;c;QUFBQQ==\x07\x1b]0;title\x1b\\\x1bPq\x1b\\\x9b31m"
    "\r\b\x7f\u202e\u2066\u200b\u200d\ufeff\U000e0041\u00a0[red]markup[/red][@click=app.bell]x[/]"
    f"\t漢字e\u0301\u0301\u0301\u0301\u0301{ASTRAL}\u2028\ud83d"
)
"""Everything that a terminal, or a language of markup, could take for an order."""
LONG = "0123456789" * 10_000


def screen_text(app: App[None]) -> str:
    """Return what is on the screen, row by row."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def drive(
    app: App[None], act: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = SIZE
) -> None:
    """Run an application without a terminal and let a person act."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot)

    asyncio.run(run())


def after_keys(
    episode: Episode, *keys: str, size: tuple[int, int] = SIZE, place: int = -1
) -> tuple[Player, list[str]]:
    """Return a player, and what its screen said at first and after each key."""
    player = Player(Reel(episode), place=place)
    said: list[str] = []

    async def act(pilot: Pilot[None]) -> None:
        said.append(screen_text(player))
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            said.append(screen_text(player))

    drive(player, act, size)
    return player, said


def hostile_episode() -> Episode:
    """Return an episode in which every text gives orders to whoever shows it."""
    path = f"a{ESCAPES.replace('/', '')}.py"
    opened = f"first {ESCAPES}\n{LONG}\nlast\n"
    common: dict[str, object] = {"source": SOURCE}
    typed = f"typed {ESCAPES}"
    edits = [edit(1, 0, 0, typed, t_ms=500), edit(2, len(typed), 0, "!", t_ms=600)]
    found = Diagnostic(code="E1", severity="error", message=f"problem {ESCAPES}")
    case = TestCase(id=f"t::{ESCAPES}", outcome="failed", message=f"because {ESCAPES}\nso")
    steps: list[StepBase] = [
        OpenStep.model_validate(
            {**common, "seq": 0, "t_ns": 0, "path": path, "buffer": 1, "blob": 0}
        ),
        TaskStep(seq=3, t_ns=1000 * MS, source=SOURCE, text=f"task {ESCAPES}"),
        NoteStep(seq=4, t_ns=1100 * MS, source=SOURCE, text=f"note {ESCAPES}"),
        DiagnosticsStep(seq=5, t_ns=1200 * MS, source=SOURCE, path=path, appeared=(found,)),
        AssistStep(
            seq=6, t_ns=1300 * MS, source=SOURCE, feature="completion", chosen=ESCAPES, path=path
        ),
        AgentStep(
            seq=7, t_ns=1400 * MS, source="agent", tool=f"tool {ESCAPES}", event="prompt",
            text=f"asked {ESCAPES}",
        ),
        TestsStep(
            seq=8, t_ns=1500 * MS, source="run", run_id="r", framework="pytest",
            cases=Cases([case]),
        ),
        GitStep(
            seq=9, t_ns=1600 * MS, source="git", operation="commit", message=f"commit {ESCAPES}"
        ),
        CommandStep(
            seq=10, t_ns=1700 * MS, source="run", line=f"echo {ESCAPES}", exit_code=1,
            output=Output(head=f"printed {ESCAPES}\n{LONG}\nend\n"),
        ),
    ]  # fmt: skip
    return Episode(
        header=header(edits=2, steps=11, duration_ns=1700 * MS),
        files=(path,),
        steps=tuple(steps),
        edits=EditTable.from_rows(edits),
        blobs=(encode_text(opened),),
    )


def with_steps(*steps: StepBase) -> Episode:
    """Return the sample episode with more steps at its end."""
    sample = sample_episode()
    return replace(sample, steps=(*sample.steps, *steps))


def only_edits(*edits: Edit) -> Episode:
    """Return an episode of one empty text and some edits."""
    opened = OpenStep(seq=0, t_ns=0, source=SOURCE, path="a.py", buffer=1)
    return Episode(
        header=header(), files=("a.py",), steps=(opened,), edits=EditTable.from_rows(edits)
    )
