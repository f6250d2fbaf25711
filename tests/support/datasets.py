"""Signed episodes of many people, without starting `ssh-keygen`, and folders and stores of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.episodes import sample_episode

from signoff_collector.consent.sign_off_files import SignOff, Snapshot
from signoff_collector.consent.signatures.authority import parse_allowed_signers
from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import (
    SIGN_OFF,
    armour,
    signed_data,
    wire_string,
)
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.consent.terms.notices import current_notice
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.upload.stores.layout import blob_key, signature_key, statement_key
from signoff_datasets.screening.authority import Authority
from signoff_schemas.dataset import Request
from signoff_schemas.statement import (
    Predicate,
    Purpose,
    Requester,
    Review,
    ReviewMode,
    Rights,
    SharedEpisode,
    Withdrawal,
    make_statement,
    parse_time,
    statement_sha256,
)
from signoff_schemas.steps import NoteStep
from signoff_schemas.words import Owner

AUDIENCE = Audience("s3://store.example/bucket")
DAY = "2027-01-01T00:00:00Z"


def words(seed: object, length: int = 32) -> str:
    """Return hexadecimal digits that follow from a seed."""
    return hashlib.sha256(repr(seed).encode()).hexdigest()[:length]


def request(**changes: object) -> Request:
    """Return what the data sets of these tests are for."""
    known: dict[str, object] = {
        "purpose": Purpose.MODEL_TRAINING,
        "licences": "any",
        "k": 1,
        "as_of": DAY,
        "splits": {"train": 1000},
        "shard_bytes": 1 << 20,
    }
    return Request.model_validate({**known, **changes})


def shared_episode(number: int, *, text: str = "", origin: str = "shared") -> Episode:
    """Return an episode with every kind of thing in it, other than that of another number."""
    sample = sample_episode()
    note = NoteStep(seq=21, t_ns=2_900_000_000, source="bridge:1", text=f"{text}{number}")
    header = sample.header.model_copy(
        update={"origin": origin, "session": words(("session", number)), "started_wall_ns": None}
    )
    return replace(sample, header=header, steps=(*sample.steps[:-1], note))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a key."""

    number: int

    @property
    def key(self) -> Ed25519PrivateKey:
        seed = hashlib.sha256(f"person {self.number} of the tests".encode()).digest()
        return Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> bytes:
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return wire_string(b"ssh-ed25519") + wire_string(raw)

    @property
    def contributor(self) -> str:
        return words(("contributor", self.number))

    @property
    def line(self) -> str:
        """As an allowed-signers file has it."""
        return f'{self.contributor} namespaces="{SIGN_OFF}" {public_key_line(self.public_key)}\n'

    def signature(self, message: bytes, namespace: str = SIGN_OFF) -> bytes:
        data = signed_data(namespace, "sha512", message)
        signed = wire_string(b"ssh-ed25519") + wire_string(self.key.sign(data))
        fields = (self.public_key, namespace.encode(), b"", b"sha512", signed)
        return armour(b"SSHSIG" + b"\0\0\0\x01" + b"".join(map(wire_string, fields)))

    def predicate(self, content: bytes, **changes: object) -> Predicate:
        sha256 = hashlib.sha256(content).hexdigest()
        known = Predicate(
            record_id=words(("record", self.number, sha256)),
            event_time="2026-11-20T12:00:00Z",
            expires="2027-11-20T12:00:00Z",
            shown_digest=sha256,
            episode=SharedEpisode(
                format_version=1,
                size_bytes=len(content),
                steps={"note": 1},
                time_resolution="exact",
            ),
            redaction={},
            review=Review(mode=ReviewMode.PAGE, tool_version="0.1.0", files_seen=1, outputs_seen=0),
            notice=current_notice(),
            purposes=(Purpose.MODEL_TRAINING,),
            prohibited_uses=(),
            audience=AUDIENCE,
            licence="MIT",
            rights=Rights(
                basis=Owner.MINE,
                holder="contributor",
                repository_licence="Apache-2.0",
                permission_reference=None,
            ),
            requested_by=Requester.NOBODY,
            ai_providers=(),
            contributor=self.contributor,
            repository=words(("repository", self.number)),
            withdrawal=Withdrawal(handle=words("handle", 64)),
        )
        return known.model_copy(update=changes)

    def sign(self, content: bytes, **changes: object) -> SignOff:
        """Return a sign-off over an episode."""
        predicate = self.predicate(content, **changes)
        statement = make_statement(predicate.shown_digest, predicate)
        return SignOff(statement=statement, signature=self.signature(statement))


def snapshot(content: bytes) -> Snapshot:
    return Snapshot(content=content, sha256=hashlib.sha256(content).hexdigest())


def content_of(number: int, *, text: str = "") -> bytes:
    """Return the bytes of `shared_episode`."""
    return write_episode(shared_episode(number, text=text))


def put(folder: Path, name: str, content: bytes, sign_off: SignOff | None) -> Path:
    """Put an episode into a folder, its sign-off beside it."""
    path = folder / f"{name}.episode"
    path.write_bytes(content)
    if sign_off is not None:
        path.with_name(f"{name}.signoff.json").write_bytes(sign_off.statement)
        path.with_name(f"{name}.signoff.json.sig").write_bytes(sign_off.signature)
    return path


def put_in_store(store: Path, content: bytes, sign_off: SignOff) -> str:
    """Put an episode into a folder store; return its digest."""
    sha256, statement = hashlib.sha256(content).hexdigest(), statement_sha256(sign_off.statement)
    for key, held in (
        (blob_key(sha256), content),
        (signature_key(sha256, statement), sign_off.signature),
        (statement_key(sha256, statement), sign_off.statement),
    ):
        place = store / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(held)
    return sha256


def authority_of(people: Iterable[Person], day: str = DAY, *, is_own: bool = False) -> Authority:
    """Return an authority that vouches for these people, or for them as the one at this machine."""
    signers = parse_allowed_signers("".join(one.line for one in people).encode())
    moment: datetime = parse_time(day).astimezone(UTC)
    return Authority(
        vouches=lambda signed, key: signers.vouch(signed.contributor, key, SIGN_OFF, moment).is_so,
        void_because=lambda _: None,
        audience=None if is_own else AUDIENCE,
    )
