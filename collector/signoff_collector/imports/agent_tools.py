"""What the tool calls of coding agents do to files, as far as the call itself tells.

Arguments are told apart by their names, which the agents share: `file_path` or `path`, `old_string`
or `old_str`, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.patches import parse_codex_patch
from signoff_schemas.untyped import fields_of, items_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.imports.building import Building
    from signoff_collector.imports.patches import FilePatch
    from signoff_schemas.values import Actor

SHELLS: Final = frozenset(
    {
        "bash",
        "exec",
        "execute",
        "bash_command",
        "container.exec",
        "exec_command",
        "execute_bash",
        "local_shell",
        "powershell",
        "run_command",
        "run_script",
        "run_terminal_cmd",
        "shell",
        "shell_command",
        "terminal",
    }
)
"""Tools that run a command, in lower case."""
_READERS: Final = frozenset({"read", "view", "grep", "glob", "ls", "read_file", "list_files"})
_PATHS: Final = ("file_path", "path", "notebook_path", "filePath", "target_file", "file")
_OLD: Final = ("old_string", "old_str", "oldString")
_NEW: Final = ("new_string", "new_str", "newString")
_WHOLE: Final = ("file_text", "content", "contents", "text")
_WRITING: Final = ("write", "create", "save", "edit", "str_replace")
"""Parts of the names of tools that write a whole file: others search for a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One change of one file."""

    path: str
    whole: str | None = None
    """The whole new text."""
    replaced: tuple[tuple[str, str, bool], ...] = ()
    """Old part, new part, and whether everywhere; one after the other."""
    inserted: tuple[int, str] | None = None
    """The line after which, and the text."""
    patch: FilePatch | None = None
    moved_to: str | None = None
    is_deletion: bool = False


def command_of(name: str, arguments: Mapping[str, object]) -> tuple[str | None, tuple[str, ...]]:
    """Return the command line or the words that a call runs; nothing when it runs none."""
    if name.casefold() not in SHELLS:
        return None, ()
    told = arguments.get("command", arguments.get("cmd", arguments.get("script")))
    if isinstance(told, str):
        return told, ()
    words = tuple(word for word in items_of(told) if isinstance(word, str))
    if len(words) == 3 and words[1] in {"-c", "-lc", "-Command"}:
        return words[2], ()
    return None, words


def writes_of(name: str, arguments: Mapping[str, object]) -> tuple[Write, ...]:
    """Return what a call writes, if it succeeds."""
    line, words = command_of(name, arguments)
    patch = next(
        (
            one
            for one in (arguments.get("patch"), arguments.get("input"), line, *words)
            if isinstance(one, str) and "*** Begin Patch" in one
        ),
        None,
    )
    if patch is not None:
        parsed = parse_codex_patch(patch) or ()
        return tuple(
            Write(
                path=file.path,
                patch=file,
                moved_to=file.moved_to,
                is_deletion=file.is_deletion,
            )
            for file in parsed
        )
    path = _text(arguments, _PATHS)
    is_reading = name.casefold() in _READERS or str(arguments.get("command")) in {
        "view",
        "undo_edit",
    }
    if path is None or line is not None or words or is_reading:
        return ()
    return _one_write(name, path, arguments)


def _one_write(name: str, path: str, arguments: Mapping[str, object]) -> tuple[Write, ...]:
    edits = [fields_of(edit) for edit in items_of(arguments.get("edits"))] or [dict(arguments)]
    replaced = tuple(
        (old, _text(edit, _NEW) or "", edit.get("replace_all") is True)
        for edit in edits
        if (old := _text(edit, _OLD)) is not None
    )
    if name in {"delete", "delete_file"}:
        return (Write(path=path, is_deletion=True),)
    if name == "rename" and isinstance(new := arguments.get("new_path"), str):
        return (Write(path=path, moved_to=new),)
    line = arguments.get("insert_line")
    if replaced:
        return (Write(path=path, replaced=replaced),) if len(replaced) == len(edits) else ()
    if type(line) is int and line >= 0:
        text = _text(arguments, ("insert_text", *_NEW))
        return () if text is None else (Write(path=path, inserted=(line, text)),)
    is_writing = any(word in name.casefold() for word in _WRITING)
    whole = _text(arguments, _WHOLE) if is_writing else None
    return () if whole is None else (Write(path=path, whole=whole),)


def apply_write(
    building: Building, write: Write, actor: Actor, *, is_as_called: bool = True
) -> None:
    """Take a change over; where the text before it is not known, neither is the one after.

    Args:
        building: knows the files.
        write: the change.
        actor: who made it.
        is_as_called: False where a person changed it before it was made.
    """
    path = building.paths.of(write.path)
    if write.is_deletion:
        building.write(path, None, actor)
        return
    before = building.disk(path)
    building.spend(len(before or ""))
    text = _written(write, before) if is_as_called else None
    if write.moved_to is not None:
        building.write(path, None, actor)
        path = building.paths.of(write.moved_to)
    if text is None:
        building.count("writes whose resulting text is not known")
        building.write_unknown(path, actor)
    else:
        building.write(path, text, actor)


def _written(write: Write, before: str | None) -> str | None:
    """Return the text after a change; None where the call does not tell."""
    whole = write.whole if write.patch is None else write.patch.text
    if whole is not None:
        return whole
    if before is None:
        [*_, (old, new, _)] = write.replaced or (("?", "", False),)
        return new if len(write.replaced) == 1 and not old else None
    if write.patch is not None:
        return write.patch.applied(before)
    if write.inserted is not None:
        return _inserted(before, *write.inserted)
    return _replaced(before, write.replaced)


def _replaced(text: str, parts: Iterable[tuple[str, str, bool]]) -> str | None:
    """Return the text after replacements; None where a part is not there, or not once."""
    for old, new, is_everywhere in parts:
        found = text.count(old) if old else int(not text)
        if found != 1 and not (found and is_everywhere):
            return None
        text = text.replace(old, new) if old else new
    return text


def _inserted(before: str, line: int, text: str) -> str | None:
    lines = before.split("\n")
    if line > len(lines):
        return None
    return "\n".join((*lines[:line], *text.removesuffix("\n").split("\n"), *lines[line:]))


def _text(fields: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if isinstance(text := fields.get(name), str)), None)
