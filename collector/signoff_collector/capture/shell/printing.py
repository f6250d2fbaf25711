"""Print the hook of each shell, with the paths of this installation filled in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.agents.markers import MARKERS, NAMED
from signoff_collector.capture.test_results.pytest_results import results_path
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

HOOKS: Final[Mapping[str, str]] = {
    "bash": "hook.bash",
    "zsh": "hook.zsh",
    "fish": "hook.fish",
}
"""Shell to the name of the hook file beside this module."""

_TAG_BYTES: Final = 4


def hook_of(shell: str, home: Home, launcher: Path, clock: Clock) -> str:
    """Return the script that a shell has to evaluate once when it starts.

    Raises:
        KeyError: there is no hook for this shell.
        RefusedError: a path holds a character that cannot be quoted.
    """
    text = Path(__file__).with_name(HOOKS[shell]).read_text("utf-8")
    booted_s = (clock.wall_ns() - clock.boot_ns()) // 1_000_000
    places = {
        "@HOME@": _quoted(shell, str(home.root)),
        "@LAUNCHER@": _quoted(shell, str(launcher)),
        "@RESULTS@": _quoted(shell, str(results_path(home))),
        "@BOOT@": _quoted(shell, clock.boot_id()),
        "@BOOTED@": f"{booted_s // 1000}.{booted_s % 1000:03d}",
        "@TAG@": secrets.token_hex(_TAG_BYTES),
        "@MARKERS@": " ".join((*(name for name, _ in MARKERS), *NAMED)),
    }
    for place, value in places.items():
        text = text.replace(place, value)
    if shell == "zsh":  # reset the options and aliases of the user, within the functions too
        text = f"emulate zsh -o no_aliases -c {_quoted(shell, text, is_text=True)}\n"
    return text


def _quoted(shell: str, word: str, *, is_text: bool = False) -> str:
    """Quote a word in single quotes for the shell.

    Raises:
        RefusedError: it holds a control character.
    """
    if not is_text and any(character < " " or character == "\x7f" for character in word):
        raise RefusedError("a path of this installation holds a control character")
    if shell == "fish":
        return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + word.replace("'", "'\\''") + "'"
