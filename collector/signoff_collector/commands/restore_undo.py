"""`signoff restore --undo`: what the last restore replaced comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.commands.choosing import root_around
from signoff_collector.commands.points import local_time
from signoff_collector.commands.restore_folder import carry_out, say_state
from signoff_schemas.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.history.files.folder_state import FolderState
    from signoff_collector.kept.replaced_files import ReplacedFile
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock


def undo(home: Home, clock: Clock, arguments: argparse.Namespace, console: Console) -> int:
    """Show what would come back, ask, and do it; done twice, the restore is there again."""
    from signoff_collector.history.on_screen import screen_mask
    from signoff_collector.kept.replaced_files import read_replaced

    place = Path(arguments.path or ".")
    root = root_around(home, clock, place)
    kept = None if root is None else read_replaced(home, root)
    if root is None or kept is None:
        raise NotFoundError(
            "there is no restore to take back here",
            hint="What a restore replaced is kept for 14 days, the last one of each workspace.",
        )
    mask = screen_mask(home, root, is_raw=arguments.raw)
    said = mask(" ".join(("signoff", *kept.words)))
    console.say(f"Takes back `{said}` of {local_time(kept.t_wall_ns)}:")
    state = _state(root, kept.files)
    say_state(state, arguments, mask, console)
    words = ("restore", "--undo")
    return carry_out(
        home, clock, root, state, words=words, arguments=arguments, mask=mask, console=console
    )


def _state(root: Path, files: tuple[ReplacedFile, ...]) -> FolderState:
    """Compare what is there now with what the restore left, and with what was there before."""
    from signoff_collector.history.files.folder_state import FolderState
    from signoff_collector.history.files.replacing import Replacement
    from signoff_collector.history.files.restoring import present
    from signoff_collector.kept.replaced_files import digest

    state = FolderState(is_known=True)
    for one in files:
        try:
            now = present(root, one.path)
        except (RefusedError, OSError):
            state.left.append((one.path, "is not a file now"))
            continue
        mode = "100755" if one.mode_before & 0o100 else "100644"
        wanted = Replacement(path=one.path, before=now, content=one.before, mode=mode)
        if not wanted.is_needed:
            continue
        state.replacements.append(wanted)
        if digest(now.content) not in (one.sha256_after, digest(one.before)):
            state.losses.append((one.path, "changed after that restore"))
    return state
