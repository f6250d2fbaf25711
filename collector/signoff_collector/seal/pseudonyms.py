"""Replaces commits, branches and the workspace by pseudonyms within one episode."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

COMMON_BRANCHES: Final = frozenset({"main", "master", "trunk", "develop", "dev", "HEAD"})
"""Branch names so common that they reveal nothing; they are not replaced."""
_COMMIT: Final = re.compile(r"\b[0-9a-f]{7,64}\b")
_LENGTH: Final = 12


class Pseudonyms:
    """HMAC pseudonyms, keyed by the episode's random seed: unlinkable between episodes."""

    def __init__(self, seed: bytes, table: Mapping[str, str] | None = None) -> None:
        self._seed = seed
        self.table: dict[str, str] = dict(table or {})
        """Pseudonym to original value; stays on this machine."""

    @property
    def commits(self) -> tuple[str, ...]:
        """The original ids of all commits and trees with a pseudonym."""
        return tuple(v for name, v in self.table.items() if name.startswith("commit-"))

    def commit(self, object_id: str) -> str:
        """Return the pseudonym of a commit or tree."""
        return self._name("commit", object_id)

    def branch(self, name: str) -> str:
        """Return the pseudonym of a branch; `COMMON_BRANCHES` are not replaced."""
        plain = name.removeprefix("refs/heads/")
        return plain if plain in COMMON_BRANCHES else self._name("branch", plain)

    def workspace(self, root: str) -> str:
        """Return the pseudonym of the workspace."""
        return self._name("workspace", root)

    def in_message(self, message: str, branches: tuple[str, ...] = ()) -> str:
        """Replace commit ids and the given branches in a reflog message."""
        for name in sorted(branches, key=len, reverse=True):
            message = re.sub(rf"(?<![\w/-]){re.escape(name)}(?![\w/-])", self.branch(name), message)
        return _COMMIT.sub(self._commit_in_message, message)

    def _commit_in_message(self, match: re.Match[str]) -> str:
        text = match[0]
        for pseudonym, original in self.table.items():
            if pseudonym.startswith("commit-") and original.startswith(text):
                return pseudonym
        return self.commit(text) if len(text) in (40, 64) else text

    def _name(self, kind: str, value: str) -> str:
        digest = hmac.new(self._seed, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
        name = f"{kind}-{digest[:_LENGTH]}"
        self.table[name] = value
        return name


class OwnNames(Pseudonyms):
    """Keeps original names, for episodes shown only to their owner (`seal.live`)."""

    def __init__(self) -> None:
        super().__init__(b"")

    def in_message(self, message: str, branches: tuple[str, ...] = ()) -> str:
        """Return the message unchanged."""
        del branches
        return message

    def _name(self, kind: str, value: str) -> str:
        del kind
        return value.encode("utf-8", "replace").decode("utf-8")
