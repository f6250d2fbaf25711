"""Gather the identities of this machine and its people before sealing, and find them in text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from signoff_collector.redaction.detectors.paths import OTHER_HOME, find_folders, folder_pattern
from signoff_collector.redaction.detectors.personal import find_personal
from signoff_collector.redaction.detectors.urls import find_hosts, find_url_parts
from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.remembered import Remembered
from signoff_collector.redaction.values.names import PeopleIndex, is_generic
from signoff_collector.system.users import host_name


class Found(NamedTuple):
    """One identity or piece of personal data in a text."""

    start: int
    end: int
    kind: str
    """Middle part of the placeholder."""
    value: str
    """Normalised, so equal for all spellings of the same."""
    is_shape: bool = False
    """Recognised by its shape only, so not masked if the base commit already contains it."""


def machine_identities(
    environ: Mapping[str, str],
    workspace: Path | None = None,
    *,
    authors: Iterable[tuple[str, str]] = (),
    own: Iterable[str] = (),
    domains: Iterable[str] = (),
) -> Identities:
    """Return the identities of this machine, of the workspace and of git authors.

    Args:
        environ: provides HOME, USER, LOGNAME, HOSTNAME and their kin.
        workspace: its root; its absolute path is masked as a whole.
        authors: (name, e-mail) pairs, such as git's `user.name` and `user.email` and
            those of the commits in the session.
        own: the developer's own names and addresses.
        domains: of the developer's organisation.
    """
    homes = {environ.get("HOME", ""), environ.get("USERPROFILE", "")}
    homes |= {os.path.realpath(home) for home in homes if home}
    users = {environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    users |= {Path(home).name for home in homes if home}
    hosts = {environ.get("HOSTNAME", ""), environ.get("COMPUTERNAME", ""), host_name()}
    hosts |= {host.partition(".")[0] for host in hosts}
    pairs = sorted(set(authors))
    roots = set() if workspace is None else {str(workspace), os.path.realpath(workspace)}
    return Identities(
        home_paths=_known(homes - {"/"}),
        user_names=_known(users),
        host_names=_known(hosts),
        person_names=_known({name for name, _ in pairs}),
        email_addresses=_known({mail for _, mail in pairs}),
        workspace_paths=_known(roots),
        own_values=_known(own),
        domains=_known(domains),
        people=tuple(sorted({_known(pair) for pair in pairs} - {()})),
    )


def _known(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value.strip() for value in values if value.strip()}))


class IdentityPatterns:
    """Finds identities (exact value, whole word), commit ids and personal data in text."""

    def __init__(self, identities: Identities, commits: Mapping[str, str] | None = None) -> None:
        found: list[tuple[str, str, str]] = []
        for kind, values in _by_kind(identities):
            found.extend((kind, value, _pattern(kind, value)) for value in values)
        self._kinds = [kind for kind, _, _ in found]
        self._values = [value.lower() for _, value, _ in found]
        self._pattern = re.compile(
            "|".join([f"({text})" for _, _, text in found] + [f"({OTHER_HOME})"])
        )
        self._own_domains = tuple(one.lower() for one in identities.domains)
        self._domains = _domain_pattern(self._own_domains)
        self._gate = tuple({_last_part(value).lower() for _, value, _ in found})
        self._plain_lines: set[int] = set()
        self._people = PeopleIndex(identities)
        self._commits = CommitIndex({} if commits is None else commits)
        self._remembered = Remembered(self._look)

    def find(self, text: str) -> Sequence[Found]:
        """Return all matches, sorted by offset; they may overlap."""
        return self._remembered.find(text)

    def _look(self, text: str) -> list[Found]:
        found: list[Found] = []
        lowered = text.lower()
        if any(part in lowered for part in (*self._gate, "home", "users")):
            found.extend(self._named(text))
        found.extend(Found(*one) for one in self._people.find(text))
        found.extend(Found(*one) for one in self._commits.find(text))
        if self._domains is not None and any(one in lowered for one in self._own_domains):
            hosts = self._domains.finditer(text)
            found.extend(Found(*match.span(), "HOST", match[0].lower()) for match in hosts)
        for hit in find_personal(text):
            value = re.sub(r"[ ().\u00a0/-]", "", text[hit.start : hit.end]).lower()
            if not any(one.start <= hit.start and hit.end <= one.end for one in found):
                # A handle or domain in an address is a part of the address.
                found = [one for one in found if one.start < hit.start or hit.end < one.end]
                found.append(Found(hit.start, hit.end, hit.kind, value, is_shape=True))
        found.extend(Found(start, end, "HOST", host, True) for start, end, host in find_hosts(text))
        found.extend(Found(*part, True) for part in find_url_parts(text, only_signed=True))
        return sorted(found)

    def commit_name(self, commit: str) -> str | None:
        """Return the pseudonym of a commit."""
        return self._commits.name_of(commit)

    def find_in_strings(self, text: str) -> list[Found]:
        """Return what `find` does for a string of many lines, also folders and parts of URLs.

        Lines without a match are cached.
        """
        found: list[Found] = []
        at = 0
        for line in text.split("\n"):
            if line and hash(line) not in self._plain_lines:
                here = self._in_string_line(line)
                found.extend(one._replace(start=at + one.start, end=at + one.end) for one in here)
                if not here and len(self._plain_lines) < _KNOWN_LINES:
                    self._plain_lines.add(hash(line))
            at += len(line) + 1
        return found

    def _in_string_line(self, line: str) -> list[Found]:
        found = list(self.find(line))
        more = [Found(*one) for one in find_folders(line)]
        more += [Found(*part) for part in find_url_parts(line)]
        return found + [
            one
            for one in more
            if all(one.end <= known.start or known.end <= one.start for known in found)
        ]

    def person_of(self, value: str) -> int | None:
        """Return the number of the git author with a name or address, 0 for the developer.

        None if it belongs to nobody.
        """
        return self._people.person_of(value)

    def _named(self, text: str) -> list[Found]:
        found: list[Found] = []
        for match in self._pattern.finditer(text):
            place = match.lastindex or 0
            if match["other"] is not None:
                name = match["other"].lower()
                if not is_generic(name) and not name.startswith(_PLACEHOLDER):
                    found.append(Found(*match.span("other"), "USER", name))
            elif place:
                found.append(Found(*match.span(), self._kinds[place - 1], self._values[place - 1]))
        return found


_PLACEHOLDER: Final = "redacted_"
_KNOWN_LINES: Final = 200_000
_COMMIT: Final = re.compile(r"(?<![0-9A-Za-z_-])[0-9a-f]{7,64}(?![0-9A-Za-z_])")
_SHORTEST_ID: Final = 7


class CommitIndex:
    """Finds object ids of known commits, in full or abbreviated to 7 digits or more."""

    def __init__(self, commits: Mapping[str, str]) -> None:
        self._names = commits
        self._by_start: dict[str, list[str]] = {}
        for one in sorted(commits):
            self._by_start.setdefault(one[:_SHORTEST_ID], []).append(one)

    def name_of(self, commit: str) -> str | None:
        """Return the pseudonym of a commit."""
        return self._names.get(commit)

    def find(self, text: str) -> list[tuple[int, int, str, str]]:
        """Return start, end, kind and full id of every known commit."""
        if not self._by_start:
            return []
        hits: list[tuple[int, int, str, str]] = []
        for match in _COMMIT.finditer(text):
            known = self._by_start.get(match[0][:_SHORTEST_ID], ())
            whole = next((one for one in known if one.startswith(match[0])), None)
            if whole is not None:
                hits.append((*match.span(), "COMMIT", whole))
        return hits


def _by_kind(identities: Identities) -> list[tuple[str, list[str]]]:
    """Return the kinds with the values worth searching for, longest first.

    A longer path must match before a parent of it, since alternation takes the first.
    """
    kinds = [
        ("WORKSPACE", [v for v in identities.workspace_paths if v.count("/") + v.count("\\") > 1]),
        ("HOME", [v for v in identities.home_paths if len(v) > 3]),
        ("USER", [v for v in identities.user_names if len(v) >= 3 and not is_generic(v)]),
        ("HOST", [v for v in identities.host_names if len(v) >= 4 and not is_generic(v)]),
    ]
    return [(kind, sorted(values, key=len, reverse=True)) for kind, values in kinds]


def _domain_pattern(domains: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of all names in these domains."""
    known = "|".join(sorted(map(re.escape, domains), key=len, reverse=True))
    if not known:
        return None
    return re.compile(
        rf"(?i)(?<![\w-])(?:[a-z0-9_][a-z0-9_-]{{0,62}}\.){{0,8}}(?:{known})(?![\w-])"
    )


def _pattern(kind: str, value: str) -> str:
    if kind in {"WORKSPACE", "HOME"}:
        return folder_pattern(value)
    escaped = re.escape(value)
    if kind == "HOST":
        escaped = f"(?i:{escaped})"
    return rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"


def _last_part(value: str) -> str:
    """Return the last component of a path, which all spellings of the path contain."""
    return re.split(r"[\\/]", value.rstrip("\\/"))[-1].partition(" ")[0]
