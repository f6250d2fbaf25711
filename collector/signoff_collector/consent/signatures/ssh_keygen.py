"""The system's `ssh-keygen`: makes keys and signatures; the private key never enters Python."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import (
    armour,
    check_public_key,
    fingerprint,
    unarmour,
)
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.programs.children import find_program, run_child
from signoff_schemas.errors import DamagedError, NotSignedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.programs.children import ChildResult

_MAKE_S: Final = 60.0
_SIGN_S: Final = 300.0
"""Long enough for a person to type a passphrase or touch a key."""
_MAX_KEY_BYTES: Final = 16 << 10


def make_key(path: Path) -> None:
    """Make an ed25519 key at `path` and `path.pub`, without passphrase and without comment.

    Raises:
        SignoffError: ssh-keygen could not.
    """
    argv: list[str | Path] = [
        find_program("ssh-keygen"),
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-C",
        "",
        "-f",
        path,
    ]
    result = run_child(argv, cwd=path.parent, timeout_s=_MAKE_S)
    if result.exit_code != 0:
        raise SignoffError(
            f"ssh-keygen could not make a key: {_why(result)}",
            hint=f"Check that {path.parent} can be written, and that this user is in /etc/passwd.",
        )


def has_passphrase(path: Path) -> bool:
    """Return whether the private key in a file is locked: `ssh-keygen` asks at the terminal."""
    argv: list[str | Path] = [find_program("ssh-keygen"), "-y", "-P", "", "-f", path]
    result = run_child(argv, cwd=path.parent, timeout_s=_MAKE_S)
    return result.exit_code != 0 and b"incorrect passphrase" in result.stderr


def sign_message(
    message: bytes,
    *,
    key: Path,
    public_key: bytes,
    namespace: str,
    agent_socket: str | None = None,
) -> bytes:
    """Return a signature over `message` in its only accepted spelling, already checked.

    Args:
        message: the exact bytes to sign.
        key: the private key's file, or the public one's when the agent holds the key.
        public_key: wire form of the key that must have signed.
        namespace: what the signature is for.
        agent_socket: where ssh-agent listens, when it is the agent that signs.

    Raises:
        SignoffError: ssh-keygen could not, or signed with another key.
    """
    argv: list[str | Path] = [find_program("ssh-keygen"), "-Y", "sign", "-n", namespace]
    extra: Mapping[str, str] = {}
    if agent_socket is not None:
        argv.append("-U")
        extra = {"SSH_AUTH_SOCK": agent_socket}
    argv += ["-f", key]
    result = run_child(
        argv,
        cwd=key.parent,
        timeout_s=_SIGN_S,
        stdin=message,
        extra_env=extra,
        keeps_terminal=True,
    )
    if result.exit_code != 0:
        raise SignoffError(
            f"ssh-keygen did not sign with {fingerprint(public_key)}: {_why(result)}",
            hint=_sign_hint(result),
        )
    text = armour(unarmour(result.stdout, is_canonical=False))
    if verify_signature(message, text, namespace).public_key != public_key:
        raise SignoffError("ssh-keygen signed with another key than the one asked for")
    return text


_HINTS: Final = (
    (b"passphrase", "The key has a passphrase: `ssh-add` it, or sign in a terminal."),
    (b"agent refused", "ssh-agent refused: unlock it, confirm there, or touch the security key."),
    (b"device not found", "Plug the security key in, then sign again and touch it."),
    (b"agent contains no identities", "`ssh-add` the key, then sign again."),
)


def _sign_hint(result: ChildResult) -> str:
    said = result.stderr.lower()
    found = [hint for words, hint in _HINTS if words in said]
    return found[0] if found else "Nothing was written. Check that the key exists and is unlocked."


def _why(result: ChildResult) -> str:
    """Return how a child failed, with the first line of what it said."""
    said = result.stderr.decode("utf-8", "replace").strip().split("\n")[0].strip()[:200]
    return f"exit code {result.exit_code}{f' ({said})' if said else ''}"


def agent_holds(public_key: bytes, agent_socket: str) -> bool:
    """Tell whether the ssh-agent at this socket offers the key."""
    result = run_child(
        [find_program("ssh-add"), "-L"],
        cwd=Path("/"),
        timeout_s=_MAKE_S,
        extra_env={"SSH_AUTH_SOCK": agent_socket},
    )
    if result.exit_code != 0:
        return False
    wanted = base64.b64encode(public_key).decode()
    return any(
        wanted in line.split() for line in result.stdout.decode("utf-8", "replace").split("\n")
    )


def read_public_key(path: Path) -> bytes:
    """Return the wire form of the key in a `.pub` file.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it holds no plain public key.
    """
    return parse_public_key(read_regular(path, max_bytes=_MAX_KEY_BYTES).decode("utf-8", "replace"))


def parse_public_key(line: str) -> bytes:
    """Return the wire form of a key written as `TYPE BASE64 [COMMENT]`.

    Raises:
        DamagedError: it is no plain public key; certificates are none.
    """
    words = line.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
        key_type = check_public_key(blob)
    except (IndexError, binascii.Error, ValueError, NotSignedError) as error:
        raise DamagedError(
            "this public key cannot be used to sign: a plain SSH key is needed",
            hint="Certificates and security keys made for other applications are refused.",
        ) from error
    if key_type != words[0]:
        raise DamagedError("the public key is not of the type that it names")
    return blob


def public_key_line(public_key: bytes) -> str:
    """Return a key as allowed-signers files hold it."""
    return f"{check_public_key(public_key)} {base64.b64encode(public_key).decode()}"
