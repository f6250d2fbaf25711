"""Negotiate the position encoding: the unit in which a client counts columns.

LSP 3.17, PositionEncodingKind: without an agreement it is UTF-16. lsp-mode up to 9.0 counts code
points whatever was agreed (emacs-lsp/lsp-mode issue 2080), so it gets UTF-32 if it offers that, and
is assumed to use it if it offers nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from signoff_collector.text.positions import Encoding
from signoff_schemas.untyped import is_fields, list_of


class Agreement(NamedTuple):
    """The encoding to announce, and the one that positions really use."""

    answered: Encoding
    meant: Encoding


def agree(initialize_params: object) -> Agreement:
    """Choose the position encoding for the client that sent these parameters."""
    offered = _offered(initialize_params)
    if is_lsp_mode(initialize_params):
        answered = Encoding.UTF32 if Encoding.UTF32 in offered else Encoding.UTF16
        return Agreement(answered, Encoding.UTF32)
    if not offered or Encoding.UTF16 in offered:
        return Agreement(Encoding.UTF16, Encoding.UTF16)
    chosen = Encoding.UTF8 if Encoding.UTF8 in offered else Encoding.UTF32
    return Agreement(chosen, chosen)


def client_of(initialize_params: object) -> tuple[str, str]:
    """Return the editor's name and version as it gives them, or empty strings.

    Neovim says its version twice (`0.11.4+v0.11.4`); once is kept. lsp-mode tells all of
    `M-x emacs-version`, in two lines; only the version is kept.
    """
    info = member(initialize_params, "clientInfo")
    name, version = (_text(member(info, key)) for key in ("name", "version"))
    version = version.removeprefix("GNU Emacs ").partition(" (build ")[0]
    return name, version.removesuffix(f"+v{version.partition('+')[0]}")


def _text(value: object) -> str:
    """Return a text as one line; white space between its words is one space."""
    return " ".join(value[:100].split()) if isinstance(value, str) else ""


def process_id_of(initialize_params: object) -> int | None:
    """Return the editor's process as it gives it."""
    pid = member(initialize_params, "processId")
    return pid if isinstance(pid, int) and not isinstance(pid, bool) else None


def folders_of(initialize_params: object) -> list[object]:
    """Return the URIs of the folders that the client shows (LSP 3.17, `initialize`)."""
    listed = member(initialize_params, "workspaceFolders")
    if listed is None:
        return [member(initialize_params, "rootUri")]
    return uris_in(listed)


def uris_in(folders: object) -> list[object]:
    """Return the URIs of a list of LSP `WorkspaceFolder`s."""
    return [member(one, "uri") for one in list_of(folders)]


def member(value: object, name: str) -> object:
    """Return a member of a parsed JSON object; None if the value is not an object."""
    if is_fields(value):
        return value.get(name)
    return None


def is_lsp_mode(initialize_params: object) -> bool:
    """Return whether the client is lsp-mode."""
    return client_of(initialize_params)[0].lower() == "emacs"


def _offered(initialize_params: object) -> frozenset[Encoding]:
    general = member(member(initialize_params, "capabilities"), "general")
    listed = member(general, "positionEncodings")
    if not isinstance(listed, list):
        return frozenset()
    known = {str(encoding): encoding for encoding in Encoding}
    return frozenset(known[item] for item in listed if isinstance(item, str) and item in known)
