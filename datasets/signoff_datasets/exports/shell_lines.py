"""Calls as lines of bash: what a person at a terminal would type to do the same to the files.

Every line does exactly the change, for any name and content: names are quoted for the shell, texts
stand in here-documents whose end no line of theirs is, and what is no text comes through base64.
"""

from __future__ import annotations

import base64
import re
import shlex
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import encode_text
from signoff_datasets.actions.action import LINK_MODE
from signoff_datasets.actions.changes import as_text, is_text
from signoff_datasets.exports.patches import unified_patch

if TYPE_CHECKING:
    from signoff_datasets.actions.action import Action, Change, FileState

_PLAIN: Final = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
_WIDTH: Final = 76


def shell_line(change: Change, before: FileState | None) -> str:
    """Return the lines that do a change of a file that is `before`."""
    path = quoted(change.path)
    match change.name:
        case "delete":
            return f"rm -- {path}"
        case "rename":
            return f"{_folder(change.new)}mv -- {path} {quoted(change.new)}"
        case "set_mode":
            return _chmod(change.mode, path)
        case "str_replace":
            old = None if before is None else as_text(before.content)
            if old is not None and is_text(change.path):
                new = old.replace(change.old, change.new, 1)
                return (
                    f"git apply --whitespace=nowarn {_here(unified_patch(change.path, old, new))}"
                )
            return _written(change.path, _replaced(before, change))
        case _:
            return _created(change, before)


def _created(change: Change, before: FileState | None) -> str:
    path = quoted(change.path)
    if change.mode == LINK_MODE:
        target = quoted(change.content.decode("utf-8", "surrogateescape"))
        return f"{_folder(change.path)}ln -sfn -- {target} {path}"
    is_link = before is not None and before.mode == LINK_MODE
    line = (f"rm -- {path}\n" if is_link else "") + _written(change.path, change.content)
    mode = change.mode or ("100644" if is_link else None)
    return line if mode is None else f"{line}\n{_chmod(mode, path)}"


def _written(name: str, content: bytes) -> str:
    path, folder = quoted(name), _folder(name)
    text = as_text(content)
    if not content:
        return f"{folder}: > {path}"
    if text is None:
        coded = base64.b64encode(content).decode("ascii")
        rows = "".join(f"{coded[at : at + _WIDTH]}\n" for at in range(0, len(coded), _WIDTH))
        return f"{folder}base64 -d > {path} {_here(rows)}"
    if text.endswith("\n"):
        return f"{folder}cat > {path} {_here(text)}"
    return f'{folder}printf %s "$(cat {_here(text + chr(10))}\n)" > {path}'


def _replaced(before: FileState | None, change: Change) -> bytes:
    content = b"" if before is None else before.content
    return content.replace(encode_text(change.old), encode_text(change.new), 1)


def _here(text: str) -> str:
    """Return a here-document of lines; the end is a word that no line is."""
    lines = set(text.split("\n"))
    end = "EOF"
    number = 0
    while end in lines:
        number += 1
        end = f"EOF_{number}"
    return f"<<'{end}'\n{text}{end}"


def _folder(path: str) -> str:
    parent = path.rpartition("/")[0]
    return f"mkdir -p -- {quoted(parent)} && " if parent else ""


def _chmod(mode: str | None, path: str) -> str:
    return f"chmod {(mode or '100644')[-3:]} -- {path}"


def quoted(name: str) -> str:
    """Return a word for bash; a name may have any byte but NUL."""
    if _PLAIN.fullmatch(name):
        return shlex.quote(name)
    try:
        content = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        content = name.encode("utf-8", "surrogatepass")
    return "$'" + "".join(_spelled(byte) for byte in content) + "'"


def _spelled(byte: int) -> str:
    char = chr(byte)
    return char if (char.isalnum() and byte < 0x80) or char in "/._- " else f"\\{byte:03o}"


def looking_line(action: Action) -> str:
    """Return the line that shows what a person looked at."""
    path = quoted(action.path or "")
    if action.kind == "search":
        where = path if action.scope == "file" and action.path else "."
        return f"grep -rn -- {quoted(action.text)} {where}"
    first = (action.observation.first_line or 0) + 1
    count = max(1, action.observation.text.count("\n"))
    return f"sed -n '{first},{first + count - 1}p' -- {path}"
