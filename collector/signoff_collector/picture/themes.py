"""The colours of a drawn workbench, light and dark, by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ThemeName = Literal["light", "dark"]
_NAMES: Final = (
    "text", "dim", "keyword", "name", "type", "string", "number", "comment", "decorator",
    "deleted", "inserted", "error", "warning", "information", "hint", "good", "spelled",
    "mask", "strong", "status_text",
    "editor", "side", "bar", "tab", "panel", "status", "selection", "line", "chosen", "mask_ground",
)  # fmt: skip
"""Inks first, then grounds."""
_LIGHT: Final = (
    "#1f2328", "#565d69", "#0b4fc4", "#6f3fb3", "#0c6670", "#8a4b08", "#0a6b3d", "#55606a",
    "#953873", "#b4232a", "#0a6b3d", "#b81f27", "#855300", "#0b5fb8", "#55606a", "#0a6b3d",
    "#855300", "#5a3a00", "#0f1216", "#ffffff",
    "#ffffff", "#f3f4f6", "#e7e9ed", "#ffffff", "#f8f9fa", "#2f4b73", "#d3e5ff", "#f1f4f8",
    "#dbe4f0", "#fbe7b2",
)  # fmt: skip
_DARK: Final = (
    "#d6dae0", "#98a1ae", "#7fb0ff", "#d3aefc", "#6fd0d8", "#e8b27a", "#8fd694", "#9eaab8",
    "#f0a3cf", "#ff8f8f", "#8fd694", "#ff9494", "#f0c063", "#7cc0ff", "#9eaab8", "#8fd694",
    "#f0c063", "#ffe2a0", "#ffffff", "#ffffff",
    "#1b1e24", "#16181d", "#121418", "#1b1e24", "#181b20", "#25406b", "#263d63", "#22262e",
    "#2b313b", "#5a4512",
)  # fmt: skip
THEMES: Final[Mapping[ThemeName, Mapping[str, str]]] = {
    "light": dict(zip(_NAMES, _LIGHT, strict=True)),
    "dark": dict(zip(_NAMES, _DARK, strict=True)),
}
"""Colour by name, as `#rrggbb`. Every ink has a contrast of 4.5 to 1 or more on its ground."""
SEVERITIES: Final[Mapping[str | None, str]] = {
    "error": "error",
    "warning": "warning",
    "information": "information",
    "hint": "hint",
    None: "information",
}
"""The colour of each severity of a diagnostic."""
SYNTAX: Final[Mapping[str, str]] = {
    "Comment": "comment",
    "Keyword": "keyword",
    "Keyword.Type": "type",
    "Operator.Word": "keyword",
    "Name.Function": "name",
    "Name.Class": "type",
    "Name.Decorator": "decorator",
    "Name.Builtin": "type",
    "Name.Tag": "keyword",
    "Name.Attribute": "name",
    "Name.Exception": "type",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Generic.Deleted": "deleted",
    "Generic.Inserted": "inserted",
    "Generic.Heading": "strong",
}
"""Ink by type of token; subtypes inherit it."""


def colour(theme: ThemeName, name: str) -> tuple[int, int, int]:
    """Return a colour as red, green and blue, 0 to 255."""
    digits = THEMES[theme][name]
    return int(digits[1:3], 16), int(digits[3:5], 16), int(digits[5:7], 16)
