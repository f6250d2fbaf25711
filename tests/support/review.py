"""A review at a terminal for tests: a sealed day, its desk, and the screens under a pilot."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.deadline import deadline
from tests.support.typist import Typist
from textual import events
from textual.pilot import Pilot

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.desk import Desk
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_collector.review.final.final_files import FinalFolder
from signoff_collector.review.final.final_look import FinalLook
from signoff_collector.review.final.finals import Finals
from signoff_collector.review.screens.app import ReviewApp

ASTRAL = "\U0001f600\U0001f680"
CLIENT = "Umbrella4711"
ASIDE = "what Brunhilde said of Siegfried"
TOKEN = "muba" + "lota"
"""Of no known word."""
HOSTILE = (
    "[red]no[/] [@click=app.bell]x[/] [link=u]y[/] \x1b[8mhid\x1b[0m\rover\u200b \u202egnp.exe"
)
"""Markup of rich and of Textual, escapes, a carriage return, zero width, another direction."""


def recorded_day() -> Episode:
    """Return a day of two tasks; the second holds what nobody else should see."""
    typist = Typist(cursors=True)
    typist.open("src/app.py", f"# {ASTRAL}\n")
    typist.begin_task("fix the parser")
    typist.type_at_end("src/app.py", f"client = '{CLIENT}'\n")
    typist.save("src/app.py")
    typist.command(["pytest", "-q"], f"1 failed for {CLIENT} {TOKEN}\n{HOSTILE}\n")
    typist.begin_task("private things")
    typist.type_at_end("src/app.py", f"# {ASIDE}\n")
    typist.save("src/app.py")
    return Redactor(RedactionPolicy()).redact_episode(typist.episode())


def put_base(episode: Episode | None = None) -> Path:
    """Put a sealed episode into the home and return its path."""
    data = write_episode(episode or recorded_day())
    folder = resolve_home().ensure().episodes
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.episode"
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def shared_files(base: Path) -> list[Path]:
    """Return the episodes that were made of a base, in the folder where it lies."""
    return sorted(path for path in base.parent.glob("*.episode") if path != base)


@contextmanager
def review_of(path: Path, home: Home | None = None) -> Iterator[ReviewApp]:
    """Yield the screens of a review that nobody looks at yet."""
    home = home or resolve_home().ensure()
    reviewing = Reviewing(home, open_base_file(path))
    with FinalFolder(home) as folder:
        finals = Finals(reviewing, folder, mode="terminal")
        try:
            yield ReviewApp(Desk(reviewing), FinalLook(home, finals))
        finally:
            finals.close()


class Screens:
    """A person at the screens: presses keys, and waits for what is shown."""

    def __init__(self, app: ReviewApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def shown(self) -> str:
        """All rows, as they are on the screen."""
        rows = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in row) for row in rows)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Type a line and Enter; the pilot knows no keys beyond ASCII, these are pasted."""
        for char in text:
            if char.isascii():
                await self.pilot.press(char)
            else:
                self.app.post_message(events.Paste(char))
                await self.pilot.pause()
        await self.pilot.press("enter")

    async def wait_for(self, *texts: str) -> str:
        """Wait until all texts are shown; return the screen."""
        end = asyncio.get_running_loop().time() + deadline()
        while True:
            await self.pilot.pause()
            shown = self.shown
            if all(text in shown for text in texts):
                return shown
            left = end - asyncio.get_running_loop().time()
            assert left > 0, f"never shown: {texts}; shown:\n{shown}"


def at_screens(
    path: Path, person: Callable[[Screens], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> ReviewApp:
    """Let a person do something at the screens of a review; return them as they were left."""

    async def live(app: ReviewApp) -> None:
        async with app.run_test(size=size) as pilot:
            screens = Screens(app, pilot)
            await screens.wait_for("1 Tasks")
            await person(screens)

    with review_of(path) as app:
        asyncio.run(live(app))
    return app
