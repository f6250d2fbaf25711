"""Select what is kept of an agent's event: an allow-list of fields, per agent and tool.

The protocols, as documented and as two of them were observed (docs/agents.md): Claude Code,
https://code.claude.com/docs/en/hooks; Codex, https://developers.openai.com/codex/hooks and the
schemas in openai/codex, codex-rs/hooks/schema/generated; Cursor,
https://cursor.com/docs/agent/hooks. All three write JSON to standard input with `hook_event_name`;
the names differ in case and wording only.
"""

from __future__ import annotations

import os

from signoff_collector.capture.agents.hook_names import is_private, names_private, words_of

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

EVENTS: Final = {
    "SessionStart": "start",
    "sessionStart": "start",
    "UserPromptSubmit": "prompt",
    "beforeSubmitPrompt": "prompt",
    "PreToolUse": "tool_call",
    "beforeShellExecution": "tool_call",
    "beforeMCPExecution": "tool_call",
    "PostToolUse": "tool_result",
    "PostToolUseFailure": "tool_result",
    "afterShellExecution": "tool_result",
    "afterMCPExecution": "tool_result",
    "afterFileEdit": "tool_result",
    "Stop": "end",
    "stop": "end",
    "SubagentStop": "end",
    "subagentStop": "end",
    "SessionEnd": "end",
    "sessionEnd": "end",
}
"""Event name of an agent to ours; `start` is kept only for the name of the model."""

_WRITES: Final = {
    "Write": "file_path",
    "Edit": "file_path",
    "MultiEdit": "file_path",
    "NotebookEdit": "notebook_path",
}
"""Tool name to the input field with the path of the file it writes."""

_SHELLS: Final = frozenset({"Bash", "Shell", "PowerShell"})
_FILE_FIELDS: Final = ("file_path", "notebook_path", "path", "target_file", "filePath", "glob")
"""Input fields that name a file, read or written; checked against the never-record list."""

_PATCH_HEADS: Final = (
    "*** Add File: ",
    "*** Update File: ",
    "*** Delete File: ",
    "*** Move to: ",
)
"""Line prefixes that name a file in a Codex patch (in its apply_patch_tool_instructions.md)."""

_MAX_NAME: Final = 128
_MAX_LINE: Final = 64 << 10
_MAX_TEXT: Final = 256 << 10
_MAX_PATHS: Final = 500


def fields_of(
    agent: str,
    payload: dict[str, object],
    environ: Mapping[str, str],
    *,
    keeps_text: bool,
    home: str = "",
) -> dict[str, object] | None:
    """Return the fields to keep of one event; None for an event that is not recorded."""
    hook = payload.get("hook_event_name")
    event = EVENTS.get(hook) if isinstance(hook, str) else None
    if event is None:
        return None
    fields: dict[str, object] = {
        "tool": agent,
        "event": event,
        "tool_version": _version(payload, environ),
        "model": _name(payload.get("model")),
        "agent_session": _name(payload.get("session_id") or payload.get("conversation_id")),
    }
    if event in ("tool_call", "tool_result"):
        fields |= _of_tool(str(hook), payload, keeps_text=keeps_text, home=home)
    elif event == "prompt":
        fields["text"] = _text(payload.get("prompt")) if keeps_text else None
    elif event == "end":
        fields["ends"] = "session" if hook in ("SessionEnd", "sessionEnd") else "turn"
        said = payload.get("last_assistant_message")
        fields["text"] = _text(said) if keeps_text else None
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _of_tool(
    hook: str, payload: dict[str, object], *, keeps_text: bool, home: str
) -> dict[str, object]:
    """Return the fields to keep of a tool call or its result.

    Of a call about a secret file, or of a command that the person excluded, only the fact is kept.
    """
    given = payload.get("tool_input")
    inputs: dict[str, object] = given if isinstance(given, dict) else {}
    name = _name(payload.get("tool_name")) or _tool_of(hook)
    command = _line(payload.get("command") if "Shell" in hook else inputs.get("command"))
    line = command if name in _SHELLS else None
    cwd = payload.get("cwd")
    folder = cwd if isinstance(cwd, str) else ""
    fields: dict[str, object] = {
        "tool_name": name,
        "call_id": _name(payload.get("tool_use_id")),
        "failed": True if hook == "PostToolUseFailure" else None,
        "duration_ms": _whole(payload.get("duration_ms", payload.get("duration"))),
        "has_no_call": True if hook == "afterFileEdit" else None,
    }
    paths = _written_paths(hook, name, inputs, payload, command)
    if _is_about_secrets(inputs, payload, paths, line, folder) or (
        command is not None and _is_kept_out(home, command, folder)
    ):
        return {**fields, "is_private": True}
    fields["paths"] = [_absolute(path, folder) for path in paths]
    fields["line"] = line
    if keeps_text:
        results = ("tool_response", "error", "output", "result_json")
        said = [payload[key] for key in results if key in payload]
        fields["text"] = _text(said[0] if said else given)
    return fields


def _written_paths(
    hook: str,
    name: str,
    inputs: dict[str, object],
    payload: dict[str, object],
    command: str | None,
) -> list[str]:
    """Return the files that a tool is about to write, as it names them."""
    found: list[object] = []
    if hook == "afterFileEdit":
        found = [payload.get("file_path")]
    elif name in _WRITES:
        found = [inputs.get(_WRITES[name])]
    elif command is not None and "*** Begin Patch" in command:
        found = _patched(command)
    return [path for path in found if isinstance(path, str) and path and "\0" not in path]


def _patched(patch: str) -> list[object]:
    return [
        line[len(head) :].strip()
        for line in patch.split("\n")
        for head in _PATCH_HEADS
        if line.startswith(head)
    ]


def _is_about_secrets(
    inputs: dict[str, object],
    payload: dict[str, object],
    paths: list[str],
    line: str | None,
    folder: str,
) -> bool:
    """Whether a call names a file on the never-record list (threat 16).

    A command line too long to check, and a patch of too many files, count as naming one.
    """
    if len(paths) > _MAX_PATHS or (line is not None and len(line) > _MAX_LINE):
        return True
    named = [*paths, *(inputs.get(key) for key in _FILE_FIELDS), payload.get("file_path")]
    if any(isinstance(path, str) and is_private(_absolute(path, folder)) for path in named):
        return True
    return line is not None and names_private(words_of(line), folder)


def _is_kept_out(home: str, command: str, folder: str) -> bool:
    """Whether the person excluded a command line; without patterns the matcher is not imported."""
    if not home or not os.path.exists(f"{home}/config/commands.tsv"):  # noqa: PTH110  as above
        return False
    from signoff_collector.capture.opt_in.command_ignoring import is_kept_out

    return is_kept_out(home, command, os.path.realpath(folder or "."))


def _tool_of(hook: str) -> str:
    return "Shell" if "Shell" in hook else "Edit" if hook == "afterFileEdit" else "unknown"


def _absolute(path: str, folder: str) -> str:
    return path if path.startswith("/") else f"{folder}/{path}"


def _version(payload: dict[str, object], environ: Mapping[str, str]) -> str | None:
    """Return the agent's version: a field of Cursor's event; others set a variable."""
    said = _name(payload.get("cursor_version")) or _name(environ.get("CODEX_VERSION"))
    if said is not None:
        return said
    words = environ.get("AI_AGENT", "").split("_")
    is_version = len(words) > 1 and words[1].replace("-", "").isdigit()
    return words[1].replace("-", ".")[:_MAX_NAME] if is_version else None


def _name(value: object) -> str | None:
    is_name = isinstance(value, str) and 0 < len(value) <= _MAX_NAME and value.isprintable()
    return str(value) if is_name else None


def _whole(value: object) -> int | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 <= value < 1 << 40:  # type: ignore[operator]
        return None
    return int(value)  # type: ignore[call-overload,no-any-return]


def _line(value: object) -> str | None:
    """Return a command line; older releases of Codex gave the words of one."""
    if isinstance(value, list):
        value = " ".join(word for word in value if isinstance(word, str))
    return value if isinstance(value, str) and value else None


def _text(value: object) -> str | None:
    """Return a string or a structure as text; long text is truncated at a line end.

    Never within a line: half a secret would no longer be recognised (threat 17).
    """
    if value is None:
        return None
    if not isinstance(value, str):
        from signoff_collector.capture.agents.hook_json import line_of

        value = line_of({"": value}).decode("ascii")[4:-1]
    if len(value) <= _MAX_TEXT:
        return value
    return value[: value.rfind("\n", 0, _MAX_TEXT) + 1] or None
