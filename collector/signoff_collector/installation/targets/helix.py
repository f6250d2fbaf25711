"""Helix: marked lines at the end of `languages.toml`; it names servers per language only."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.config_files.config_files import read_text
from signoff_collector.installation.config_files.marked_block import (
    block,
    with_block,
    without_block,
)
from signoff_collector.installation.interface import Change, Found
from signoff_collector.installation.targets.quoting import double_quoted
from signoff_schemas.errors import RefusedError
from signoff_schemas.untyped import is_fields, is_items, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account

_SERVER: Final = "signoff"
_DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "bash": ("bash-language-server",),
    "c": ("clangd",),
    "cpp": ("clangd",),
    "css": ("vscode-css-language-server",),
    "go": ("gopls", "golangci-lint-lsp"),
    "haskell": ("haskell-language-server",),
    "html": ("vscode-html-language-server", "superhtml"),
    "java": ("jdtls",),
    "javascript": ("typescript-language-server",),
    "json": ("vscode-json-language-server",),
    "jsx": ("typescript-language-server",),
    "lua": ("lua-language-server",),
    "markdown": ("marksman", "markdown-oxide"),
    "nix": ("nil", "nixd"),
    "php": ("intelephense",),
    "python": ("ty", "ruff", "jedi", "pylsp"),
    "ruby": ("ruby-lsp", "solargraph"),
    "rust": ("rust-analyzer",),
    "toml": ("taplo", "tombi"),
    "tsx": ("typescript-language-server",),
    "typescript": ("typescript-language-server",),
    "yaml": ("yaml-language-server", "ansible-language-server"),
    "zig": ("zls",),
}
"""Servers that Helix itself names for a language: a list in `languages.toml` replaces its own.

Helix passes over servers that are not installed; one that an older release does not know is a
line in its log. Compared with `hx --health` of 25.01.
"""


class Helix:
    """Helix 23.10 or newer, which starts several servers for one file."""

    name = "helix"
    title = "Helix"
    precision = (
        "each key in the languages listed, saves; not who caused a change, nor what was in view"
    )
    next_step = "Start Helix again and open a file in one of the languages listed."

    def find(self, account: Account) -> Found | None:
        """Look for `hx`, called `helix` on some systems."""
        program = account.program("hx", "helix")
        if program is None and not (account.config / "helix").is_dir():
            return None
        return Found(program=program)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return `languages.toml` with our server added to the languages that have servers."""
        path = account.config / "helix" / "languages.toml"
        text = read_text(path)
        own = _parse(without_block(text or ""), path)
        ours = block(_lines(own, launcher, path), comment="#")
        after = with_block(text or "", ours)
        _refuse_unparsable(after, path)
        before = None if text is None else text.encode("utf-8")
        return [Change(path=path, before=before, after=after.encode("utf-8"))]


def _parse(text: str, path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RefusedError(
            f"{path} is not TOML: {error}", hint="Fix it; Helix does not read it either."
        ) from error


def _refuse_unparsable(after: str, path: Path) -> None:
    try:
        tomllib.loads(after.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise RefusedError(
            f"the lines of Signoff cannot be added to {path}: {error}",
            hint="Write its languages as [[language]] tables, or add the lines by hand.",
        ) from error


def _lines(own: Mapping[str, object], launcher: Path, path: Path) -> str:
    """Return our server, and for each language the person's or Helix's list with ours last."""
    servers = own.get("language-server")
    if isinstance(servers, dict) and _SERVER in servers:
        raise RefusedError(
            f"{path} has a language server called {_SERVER} outside of the lines of Signoff",
            hint="Remove it and its uses, then run `signoff setup helix` again.",
        )
    said = [f"[language-server.{_SERVER}]", f"command = {double_quoted(launcher)}"]
    said.append('args = ["lsp"]')
    for name, listed in (dict(_DEFAULTS) | _own_lists(own)).items():
        if not listed:
            continue
        names = ", ".join(json.dumps(server) for server in dict.fromkeys((*listed, _SERVER)))
        said.append(f"\n[[language]]\nname = {json.dumps(name)}\nlanguage-servers = [{names}]")
    return "\n".join(said)


def _own_lists(own: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return the languages whose servers the person chose; empty where they are not plain names.

    A server with `only-features` cannot be repeated in our words: that language stays as it is.
    """
    found: dict[str, tuple[str, ...]] = {}
    languages = own.get("language")
    for language in list_of(languages):
        if not is_fields(language):
            continue
        fields = language
        name, servers = fields.get("name"), fields.get("language-servers")
        if isinstance(name, str) and is_items(servers):
            names = servers
            plain = [server for server in names if isinstance(server, str)]
            found[name] = tuple(plain) if len(plain) == len(names) else ()
    return found
