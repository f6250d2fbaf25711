"""Nodes of hubs, and signed episodes for them in bulk, all made from seeds.

The same tests run on other databases and stores: `SIGNOFF_HUB_DATABASE` names a PostgreSQL
database (each node's tables are in a schema of its own), `SIGNOFF_HUB_STORE` a bucket with a
prefix (each node has a folder of its own in it).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, text
from tests.support.clock import FakeClock
from tests.support.datasets import Person, shared_episode, words

from signoff_collector.consent.receipts import parse_receipt
from signoff_collector.consent.recovery import withdrawal_handle
from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import SIGN_OFF as SIGN_OFF_NAMESPACE
from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_collector.consent.stated_numbers import shared_episode as stated_episode
from signoff_collector.consent.stated_numbers import stated_redaction
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_collector.system.clock import Clock
from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    signature_key,
    statement_key,
)
from signoff_hub.database.database import Database
from signoff_hub.database.tables import (
    ACCOUNT,
    BLOB,
    EPISODE,
    JOB,
    KEY,
    LOG_LEAF,
    LOG_OPENING,
    SIGN_OFF,
)
from signoff_hub.database.writing import create_row
from signoff_hub.node.node import Node, open_node
from signoff_hub.place.hub_folder import open_hub_folder
from signoff_hub.receiving.blobs import receive_blob
from signoff_hub.receiving.sign_offs import receive_sign_off
from signoff_hub.receiving.states import State, read_state
from signoff_schemas.hub import receiver_of
from signoff_schemas.hub_log import parse_entry
from signoff_schemas.statement import (
    Predicate,
    Purpose,
    Withdrawal,
    format_time,
    make_statement,
    statement_sha256,
)

if TYPE_CHECKING:
    from signoff_hub.node.node import Probe

DATABASE = os.environ.get("SIGNOFF_HUB_DATABASE") or None
STORE = os.environ.get("SIGNOFF_HUB_STORE") or None
ADDRESS = Audience("https://hub.example.org/team")
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a hub keeps things: its folder, and what it was told instead of its defaults."""

    root: Path
    database: str | None = None
    store: str | None = None

    def open(self, *, clock: Clock | None = None, probe: Probe = lambda _: None) -> Node:
        """Open a node; any number may be open at once."""
        return open_node(
            open_hub_folder(self.root),
            database_url=self.database,
            store_url=self.store,
            clock=clock or FakeClock(),
            address=ADDRESS,
            probe=probe,
        )


@contextmanager
def made_place(root: Path, settings: str = "") -> Generator[Place]:
    """Make the place of a new hub; what it holds outside its folder is gone afterwards.

    Args:
        root: a folder that is not there yet.
        settings: the lines of `hub.toml`.
    """
    open_hub_folder(root)
    if settings:
        (root / "hub.toml").write_text(settings, "utf-8")
    name = f"t{words((str(root), os.getpid()), 16)}"
    database = None
    if DATABASE is not None:
        with _schemas() as run:
            run(f"CREATE SCHEMA {name}")
        database = f"{DATABASE}{'&' if '?' in DATABASE else '?'}options=-csearch_path%3D{name}"
    store = None if STORE is None else f"{STORE.rstrip('/')}/{name}"
    try:
        yield Place(root=root, database=database, store=store)
    finally:
        if DATABASE is not None:
            with _schemas() as run:
                run(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def made_node(
    root: Path,
    settings: str = "",
    *,
    clock: Clock | None = None,
    probe: Probe = lambda _: None,
) -> Generator[Node]:
    """Make a hub with one node."""
    with made_place(root, settings) as place:
        node = place.open(clock=clock, probe=probe)
        try:
            yield node
        finally:
            node.close()


@contextmanager
def _schemas() -> Generator[Callable[[str], None]]:
    assert DATABASE is not None
    database = Database(DATABASE)
    try:
        with database.write() as connection:
            yield lambda statement: connection.execute(text(statement)) and None
    finally:
        database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An episode with its sign-off, ready to be sent."""

    person: Person
    content: bytes
    sign_off: SignOff

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def statement_sha256(self) -> str:
        return statement_sha256(self.sign_off.statement)


def account_of(person: Person) -> str:
    """Return the account of somebody of the tests."""
    return words(("account", person.number))


def enrol(node: Node, *people: Person, at: int = 0) -> None:
    """Let people sign in, as `signing_in` does."""
    with node.database.write() as connection:
        for person in people:
            account = account_of(person)
            create_row(connection, ACCOUNT, {"id": account, "state": "active"})
            values = {
                "fingerprint": fingerprint(person.public_key),
                "account": account,
                "public_key": public_key_line(person.public_key),
                "valid_from": at,
            }
            create_row(connection, KEY, values)


def masked(episode: Episode, **header: object) -> Episode:
    """Return an episode as a review would let it out."""
    changed = {"versions": {MARK: "1"}, "origin": "shared", "started_wall_ns": None, **header}
    return replace(episode, header=episode.header.model_copy(update=changed))


@cache
def content_of(number: int, note: str = "") -> bytes:
    """Return the bytes of a small episode that a hub admits; each number has others."""
    return write_episode(masked(shared_episode(number, text=note)))


@cache
def bad_content(number: int) -> bytes:
    """Return the bytes of an episode that a hub refuses: it is as it was sealed."""
    return write_episode(masked(shared_episode(number), origin="recorded"))


def predicate_for(node: Node, person: Person, content: bytes, **changes: object) -> Predicate:
    """Return what somebody agrees to for this hub, now, with some fields changed."""
    sha256 = hashlib.sha256(content).hexdigest()
    now = datetime.fromtimestamp(node.now(), UTC)
    record = str(changes.get("record_id", words(("record", person.number, sha256))))
    known: dict[str, object] = {
        "record_id": record,
        "event_time": format_time(now),
        "expires": format_time(now + timedelta(days=365)),
        "purposes": (Purpose.MODEL_TRAINING, Purpose.RESEARCH),
        "audience": node.address,
        "receiver": receiver_of(node.terms),
        "withdrawal": Withdrawal(handle=withdrawal_handle(recovery_secret(record))),
    }
    try:
        episode = _read(content)
    except Exception:  # noqa: BLE001  (bytes that are no episode are signed as if they were)
        episode = None
    if episode is not None:
        known["episode"] = stated_episode(len(content), episode)
        known["redaction"] = stated_redaction(episode.header)
    return person.predicate(content, **{**known, **changes})


def recovery_secret(record_id: str) -> bytes:
    """Return the secret behind the handle of a record of these tests."""
    return hashlib.sha256(f"secret of {record_id}".encode()).digest()


def sign(node: Node, person: Person, content: bytes, **changes: object) -> Sent:
    """Have somebody sign an episode for this hub."""
    predicate = predicate_for(node, person, content, **changes)
    statement = make_statement(predicate.shown_digest, predicate)
    sign_off = SignOff(statement=statement, signature=person.signature(statement))
    return Sent(person=person, content=content, sign_off=sign_off)


def signed(node: Node, number: int, *, person: int | None = None, **changes: object) -> Sent:
    """Return a signed episode, by its number; the person's number is the same unless given."""
    who = Person(number=number if person is None else person)
    return sign(node, who, content_of(number), **changes)


def state_of(node: Node, statement: str) -> str:
    """Return the state of a sign-off, which whoever waits may ask as often as they like."""
    with node.database.read() as connection:
        state = read_state(connection, statement)
    assert state is not None
    return state.state.value


def send_blob(node: Node, sent: Sent) -> bool:
    """Send the bytes, as the API spools them."""
    with tempfile.TemporaryDirectory(dir=node.folder.incoming) as folder:
        path = Path(folder) / "blob"
        path.write_bytes(sent.content)
        return receive_blob(node, account_of(sent.person), sent.sha256, path)


def send(node: Node, sent: Sent) -> State:
    """Send an episode and its sign-off."""
    enrol(node, sent.person)
    send_blob(node, sent)
    return send_sign_off(node, sent)


def send_sign_off(node: Node, sent: Sent) -> State:
    """Send a sign-off alone."""
    sign_off = sent.sign_off
    return receive_sign_off(node, account_of(sent.person), sign_off.statement, sign_off.signature)


def objects_of(node: Node) -> Mapping[str, bytes]:
    """Return all that the store holds for contributors, by key."""
    found: dict[str, bytes] = {}
    for top in ("blobs", "signoffs", "receipts", "tombstones"):
        for key in _below(node, top):
            pieces = node.objects.pieces(key)
            if pieces is not None:
                found[key] = b"".join(pieces)
    return found


def kept(node: Node) -> dict[str, object]:
    """Return all that a hub holds of contributors: objects by digest, and rows of its tables."""
    held: dict[str, object] = {
        key: hashlib.sha256(content).hexdigest() for key, content in objects_of(node).items()
    }
    with node.database.read() as connection:
        for table in (BLOB, EPISODE, SIGN_OFF, JOB, LOG_LEAF, LOG_OPENING):
            held[table.name] = [tuple(row) for row in connection.execute(select(table))]
    return held


def entries_of(node: Node, subject: str) -> list[tuple[int, str, str | None]]:
    """Return what the log says of a statement: position, what happened, why."""
    with node.database.read() as connection:
        rows = connection.execute(select(LOG_OPENING.c.n, LOG_OPENING.c.entry))
        found = [(row.n, parse_entry(bytes(row.entry))) for row in rows]
    return [
        (n, entry.kind.value, entry.because)
        for n, entry in sorted(found, key=lambda one: one[0])
        if entry.subject == subject
    ]


def faults_of(node: Node) -> list[str]:
    """Return where store, rows and log contradict each other, once all jobs are done."""
    objects = objects_of(node)
    faults: list[str] = []
    receipts: set[str] = set()
    with node.database.read() as connection:
        rows = connection.execute(select(SIGN_OFF)).all()
        blobs = {row.sha256 for row in connection.execute(select(BLOB.c.sha256))}
    for row in rows:
        says = {kind for _, kind, _ in entries_of(node, row.statement)}
        statement = objects.get(statement_key(row.episode, row.statement))
        signature = objects.get(signature_key(row.episode, row.statement))
        content = objects.get(blob_key(row.episode))
        key = f"{receipt_folder(row.episode)}/{row.statement}.json"
        if "received" not in says:
            faults.append(f"{row.state} without a leaf of its coming")
        if row.state == "refused" and (statement or signature or "refused" not in says):
            faults.append("refused, and something of it is kept, or no leaf")
        if row.state not in {"received", "admitted"}:
            continue
        if content is None or hashlib.sha256(content).hexdigest() != row.episode:
            faults.append(f"{row.state} without its bytes")
        if statement is None or signature is None:
            faults.append(f"{row.state} without its statement or signature")
        elif verify_signature(statement, signature, SIGN_OFF_NAMESPACE).fingerprint != (
            row.fingerprint
        ):
            faults.append("signed by another key")
        if row.state == "received":
            continue
        receipts.add(key)
        receipt = parse_receipt(
            row.episode,
            f"{row.statement}.json",
            objects.get(key, b""),
            objects.get(f"{key}.sig", b""),
        )
        if receipt is None or receipt.body.log_index != row.leaf:
            faults.append("admitted without its receipt")
        if (row.leaf, "admitted", None) not in entries_of(node, row.statement):
            faults.append("admitted, and the log does not say so where the receipt says")
    for key in objects:
        top, *_, last = key.split("/")
        if top == "blobs" and last not in blobs:
            faults.append("bytes that nobody answers for")
        if top == "receipts" and key.removesuffix(".sig") not in receipts:
            is_replaced = any(row.state == "superseded" and row.statement in key for row in rows)
            if not is_replaced:
                faults.append("a receipt of what is not admitted")
        if top == "signoffs" and not any(row.statement in key for row in rows):
            faults.append("a sign-off without a row")
    return faults


def _below(node: Node, folder: str) -> Generator[str]:
    for name in node.objects.names(folder):
        yield f"{folder}/{name}"
    for name in node.objects.folders(folder):
        yield from _below(node, f"{folder}/{name}")


@cache
def _read(content: bytes) -> Episode:
    return read_episode(content)
