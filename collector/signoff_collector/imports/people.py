"""Learns whom a recording names by itself: users, hosts, home folders, folders worked in.

What a tool wrote down of its surroundings is personal, whoever reads it later: masking treats these
names as it treats those of this machine. Texts are searched for hosts in prompts only; a route
`/home/page` in code names nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.reading import is_whole
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.episode.content import Episode

MAX_NAMES: Final = 1000
_MAX_CHARACTERS: Final = 256
_USERS: Final = ("USER", "LOGNAME", "USERNAME")
_HOMES: Final = ("HOME", "USERPROFILE")
_HOSTS: Final = ("HOSTNAME", "HOST", "COMPUTERNAME")
_HOME: Final = re.compile(
    r"/(?:(?:var|export)/|(?:(?:mnt|cygdrive)/)?[a-z](?::|%3a)?/|wsl[^/]*/(?:[^/]+/)?|[a-z-]+\+[^/]+/)?"
    r"(?:home|users)/(?P<user>[^/]+)",
    re.IGNORECASE,
)
"""A home folder, with slashes and without a drive's letter, as `paths` spells names."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PROMPT: Final = re.compile(
    r"(?<![\w.-])(?P<user>[\w.-]{1,64})@(?P<host>[A-Za-z0-9][\w.-]{0,252}?)"
    r"(?=[\])]?[:\s][ \t]*[~/\\$%#])"
)
"""`ada@box:~$`, `[ada@box ~]$`, `ada@box ~ %`, `ada@box:/srv#`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a recording names of the people and machines it comes from; each sorted."""

    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """That the source says it worked in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """An episode that a recording gives, and whom the recording names beside it."""

    episode: Episode
    named: Named = Named()


def home_depth(parts: tuple[str, ...]) -> int:
    """Return how many parts of an absolute name are a home folder; 0: it is in none."""
    found = _HOME.match(_joined(parts)) if parts[:1] == ("/",) else None
    return 0 if found is None else found[0].count("/") + 1


def _joined(parts: tuple[str, ...]) -> str:
    return "/" + "/".join(parts[1:6])


class People:
    """Takes names as a reader meets them; `named` gives all."""

    def __init__(self) -> None:
        self._users: set[str] = set()
        self._hosts: set[str] = set()
        self._homes: set[str] = set()
        self._folders: set[str] = set()

    def file(self, parts: tuple[str, ...]) -> None:
        """Learn from the parts of the name of a file."""
        if depth := home_depth(parts[:-1]):
            _learn(self._users, parts[depth - 1])
            _learn(self._homes, "/" + "/".join(parts[1:depth]))

    def folder(self, name: str, parts: tuple[str, ...]) -> None:
        """Learn from the folder that a source says it worked in."""
        self.file((*parts, ""))
        _learn(self._folders, name)

    def environment(self, variables: Mapping[str, object]) -> None:
        """Learn from variables of the recorded environment."""
        for names, found in ((_USERS, self._users), (_HOSTS, self._hosts), (_HOMES, self._homes)):
            for name in names:
                if isinstance(value := variables.get(name), str):
                    _learn(found, value.rstrip("/\\") if names == _HOMES else value)
        for home in self._homes:
            _learn(self._users, re.split(r"[\\/]", home)[-1])

    def prompts(self, texts: Iterable[str]) -> None:
        """Learn the hosts that prompts of known users name."""
        for text in texts:
            if "@" in text:
                for found in _PROMPT.finditer(_COLOUR.sub("", text)):
                    if found["user"] in self._users:
                        _learn(self._hosts, found["host"])

    def named(self) -> Named:
        """Return all that was learnt.

        Raises:
            DamagedError: it is more than any recording names.
        """
        hosts = self._hosts | {host.partition(".")[0] for host in self._hosts}
        every = (self._users, hosts, self._homes, self._folders)
        if any(len(some) > MAX_NAMES for some in every):
            raise DamagedError(f"it names more than {MAX_NAMES} users, hosts or folders")
        users, hosts_, homes, folders = (tuple(sorted(some)) for some in every)
        return Named(users=users, hosts=hosts_, homes=homes, folders=folders)


def _learn(found: set[str], name: str) -> None:
    if 0 < len(name) <= _MAX_CHARACTERS and is_whole(name) and name.isprintable():
        found.add(name)
