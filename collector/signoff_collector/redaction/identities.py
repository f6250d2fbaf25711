"""Who and where this machine is: gathered once, before sealing."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

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
    homes = {environ.get("HOME", ""), environ.get("USERPROFILE", ""), os.path.expanduser("~")}
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
    try:
        return socket.gethostname()
    except OSError:
        return ""


def _known(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value.strip() for value in values if value.strip()}))
