"""What ends at a hub: withdrawals by key or secret, admission in this process, and a search."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard
from tests.support.hubs import Sent, recovery_secret, send

from signoff_collector.consent.signatures.sshsig import WITHDRAWAL
from signoff_collector.consent.withdrawal import Tombstone
from signoff_hub.admitting.admission import admit
from signoff_hub.admitting.examining import Examined, examine
from signoff_hub.jobs.runner import Runner
from signoff_hub.withdrawing.doing import JOBS
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from tests.support.datasets import Person

    from signoff_hub.node.node import Node
    from signoff_hub.receiving.states import State

WINDOW = 16


class ReaderHere:
    """Reads episodes in this process: what is tested here is not how readers die."""

    def examine(self, path: Path, *, max_bytes: int) -> Examined:
        """Read an episode."""
        return examine(path, max_bytes)


def admitted(node: Node, sent: Sent) -> State:
    """Send an episode and have it admitted."""
    send(node, sent)
    state = admit(node, sent.statement_sha256, ReaderHere())  # type: ignore[arg-type]  # no pool
    assert state is not None
    assert state.state == "admitted", state
    return state


def tombstone_of(sent: Sent, **changes: object) -> Tombstone:
    """Return the tombstone of a sign-off, without a proof."""
    predicate = parse_statement(sent.sign_off.statement).predicate
    known: dict[str, object] = {
        "sha256": sent.sha256,
        "record_id": predicate.record_id,
        "handle": predicate.withdrawal.handle,
        "withdrawn_on": "2026-12-01",
    }
    return Tombstone.model_validate({**known, **changes})


def by_key(sent: Sent, by: Person | None = None, **changes: object) -> bytes:
    """Return a withdrawal signed by somebody; by who signed unless told."""
    unsigned = tombstone_of(sent, **changes)
    signature = (by or sent.person).signature(unsigned.message, WITHDRAWAL).decode("ascii")
    return unsigned.model_copy(update={"signature": signature}).encode()


def by_secret(sent: Sent, **changes: object) -> bytes:
    """Return a withdrawal by the secret behind the handle."""
    record = parse_statement(sent.sign_off.statement).predicate.record_id
    secret = recovery_secret(record).hex()
    return tombstone_of(sent, **{"preimage": secret, **changes}).encode()


def run_jobs(node: Node) -> int:
    """Do the jobs of this room that are due."""
    return Runner(node=node, kinds=JOBS).run_due()


def places_of(node: Node, needles: set[bytes]) -> list[str]:
    """Return the files of the hub's folder that hold one of some byte strings."""
    found: list[str] = []
    for path in sorted(node.folder.root.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if any(one in content for one in needles):
                found.append(str(path.relative_to(node.folder.root)))
    return found


def windows_of(sent: Sent, *others: Sent) -> set[bytes]:
    """Return every run of 16 bytes of an episode, packed and unpacked, that no other one has."""
    strange = b"\x00".join(one for other in others for one in _spellings(other.content))
    return {
        one[at : at + WINDOW]
        for one in _spellings(sent.content)
        for at in range(len(one) - WINDOW + 1)
        if one[at : at + WINDOW] not in strange
    }


def _spellings(content: bytes) -> tuple[bytes, bytes]:
    with zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(content), read_across_frames=True
    ) as reader:
        return content, reader.read()
