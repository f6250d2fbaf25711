"""Names that stand for commits, branches and the workspace within one episode."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

COMMON_BRANCHES: Final = frozenset({"main", "master", "trunk", "develop", "dev", "HEAD"})
"""Names of branches that everybody has; they say nothing and stay as they are."""
_COMMIT: Final = re.compile(r"\b[0-9a-f]{7,64}\b")
_LENGTH: Final = 12


class Pseudonyms:
    """Keyed with the episode's random seed: equal names within it, unlinkable beyond it."""

    def __init__(self, seed: bytes, table: Mapping[str, str] | None = None) -> None:
        self._seed = seed
        self.table: dict[str, str] = dict(table or {})
        """Pseudonym to what it stands for; never leaves the state folder."""

    @property
    def commits(self) -> tuple[str, ...]:
        """The commits and trees that have a name, by their own ids."""
        return tuple(v for name, v in self.table.items() if name.startswith("commit-"))

    def commit(self, object_id: str) -> str:
        """Return the name of a commit or tree."""
        return self._name("commit", object_id)

    def branch(self, name: str) -> str:
        """Return the name of a branch; the few that everybody has stay as they are."""
        plain = name.removeprefix("refs/heads/")
        return plain if plain in COMMON_BRANCHES else self._name("branch", plain)

    def workspace(self, root: str) -> str:
        """Return the name of the workspace."""
        return self._name("workspace", root)

    def in_message(self, message: str, branches: tuple[str, ...] = ()) -> str:
        """Replace commit ids and the named branches in what git wrote about an operation."""
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
    """The names as they are, for what is only ever shown to their owner (`seal.live`)."""

    def __init__(self) -> None:
        super().__init__(b"")

    def in_message(self, message: str, branches: tuple[str, ...] = ()) -> str:
        """Return what git wrote as it is."""
        del branches
        return message

    def _name(self, kind: str, value: str) -> str:
        del kind
        return value.encode("utf-8", "replace").decode("utf-8")
