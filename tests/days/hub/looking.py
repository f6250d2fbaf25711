"""Whatever of a hub tells something is asked, over its API and in its folder: it is all true."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Final

import httpx
from sqlalchemy import func, select
from tests.days.hub.truth import HOLDING
from tests.support.hub_requests import answer_to
from tests.support.hubs import objects_of
from tests.support.hubs_ended import places_of, windows_of

from signoff_collector.consent.log_proofs import proof_fault
from signoff_collector.consent.receipts import parse_receipt
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import NOTICE
from signoff_collector.consent.terms.notices import current_notice
from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    signature_key,
    statement_key,
    tombstone_key,
)
from signoff_hub.api.app import make_app
from signoff_hub.database.tables import JOB, LOG_OPENING, LOG_STATE
from signoff_hub.log.verifying import verify_log
from signoff_hub.operating.figures import tens_up
from signoff_hub.signing_in.tokens import Scope, make_api_token
from signoff_hub.statistics.snapshots import read_snapshot, snapshots
from signoff_schemas.hub import receiver_of
from signoff_schemas.hub_feed import parse_page
from signoff_schemas.hub_log import decode_path, parse_consistency_proof, parse_entry, parse_head
from signoff_schemas.merkle import proves_consistency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.days.hub.truth import Signed, Truth
    from tests.support.datasets import Person

    from signoff_hub.node.node import Node
    from signoff_hub.statistics.snapshots import Line
    from signoff_schemas.hub import Receiver
    from signoff_schemas.statement import SignedNotice

_WINDOWS: Final = 200


class Client:
    """Asks the app of a node, in a loop of its own."""

    def __init__(self, node: Node) -> None:
        self._loop = asyncio.new_event_loop()
        self._asks = httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(node)), base_url="http://hub.example"
        )

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.request("GET", path, **more)

    def head(self, path: str, **more: object) -> httpx.Response:
        return self.request("HEAD", path, **more)

    def post(self, path: str, **more: object) -> httpx.Response:
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: object) -> httpx.Response:
        asked = self._asks.request(method, path, **more)  # type: ignore[arg-type]  # httpx's words
        return self._loop.run_until_complete(asked)

    def close(self) -> None:
        self._loop.run_until_complete(self._asks.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


class Looking:
    """What was seen before, so that nothing goes back on its word."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        self._people = people
        """Of each account somebody whose key may sign in."""
        self._heads: list[tuple[bytes, bytes]] = []
        self._followed: list[tuple[str, str, str | None]] = []
        self._next = 0
        self._frozen: dict[str, tuple[Line, ...] | None] = {}
        self._turn = 0
        self._clients: dict[int, tuple[Node, Client]] = {}

    def look(self, nodes: Sequence[Node], truth: Truth, signed: Sequence[Signed], now: int) -> None:
        """Compare all that the nodes tell, each in its turn, with what is true."""
        self._turn += 1
        node = nodes[self._turn % len(nodes)]
        client = self._client(self._turn % len(nodes), node)
        tokens = {account: signed_in(client, one) for account, one in self._people.items()}
        self._own(node, client, tokens, truth)
        self._others(client, tokens, signed)
        self._blobs(client, tokens, truth, signed)
        self._withdrawals(client, truth)
        self._feed(node, client, truth)
        self._store(node, truth)
        self._log(node, truth)
        self._operator(node, client, truth, now)
        self._statistics(node)

    def is_safe(self, nodes: Sequence[Node], truth: Truth, signed: Sequence[Signed]) -> None:
        """Look at what has to hold in the middle of trouble too."""
        node = nodes[self._turn % len(nodes)]
        self._proven(node)
        objects = objects_of(node)
        for one in signed:
            receipt = f"{receipt_folder(one.sha256)}/{one.statement}.json"
            row = truth.rows.get(one.statement)
            is_ending = one.sha256 in truth.ended or row is None or row.state not in HOLDING
            if receipt in objects and not is_ending:
                assert blob_key(one.sha256) in objects, "a receipt without its bytes"

    def searches(
        self, nodes: Sequence[Node], truth: Truth, signed: Sequence[Signed], now: int
    ) -> None:
        """Search every file of the hub for pieces of what ended."""
        by_digest = {one.sha256: one.sent for one in signed}
        stays = [one for sha256, one in by_digest.items() if sha256 in truth.blobs]
        for sha256, ended in truth.ended.items():
            if truth.is_held(sha256, now):
                continue
            assert ended.is_erased
            found = sorted(windows_of(by_digest[sha256], *stays))
            needles = set(found[:: len(found) // _WINDOWS + 1])
            needles |= {one.statement.encode() for one in signed if _is_gone(one, truth)}
            assert places_of(nodes[0], needles) == [], "pieces of what was withdrawn"

    def close(self) -> None:
        """Ask no more."""
        for _, client in self._clients.values():
            client.close()

    def other_terms(self, node: Node) -> Receiver:
        """Return terms that a hub never had."""
        return receiver_of(node.terms).model_copy(update={"terms_sha256": "0" * 64})

    def other_notice(self) -> SignedNotice:
        """Return a notice that was never published."""
        return current_notice().model_copy(update={"text": "Sign here."})

    def _client(self, which: int, node: Node) -> Client:
        known = self._clients.get(which)
        if known is None or known[0] is not node:
            if known is not None:
                known[1].close()
            known = node, Client(node)
            self._clients[which] = known
        return known[1]

    def _own(
        self,
        node: Node,
        client: Client,
        tokens: Mapping[str, Mapping[str, str]],
        truth: Truth,
    ) -> None:
        for account, token in tokens.items():
            rows = [row for row in truth.rows.values() if row.signed.account == account]
            told = client.get("/v1/mine", headers=token).json()["sign_offs"]
            states = {one["statement_sha256"]: one["state"] for one in told}
            assert states == {row.signed.statement: row.state for row in rows}
            for one in told:
                row = truth.rows[one["statement_sha256"]]
                alone = client.get(f"/v1/sign-offs/{one['statement_sha256']}", headers=token).json()
                assert (alone["state"], alone["receipt"]) == (one["state"], one["receipt"])
                has_receipt = row.was_admitted and row.state in {"admitted", "superseded"}
                assert (one["receipt"] is not None) == has_receipt, one["state"]
                if has_receipt:
                    _check_receipt(node, one)

    def _others(
        self,
        client: Client,
        tokens: Mapping[str, Mapping[str, str]],
        signed: Sequence[Signed],
    ) -> None:
        """See that somebody else's sign-off is as one that never was."""
        nothing = [
            client.get(f"/v1/sign-offs/{'0' * 64}", headers=token) for token in tokens.values()
        ]
        for one in signed[-3:]:
            for (account, token), none in zip(tokens.items(), nothing, strict=True):
                if account != one.account:
                    said = client.get(f"/v1/sign-offs/{one.statement}", headers=token)
                    assert (said.status_code, said.content) == (404, none.content)

    def _blobs(
        self,
        client: Client,
        tokens: Mapping[str, Mapping[str, str]],
        truth: Truth,
        signed: Sequence[Signed],
    ) -> None:
        token = next(iter(tokens.values()))
        for sha256 in {one.sha256 for one in signed}:
            expected = 200 if sha256 in truth.blobs else 404
            expected = 410 if sha256 in truth.ended else expected
            assert client.head(f"/v1/blobs/{sha256}", headers=token).status_code == expected

    def _withdrawals(self, client: Client, truth: Truth) -> None:
        for statement, row in truth.rows.items():
            if row.signed.sha256 not in truth.ended:
                told = client.get(f"/v1/withdrawals/{row.signed.record}")
                expected = (200, "erased" if row.is_blank else "withdrawn")
                expected = expected if row.state == "withdrawn" else (404, None)
                assert (told.status_code, told.json().get("state")) == expected, statement

    def _feed(self, node: Node, client: Client, truth: Truth) -> None:
        """Read the feed from its beginning, and go on where it ended the last time."""
        expected = [(one, what.because, what.tombstone) for one, what in truth.ended.items()]
        whole, _ = _pages(node, client, 0)
        assert whole == expected, "the feed from its beginning"
        more, self._next = _pages(node, client, self._next)
        self._followed += more
        assert self._followed == expected, "the feed as somebody follows it"

    def _store(self, node: Node, truth: Truth) -> None:
        expected = {blob_key(sha256) for sha256 in truth.blobs}
        expected |= {
            tombstone_key(sha256)
            for sha256, one in truth.ended.items()
            if one.is_erased and one.tombstone is not None
        }
        for row in truth.rows.values():
            statement, sha256 = row.signed.statement, row.signed.sha256
            if row.has_sign_off:
                expected |= {statement_key(sha256, statement), signature_key(sha256, statement)}
            if row.has_receipt and not row.is_blank:
                receipt = f"{receipt_folder(sha256)}/{statement}.json"
                expected |= {receipt, f"{receipt}.sig"}
        found = objects_of(node)
        assert set(found) == expected, sorted(set(found) ^ expected)
        for sha256 in truth.blobs:
            assert hashlib.sha256(found[blob_key(sha256)]).hexdigest() == sha256

    def _log(self, node: Node, truth: Truth) -> None:
        with node.database.read() as connection:
            size = connection.execute(select(LOG_STATE.c.size)).scalar() or 0
            rows = connection.execute(select(LOG_OPENING.c.n, LOG_OPENING.c.entry)).all()
        says = {row.n: parse_entry(bytes(row.entry)) for row in rows}
        told = Counter((one.kind.value, one.subject, one.because) for one in says.values())
        expected = Counter(leaf for n, leaf in enumerate(truth.leaves) if n not in truth.silent)
        assert (size, told) == (len(truth.leaves), expected)
        self._proven(node)
        newest = node.log.sign_head()
        self._heads.append((newest.content, newest.signature))
        earlier = parse_head(self._heads[self._turn * 7 % len(self._heads)][0])
        if 0 < earlier.size <= newest.head.size:
            proof = parse_consistency_proof(
                node.log.consistency(earlier.size, newest.head.size).encode("ascii")
            )
            assert proves_consistency(
                earlier.size,
                bytes.fromhex(earlier.root),
                newest.head.size,
                bytes.fromhex(newest.head.root),
                decode_path(proof.path),
            )

    def _proven(self, node: Node) -> None:
        report = verify_log(
            node.database,
            node.objects,
            public_key=node.key.public_key,
            address=node.address,
            known_heads=self._heads,
        )
        assert report.faults == []

    def _operator(self, node: Node, client: Client, truth: Truth, now: int) -> None:
        assert client.get("/healthz").status_code in {200, 204}
        assert client.get("/readyz").status_code == 200
        token = make_api_token(node, "operator", (Scope.OPERATE,), 1)
        told = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
        lines = dict(line.rsplit(" ", 1) for line in told.splitlines() if line[:1] != "#")
        assert float(lines["signoff_hub_log_leaves"]) == len(truth.leaves) // 10 * 10
        states = [line for line in lines if line.startswith("signoff_hub_episodes{")]
        assert all(float(lines[one]) == 0 for one in states), "of fewer than ten nothing is said"
        with node.database.read() as connection:
            waiting = select(func.count()).where(JOB.c.kind == "admit", JOB.c.state == "waiting")
            count = connection.execute(waiting).scalar() or 0
        name = 'signoff_hub_jobs{kind="admit",state="waiting"}'
        assert count == len(truth.to_admit)
        assert tens_up(count) == float(lines.get(name, 0))
        for row in truth.rows.values():
            assert row.signed.account not in told
            assert row.signed.sha256[:12] not in told
        del now

    def _statistics(self, node: Node) -> None:
        """See that what was frozen once stays, and says nothing of so few."""
        for name in snapshots(node.database):
            lines = read_snapshot(node.database, name)
            assert lines == self._frozen.setdefault(name, lines) == ()


def _is_gone(one: Signed, truth: Truth) -> bool:
    """Tell whether nothing may name a sign-off any more; of refused ones a leaf does."""
    kinds = {kind for kind, subject, _ in truth.leaves if subject == one.statement}
    return one.sha256 in truth.ended and not kinds & {"refused", "withdrawn"}


def signed_in(client: Client, person: Person) -> dict[str, str]:
    challenge = client.post("/v1/challenges").json()
    told = client.post("/v1/tokens", json=answer_to(challenge, person))
    assert told.status_code == 201, told.text
    return {"Authorization": f"Bearer {told.json()['token']}"}


def _check_receipt(node: Node, told: Mapping[str, object]) -> None:
    signed = told["receipt"]
    assert isinstance(signed, dict)
    receipt = parse_receipt(
        str(told["sha256"]),
        f"{told['statement_sha256']}.json",
        str(signed["content"]).encode(),
        str(signed["signature"]).encode(),
    )
    assert receipt is not None
    assert receipt.fingerprint == node.key.fingerprint
    assert proof_fault(receipt, str(told["proof"]).encode("ascii")) is None


def _pages(node: Node, client: Client, after: int) -> tuple[list[tuple[str, str, str | None]], int]:
    found: list[tuple[str, str, str | None]] = []
    while True:
        told = json.loads(client.get("/v1/feed", params={"after": after}).content)
        content = told["content"].encode("ascii")
        by = verify_signature(content, told["signature"].encode("ascii"), NOTICE)
        assert by.public_key == node.key.public_key
        page = parse_page(content)
        assert page.after == after
        found += [(one.sha256, one.because, one.tombstone) for one in page.episodes]
        after = page.next
        if page.is_last:
            return found, after
