"""Converts document URIs and journalled paths to workspace-relative paths."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from signoff_collector.text.file_uris import path_of_uri

_MAX_LENGTH: Final = 4096


class WorkspacePaths:
    """Converts URIs and paths to workspace-relative ones, without access to the disk."""

    def __init__(self, root: str, known: Mapping[str, str | None]) -> None:
        """Make ready.

        Args:
            root: real path of the workspace.
            known: paths of URIs that pass through symbolic links, resolved by gathering.
        """
        self._root = root.rstrip("/") or "/"
        self._by_uri: dict[str, str | None] = dict(known)

    def of_uri(self, uri: str) -> str | None:
        """Return the path of a document in the workspace, or None when it lies outside."""
        try:
            return self._by_uri[uri]
        except KeyError:
            absolute = path_of_uri(uri)
            found = None if absolute is None else self.relative(absolute)
            self._by_uri[uri] = found
            return found

    def relative(self, path: str) -> str | None:
        """Return an absolute or workspace-relative path as a relative one, or None if outside."""
        if not path or "\0" in path or len(path) > _MAX_LENGTH:
            return None
        whole = posixpath.normpath(posixpath.join(self._root, path))
        if whole == self._root:
            return "."
        prefix = self._root if self._root == "/" else self._root + "/"
        if not whole.startswith(prefix):
            return None
        return whole[len(prefix) :].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
