"""Print the completion of each shell: a function that asks this installation at every Tab."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from signoff_schemas.errors import RefusedError

SHELLS: Final = ("bash", "zsh", "fish")


def completion_script(shell: str, launcher: Path) -> str:
    """Return what a shell has to evaluate once when it starts.

    Raises:
        RefusedError: the launcher's path holds a control character.
    """
    word = str(launcher)
    if any(character < " " or character == "\x7f" for character in word):
        raise RefusedError("a path of this installation holds a control character")
    text = Path(__file__).with_name(f"completion.{shell}").read_text("utf-8")
    if shell == "fish":
        quoted = "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return text.replace("@LAUNCHER@", quoted)
    text = text.replace("@LAUNCHER@", _quoted(word))
    if shell == "zsh":  # read without the user's aliases, but with the options of completion
        begin = '() { \\builtin setopt local_options no_aliases; \\builtin eval "$1" }'
        return f"{begin} {_quoted(text)}\n"
    return text


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
