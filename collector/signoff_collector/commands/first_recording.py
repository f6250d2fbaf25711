"""What `setup` ends with: a folder that is recorded, and the first minute of it told."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.commands import enable
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.installation.first_step import FirstStep
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock


_OFFERED: Final = frozenset({Place.OFF, Place.EXPIRED})


def is_recorded(home: Home, clock: Clock, console: Console, *, may_ask: bool) -> bool:
    """Say whether anything is recorded; in a repository offer what `signoff enable` asks."""
    workspaces = Workspaces(home, clock)
    here = _repository(Path.cwd())
    may_ask = may_ask and console.is_terminal
    if may_ask and here is not None and workspaces.look_up(here).place in _OFFERED:
        _offer_enabling(here, console)
    places = [workspaces.look_up(one.root).place for one in workspaces.all()]
    if Place.ENABLED in places:
        return True
    console.say("Nothing is recorded before `signoff enable` in the folder you work in.")
    return False


def _repository(folder: Path) -> Path | None:
    """Return the work tree around a folder, found without git; the home folder is none."""
    for one in (folder, *folder.parents):
        if one == Path.home():
            return None
        if (one / ".git").exists():
            return one
    return None


def _offer_enabling(folder: Path, console: Console) -> None:
    console.say()
    parser = argparse.ArgumentParser()
    enable.add_arguments(parser)
    try:
        enable.run(parser.parse_args([str(folder)]), console)
    except SignoffError as error:
        console.say(f"{error}")
        if error.hint:
            console.say(f"  {error.hint}")


def offer_replay(step: FirstStep, console: Console) -> None:
    """Say that it works, and offer to tell the last minute, without its silences."""
    root = step.session.root
    console.say(f"It works: {step.editor} recorded {step.changes} changes in {root}.")
    console.say("  signoff replay live --last 1m    shows the last minute (in that folder)")
    console.say("  signoff pause --for 10m          records nothing for a while")
    if console.is_json:
        console.row({"first_step": step.session.id, "editor": step.editor, "root": str(root)})
    if console.is_terminal and console.confirm("Show the last minute now?", default=True):
        _replay(step)


def _replay(step: FirstStep) -> None:
    from signoff_collector.commands import replay
    from signoff_collector.screen.console import Console

    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    os.chdir(step.session.root)
    chosen = parser.parse_args(["live", "--last", "1m", "--speed", "1000000", "--plain"])
    replay.run(chosen, Console(is_json=False))
