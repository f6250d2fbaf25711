"""Collects the people named in a repository: authors, trailers, code owners, copyright holders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.git.git import Git

MAX_COMMITS: Final = 20_000
"""Number of newest commits whose authors are read."""
_TRAILERS: Final = (
    "Co-authored-by", "Signed-off-by", "Reviewed-by", "Acked-by", "Tested-by", "Reported-by",
    "Suggested-by", "Helped-by",
)  # fmt: skip
_FORMAT: Final = "%an <%ae>%n%cn <%ce>%n%(trailers:{},valueonly,separator=%x0A)".format(
    ",".join(f"key={one}" for one in _TRAILERS)
)
_PLAIN_FORMAT: Final = "%an <%ae>%n%cn <%ce>"
_PERSON: Final = re.compile(r"\s*([^<>]{0,200}?)\s*<([^<>\s]{3,200})>")
_ADDRESS: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_OWNERS: Final = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_LICENCES: Final = (
    "LICENSE",
    "LICENSE.txt",
    "LICENSE.md",
    "LICENCE",
    "COPYING",
    "NOTICE",
    "AUTHORS",
)
_COPYRIGHT: Final = re.compile(
    r"(?im)^[\s#/*;!.-]{0,20}(?:Copyright|SPDX-FileCopyrightText:|©)[ \t]*(?:\([cC]\)|©|:)?"
    r"(?:[ \t]*(?:19|20)\d\d(?:[ \t]*[-,\u2013][ \t]*(?:(?:19|20)\d\d|present))*,?)?[ \t]+"
    r"(?:by[ \t]+)?(?P<holder>[^\n]{3,200})$"
)
_AUTHOR: Final = re.compile(
    r"(?im)^[\s#/*;!.-]{0,20}(?:@?authors?|maintainers?)[ \t]*:[ \t]*(?P<holder>[^\n]{3,200})$"
)
_HOLDERS_END: Final = re.compile(
    r"(?i)[.,;]?\s*(?:all rights reserved.*|\*/|-->|<[^>]*>|\([^)]*@[^)]*\))\s*$"
)
_NO_PERSON: Final = re.compile(
    r"(?i)\b(?:inc|llc|ltd|gmbh|corp|corporation|company|foundation|authors|contributors|team"
    r"|project|developers|university|institute|the|and|holders?|all)\b|[\d@:/]"
)
_MOST_WORDS: Final = 4


def read_people(git: Git) -> tuple[tuple[str, str], ...]:
    """Return name and e-mail address of all people in the history, CODEOWNERS and licences."""
    said = _run(git, "log", "--all", "-n", str(MAX_COMMITS), f"--format={_FORMAT}")
    if not said:
        said = _run(git, "log", "--all", "-n", str(MAX_COMMITS), f"--format={_PLAIN_FORMAT}")
    pairs = set(_pairs(sorted(set(said.splitlines()))))
    for name in _OWNERS:
        owners = _run(git, "cat-file", "blob", f"HEAD:{name}")
        pairs |= {("", match[0]) for match in _ADDRESS.finditer(owners)}
    for name in _LICENCES:
        pairs |= set(holders(_run(git, "cat-file", "blob", f"HEAD:{name}")))
    return tuple(sorted(pairs))


def own_names(git: Git) -> tuple[str, ...]:
    """Return names and e-mail addresses of the developer from git's configuration."""
    keys = ("user.name", "user.email", "author.name", "author.email")
    return tuple(sorted({value for key in keys if (value := _setting(git, key))}))


def holders(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and e-mail address of the people named in a licence or file header."""
    for pattern in (_COPYRIGHT, _AUTHOR):
        for match in pattern.finditer(text):
            holder = match["holder"].strip()
            address = _ADDRESS.search(holder)
            name = _HOLDERS_END.sub("", _HOLDERS_END.sub("", holder)).strip(" \t.,;*-")
            words = name.split()
            is_person = 2 <= len(words) <= _MOST_WORDS and all(w[0].isupper() for w in words)
            if not is_person or _NO_PERSON.search(name):
                name = ""
            if name or address is not None:
                yield name, "" if address is None else address[0]


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _PERSON.match(line)
        if match is not None:
            yield match[1], match[2]


def _run(git: Git, *arguments: str) -> str:
    try:
        return git.run(*arguments).decode("utf-8", "replace")
    except SignoffError:
        return ""


def _setting(git: Git, key: str) -> str:
    try:
        return git.run("config", "--get", key, accepted=frozenset({0, 1})).decode().strip()
    except (SignoffError, UnicodeDecodeError):
        return ""
