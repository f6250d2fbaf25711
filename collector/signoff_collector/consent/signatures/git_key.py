"""The developer's own git signing key, for `--as-me`: it names its owner.

Only the user's own git settings are asked, never a repository's, which come from
whoever wrote the repository. `gpg.ssh.program` is not run either.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.git.git import users_setting
from signoff_collector.consent.signatures.keys import SigningKey
from signoff_collector.consent.signatures.ssh_keygen import agent_holds, read_public_key
from signoff_collector.own_files.private_files import replace_private
from signoff_schemas.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT: Final = "Set one: git config --global user.signingKey ~/.ssh/id_ed25519.pub"


def find_git_key(scratch: Path, environ: Mapping[str, str] = os.environ) -> SigningKey:
    """Return the SSH key with which the user signs commits, held in a file or by ssh-agent.

    Args:
        scratch: a private folder; a key written out in the settings is put there.
        environ: where `SSH_AUTH_SOCK` is looked up.

    Raises:
        NotFoundError: no SSH signing key is set, or neither file nor agent has it.
        RefusedError: git signs with something else than SSH.
    """
    kind = users_setting("gpg.format")
    if kind not in ("", "ssh"):
        raise RefusedError(f"git signs with {kind}, not with SSH", hint="Sign without --as-me.")
    named = users_setting("user.signingKey")
    if not named:
        raise NotFoundError("git has no signing key in your own settings", hint=_HINT)
    literal = named.removeprefix("key::")
    if literal != named or literal.startswith(("ssh-", "ecdsa-", "sk-")):
        path = scratch / "signing_key.pub"
        replace_private(path, os.fsencode(f"{literal}\n"))
    else:
        path = Path(literal).expanduser()
    return _usable(path, environ)


def _usable(path: Path, environ: Mapping[str, str]) -> SigningKey:
    """Prefer the agent, which has the key unlocked, then the file of the private key."""
    private = path.with_suffix("") if path.suffix == ".pub" else path
    public = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
    public_key = read_public_key(public.resolve())
    socket = environ.get("SSH_AUTH_SOCK", "")
    if Path(socket).is_absolute() and agent_holds(public_key, socket):
        return SigningKey(
            kind="as-me", public_key=public_key, path=public.resolve(), agent_socket=socket
        )
    if private.is_file():
        return SigningKey(kind="as-me", public_key=public_key, path=private.resolve())
    raise NotFoundError(
        "your git signing key is neither in a file nor in ssh-agent",
        hint="Start ssh-agent and `ssh-add` it, or sign without --as-me.",
    )
