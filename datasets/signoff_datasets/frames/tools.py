"""The actions on a frame as definitions of tools, in the form that chats and trajectories have."""

from __future__ import annotations

from typing import Final

Json = dict[str, object]
_NUMBER: Final[Json] = {"type": "integer"}
_TEXT: Final[Json] = {"type": "string"}
_POINT: Final[Json] = {
    "type": "object",
    "properties": {
        "on": {"type": "string", "enum": ["text", "caret", "tab", "file", "terminal"]},
        "x": _NUMBER,
        "y": _NUMBER,
        "box": {"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4},
    },
    "required": ["on", "x", "y", "box"],
}
_RANGE: Final[Json] = {"target": _POINT, "to": _POINT}


def _tool(name: str, description: str, properties: Json, *required: str) -> Json:
    parameters: Json = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


TOOL_DEFINITIONS: Final[list[Json]] = [
    _tool("type_text", "Click, or drag over what is replaced, and type.",
          {"text": _TEXT, **_RANGE}, "text", "target"),
    _tool("paste_text", "Click, or drag over what is replaced, and paste.",
          {"text": _TEXT, **_RANGE}, "text", "target"),
    _tool("choose_completion", "Take what the editor offers at the cursor.",
          {"text": _TEXT, **_RANGE}, "text", "target"),
    _tool("press_key", "Press a key some times, at a place or over a range where one is given.",
          {"key": _TEXT, "count": _NUMBER, **_RANGE}, "key", "count"),
    _tool("select_range", "Click, or drag from one place to another.", _RANGE, "target"),
    _tool("open_file", "Click the tab of a file, or its row of the tree.",
          {"target": _POINT}, "target"),
    _tool("run_command", "Click the terminal's prompt, type a line, press Enter.",
          {"text": _TEXT, "target": _POINT}, "text", "target"),
    _tool("scroll", "Bring lines into view, counted from 0.",
          {"lines": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}}, "lines"),
    _tool("go_to", "Put the cursor at a line and column, counted from 1, by the editor's command.",
          {"line": _NUMBER, "column": _NUMBER}, "line", "column"),
]  # fmt: skip
"""One for each kind of action."""
