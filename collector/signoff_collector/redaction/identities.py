"""Who and where this machine is: gathered once, before sealing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from signoff_collector.redaction.interface import Identities


def machine_identities(
    environ: Mapping[str, str],
    workspace: Path | None = None,
    *,
    authors: Iterable[tuple[str, str]] = (),
) -> Identities:
    """Return the identities of this machine, of the workspace and of git authors.

    Args:
        environ: where HOME, USER, LOGNAME, HOSTNAME come from.
        workspace: its root; its absolute path is masked as a whole.
        authors: (name, e-mail) pairs, such as git's `user.name` and `user.email` and
            those of the commits in the session.
    """
    homes = {environ.get("HOME", ""), environ.get("USERPROFILE", "")}
    homes |= {os.path.realpath(home) for home in homes if home}
    users = {environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    users |= {Path(home).name for home in homes if home}
    hosts = {environ.get("HOSTNAME", ""), _host_name()}
    hosts |= {host.partition(".")[0] for host in hosts}
    pairs = list(authors)
    roots = set() if workspace is None else {str(workspace), os.path.realpath(workspace)}
    return Identities(
        home_paths=_known(homes - {"/"}),
        user_names=_known(users),
        host_names=_known(hosts),
        person_names=_known({name for name, _ in pairs}),
        email_addresses=_known({mail for _, mail in pairs}),
        workspace_paths=_known(roots),
    )


def _host_name() -> str:
    return os.uname().nodename


def _known(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value.strip() for value in values if value.strip()}))


class IdentityPatterns:
    """Finds the identities of a machine in text, by exact value and whole word."""

    def __init__(self, identities: Identities) -> None:
        found: list[tuple[str, str, str]] = []
        for kind, values in _by_kind(identities):
            found.extend((kind, value, _pattern(kind, value)) for value in values)
        self._kinds = [kind for kind, _, _ in found]
        self._pattern = re.compile(
            "|".join([f"({text})" for _, _, text in found] + [f"({_OTHER_HOMES})"])
        )
        self._gate = tuple({value.lower() for _, value, _ in found})

    def find(self, text: str) -> list[tuple[int, int, str, str]]:
        """Return start, end, kind and value of every identity in a text."""
        lowered = text.lower()
        if not any(part in lowered for part in (*self._gate, "/home/", "/users/", "\\users\\")):
            return []
        hits: list[tuple[int, int, str, str]] = []
        for match in self._pattern.finditer(text):
            place = match.lastindex or 0
            if place <= len(self._kinds):
                hits.append((*match.span(), self._kinds[place - 1], match[0].lower()))
            elif (name := match["other"]).lower() not in _GENERIC:
                hits.append((*match.span("other"), "USER", name.lower()))
        return hits


_GENERIC_LIST: Final = (
    "root user users admin administrator test tester testing home dev devel developer main"
    " demo runner runneradmin ubuntu debian vagrant node app apps web guest nobody public"
    " shared data name default python build builder jenkins circleci travis gitpod codespace"
    " vscode docker host local localhost localdomain server client linux macbook system none"
    " null example ec2-user username service worker base code work coder agent model machine"
    " computer desktop"
)
_GENERIC: Final = frozenset(_GENERIC_LIST.split())
_OTHER_HOMES: Final = (
    r"(?:(?<![\w.-])/(?:home|Users)/|\b[A-Za-z]:[\\/]{1,2}Users[\\/]{1,2})(?P<other>[\w.-]{2,64})"
)


def _by_kind(identities: Identities) -> list[tuple[str, list[str]]]:
    """Return kinds with the values worth looking for, longest first."""
    short = {
        "USER": (identities.user_names, 3),
        "HOST": (identities.host_names, 4),
        "NAME": (identities.person_names, 4),
    }
    kinds = [
        ("WORKSPACE", [v for v in identities.workspace_paths if v.count("/") + v.count("\\") > 1]),
        ("HOME", [v for v in identities.home_paths if len(v) > 3]),
        ("EMAIL", [v for v in identities.email_addresses if "@" in v]),
    ]
    for kind, (values, least) in short.items():
        kinds.append((kind, [v for v in values if len(v) >= least and v.lower() not in _GENERIC]))
    return [(kind, sorted(values, key=len, reverse=True)) for kind, values in kinds]


def _pattern(kind: str, value: str) -> str:
    escaped = re.escape(value)
    if kind in {"WORKSPACE", "HOME"}:
        return rf"(?<![\w.-]){escaped}(?![\w-])"
    if kind == "EMAIL":
        return rf"(?i:(?<![\w.+-]){escaped}(?![\w-]))"
    if kind == "NAME":
        return rf"(?i:(?<!\w){escaped}(?!\w))"
    return rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"
