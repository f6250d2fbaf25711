"""Actions as calls of tools: names, arguments, definitions, and the words of what came back.

All values are text that JSON and Parquet can hold. What is no text goes as base64 beside it:
`content_base64` of a file, `path_base64` of a name; `path` is then the name as it can be shown.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from signoff_datasets.actions.authors import is_afterwards
from signoff_datasets.actions.changes import as_text, is_text
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_datasets.actions.action import Action, Change

_AFTERWARDS: Final = "[written afterwards] "
_NOT_A_PERSON: Final = frozenset(
    {
        ActorClass.ASSISTANT,
        ActorClass.EXTERNAL,
        ActorClass.FORMATTER,
        ActorClass.GIT,
        ActorClass.PREEXISTING,
    }
)
_TOOLS: Final[tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("open_file", "Open a file in the editor.", ("path",), ("path_base64",)),
    (
        "str_replace",
        "Replace a text that stands exactly once in a file.",
        ("path", "old_str", "new_str"),
        ("path_base64",),
    ),
    (
        "create",
        "Write a whole file.",
        ("path",),
        ("text", "content_base64", "mode", "path_base64"),
    ),
    ("delete", "Delete a file.", ("path",), ("path_base64",)),
    (
        "rename",
        "Give a file another name.",
        ("path", "new_path"),
        ("path_base64", "new_path_base64"),
    ),
    ("set_mode", "Set the mode of a file as git writes it.", ("path", "mode"), ("path_base64",)),
    ("bash", "Run a command line in a shell.", ("command",), ("cwd",)),
    ("search", "Search in a file or the workspace.", ("query", "scope"), ()),
)
TOOL_DEFINITIONS: Final[list[dict[str, object]]] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": what,
            "parameters": {
                "type": "object",
                "properties": {one: {"type": "string"} for one in (*needed, *more)},
                "required": list(needed),
            },
        },
    }
    for name, what, needed, more in _TOOLS
]


def shown(text: str) -> str:
    """Return a text that UTF-8 can hold: halves of surrogate pairs are replaced."""
    return text if is_text(text) else text.encode("utf-8", "replace").decode("utf-8")


def is_call(action: Action) -> bool:
    """Say whether an action is told as a call of the developer's, not as something that happened.

    What was seen on disk alone, and what a program is known to have done, is never a call. Edits in
    an editor of which nobody knows whose they are stay calls, with `unknown` as their author.
    """
    match action.kind:
        case "open_file" | "search" | "bash":
            return True
        case "str_replace" | "create" | "delete" | "rename":
            is_theirs = action.is_in_editor or action.author.is_person
            return is_theirs and action.author.cls not in _NOT_A_PERSON
        case _:
            return False


def call_of(action: Action) -> tuple[str, dict[str, str]]:
    """Return name and arguments of an action that is a call."""
    match action.kind:
        case "open_file":
            return "open_file", path_arguments(action.path or "")
        case "search":
            return "search", {"query": shown(action.text), "scope": action.scope or ""}
        case "bash":
            cwd = {} if action.cwd in {None, "", "."} else {"cwd": shown(action.cwd or "")}
            return "bash", {"command": shown(action.text), **cwd}
        case _:
            return change_call(action.changes[0])


def change_call(change: Change) -> tuple[str, dict[str, str]]:
    """Return name and arguments of a change of one file."""
    arguments = path_arguments(change.path)
    match change.name:
        case "create":
            text = as_text(change.content)
            if text is None:
                arguments["content_base64"] = base64.b64encode(change.content).decode("ascii")
            else:
                arguments["text"] = text
            if change.mode is not None:
                arguments["mode"] = change.mode
        case "str_replace":
            arguments |= {"old_str": change.old, "new_str": change.new}
        case "rename":
            arguments |= path_arguments(change.new, name="new_path")
        case "set_mode":
            arguments["mode"] = change.mode or ""
        case _:
            pass
    return change.name, arguments


def path_arguments(path: str, *, name: str = "path") -> dict[str, str]:
    """Return the arguments that say a path."""
    if is_text(path):
        return {name: path}
    try:
        exact = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        exact = path.encode("utf-8", "surrogatepass")
    return {name: shown(path), f"{name}_base64": base64.b64encode(exact).decode("ascii")}


def file_changes(changes: Sequence[Change]) -> list[dict[str, object]]:
    """Return changes as calls, for records in which nobody makes them."""
    return [
        {"function_name": name, "arguments": arguments}
        for name, arguments in map(change_call, changes)
    ]


def result_of(action: Action) -> str:
    """Return what the caller is shown: what came back, and how a command ended."""
    return "\n".join(one for one in (printed_by(action), ending_of(action)) if one)


def printed_by(action: Action) -> str:
    """Return what came back; of a command its output, or the verdicts of its tests."""
    seen = action.observation
    if action.kind == "bash":
        if seen.text:
            return shown(seen.text).removesuffix("\n")
        return "\n".join(_verdicts(action))
    return shown(seen.text) if action.kind in {"open_file", "search"} else "ok"


def ending_of(action: Action) -> str:
    """Return how a command ended, in brackets; empty where nobody knows, and for other calls."""
    seen = action.observation
    if action.kind != "bash":
        return ""
    if seen.signal is not None:
        return f"[signal {seen.signal}]"
    return "" if seen.exit_code is None else f"[exit {seen.exit_code}]"


def words_of(action: Action) -> str:
    """Return the words of a note; those written in the review say so."""
    return f"{_AFTERWARDS if is_afterwards(action) else ''}{shown(action.text)}"


def happened(action: Action) -> str:
    """Return in words what happened without a call: changes of files, findings, operations."""
    lines: list[str] = []
    if action.kind == "agent" and action.agent is not None:
        step = action.agent
        words = [f"[{step.tool} {step.event}]", step.tool_name, step.line, action.text]
        return shown(" ".join(word for word in words if word))
    if action.text:
        lines.append(f"[{shown(action.text)}]")
    if action.observation.text:
        lines.append(shown(action.observation.text))
    lines += _verdicts(action)
    if action.changes:
        names = ", ".join(dict.fromkeys(shown(one.path) for one in action.changes))
        lines.append(f"[files changed by {_by(action)}: {names}]")
    return "\n".join(lines)


def _verdicts(action: Action) -> Iterator[str]:
    for verdict in action.observation.tests:
        yield f"{verdict.outcome.upper()} {shown(verdict.test)}"


def _by(action: Action) -> str:
    cls = action.author.cls
    return "nobody that is known" if cls == ActorClass.UNKNOWN else cls
