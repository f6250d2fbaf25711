"""All formats by name; each is loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from signoff_datasets.exports.interface import Format

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "atif": ("exports.atif", "FORMAT"),
    "chat": ("exports.chat", "CHAT"),
    "frames": ("frames.shards", "FORMAT"),
    "frames-atif": ("frames.trajectory", "FORMAT"),
    "next-edit": ("exports.rows_of_others", "NEXT_EDIT"),
    "openai": ("exports.chat", "OPENAI"),
    "parquet": ("exports.parquet", "FORMAT"),
    "swebench": ("exports.rows_of_others", "SWEBENCH"),
    "transcript": ("exports.transcript", "FORMAT"),
}
"""Name to the module below `signoff_datasets`, and the name of the `Format` in it."""
FOLDERS: Final = frozenset({"frames-atif", "parquet", "swebench"})
"""Formats whose export of one episode is a folder; of the others it is one file."""


def load_format(name: str) -> Format:
    """Return a format."""
    module, value = FORMATS[name]
    found = getattr(importlib.import_module(f"signoff_datasets.{module}"), value)
    if not isinstance(found, Format):
        raise TypeError(f"{module}.{value} is no format")
    return found
