"""The commands with which anybody checks a sign-off without Signoff."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import SIGN_OFF, parse_signature, unarmour
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.sign_off_files import SignOff


def stock_commands(episode: Path, statement: Path, sign_off: SignOff) -> tuple[str, ...]:
    """Return three lines for a shell: who may sign, the signature, the digest.

    Args:
        episode: where the episode lies.
        statement: where the statement lies; its signature lies beside it.
        sign_off: what they hold.

    Raises:
        NotSignedError: statement or signature is malformed.
    """
    parsed = parse_statement(sign_off.statement)
    key = public_key_line(parse_signature(unarmour(sign_off.signature)).public_key)
    who = parsed.predicate.contributor
    where = shlex.quote(str(statement))
    line = f'{who} namespaces="{SIGN_OFF}" {key}'
    return (
        f"echo {shlex.quote(line)} > allowed_signers",
        f"ssh-keygen -Y verify -f allowed_signers -I {who} -n {SIGN_OFF} -s {where}.sig < {where}",
        f"echo '{parsed.sha256}  '{shlex.quote(str(episode))} | sha256sum -c",
    )
