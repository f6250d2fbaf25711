"""The names of custom LSP messages stand once per language, and are those of PROTOCOL.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signoff_schemas import lsp_messages

ROOT = Path(__file__).resolve().parents[1]
EXTENSIONS = ROOT / "editor_extensions"
PLACES = {
    "Python": ROOT / "schemas" / "signoff_schemas" / "lsp_messages.py",
    "Lua": EXTENSIONS / "neovim" / "lua" / "signoff" / "lsp_messages.lua",
    "TypeScript": EXTENSIONS / "vscode" / "src" / "lsp_messages.ts",
}
SOURCES = {
    ROOT / "collector": (".py",),
    ROOT / "lsp_bridge": (".py",),
    ROOT / "schemas": (".py",),
    EXTENSIONS / "neovim": (".lua", ".vim"),
    EXTENSIONS / "vscode" / "src": (".ts",),
}
NAME = re.compile(r"""["':]signoff/([A-Za-z]+)\b""")
TABLES = {
    "Notifications, companion → bridge": "Outgoing",
    "Bridge → companion": "Incoming",
    "Requests, companion → bridge": "Requests",
}
"""Heading of the protocol, and the group of names in TypeScript."""


def protocol_names(heading: str) -> list[str]:
    page = (EXTENSIONS / "PROTOCOL.md").read_text("utf-8")
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"(?m)^\| `signoff/([A-Za-z]+)` \|", section)


ALL_NAMES = sorted(name for heading in TABLES for name in protocol_names(heading))


def test_the_protocol_names_each_message_once() -> None:
    assert len(ALL_NAMES) == len(set(ALL_NAMES)) > 15


@pytest.mark.parametrize("language", PLACES)
def test_each_language_names_the_messages_of_the_protocol(language: str) -> None:
    named = NAME.findall(PLACES[language].read_text("utf-8"))
    extra = [lsp_messages.DISK_NOTE.partition("/")[2]] if language == "Python" else []
    assert sorted(named) == sorted(ALL_NAMES + extra)


@pytest.mark.parametrize("heading", TABLES)
def test_typescript_knows_who_sends_what(heading: str) -> None:
    source = PLACES["TypeScript"].read_text("utf-8")
    group = source.split(f"export const {TABLES[heading]} = {{", 1)[1].split("}", 1)[0]
    assert sorted(NAME.findall(group)) == sorted(protocol_names(heading))


def test_no_other_source_spells_a_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}: signoff/{name}"
        for folder, endings in SOURCES.items()
        for path in sorted(folder.rglob("*"))
        if path.suffix in endings and path not in PLACES.values()
        for name in NAME.findall(path.read_text("utf-8"))
    ]
    assert found == []
