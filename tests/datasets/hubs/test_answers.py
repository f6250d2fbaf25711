"""A hub that lies: whatever one answer says, a person has the honest folder or none at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.datasets_built import files_of
from tests.support.hub_terms import HubKey
from tests.support.hubs_asked import AskedHub, asked_hub, share_canaries
from tests.support.hubs_built import PEOPLE, asked
from tests.support.hubs_ended import by_key
from tests.support.published_terms import terms_server
from tests.support.spoken_hub import Asked, said, spoken_hub

from signoff_collector.consent.hub_terms import KeptTerms
from signoff_collector.consent.signatures.sshsig import DATASET, LOG
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.upload.hub.problems import HubRefusedError
from signoff_datasets.hubs.asking import HubDatasets
from signoff_datasets.hubs.building import built, given_of
from signoff_datasets.hubs.fetching import Fetch
from signoff_datasets.hubs.heads import follow_head
from signoff_datasets.hubs.pinning import ask_terms
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import Manifest, canonical, digest_of, parse_manifest
from signoff_schemas.errors import ReceiverRefusedError, RefusedError, SignoffError
from signoff_schemas.hub_api import BuildState, Signed
from signoff_schemas.hub_log import LogHead, encode
from signoff_schemas.hub_plan import HubPlan

pytestmark = pytest.mark.slow
ANSWERS = 8
"""Manifest and signature, a file of each of four tables, a page of proofs, a place in the log."""
Lie = Callable[[str, bytes], bytes]
"""From the path that was asked for and the honest body to what is sent."""


def home_in(folder: Path) -> Home:
    return resolve_home({"SIGNOFF_HOME": str(folder)}).ensure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A data set that is ready at a hub, and who may read it."""

    hub: AskedHub
    terms: KeptTerms
    plan: HubPlan
    state: BuildState
    manifest: Manifest

    def fetch(self, folder: Path, lie: Lie, state: BuildState | None = None) -> Path:
        """Fetch it through what lies into `folder/out`, with a home that knows the key alone."""
        with (
            httpx.Client(base_url=self.hub.address, trust_env=False) as client,
            spoken_hub(lambda one: self._answer(client, one, lie)) as spoken,
        ):
            hub = HubDatasets(spoken.audience, self.hub.token, sleep=lambda _: None)
            Fetch(
                hub=hub,
                home=home_in(folder / "own"),
                terms=self.terms,
                given=given_of(hub, self.terms, self.plan, state or self.state),
                day=self.hub.node.moment(),
            ).into(folder / "out", lambda _done, _all: None)
        return folder / "out"

    def _answer(self, client: httpx.Client, one: Asked, lie: Lie) -> bytes:
        headers = {"authorization": one.headers["authorization"]}
        told = client.request(one.method, one.path, headers=headers)
        kind = told.headers.get("content-type", "application/json")
        return said(told.status_code, lie(one.path, told.content), kind=kind)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    root = tmp_path_factory.mktemp("ready")
    with asked_hub(root / "hub") as hub:
        share_canaries(hub.node, range(PEOPLE))
        home = home_in(root / "own")
        terms = ask_terms(home, hub.address)
        asking = HubDatasets(hub.address, hub.token)
        wanted = asked()
        drawn = asking.draw(wanted)
        plan = HubPlan(
            hub=hub.address,
            key_fingerprint=terms.terms.receipt_key_fingerprint,
            plan_sha256=drawn.sha256,
            drawn_on=drawn.drawn_on,
            asked=wanted,
        )
        state = built(asking, plan, lambda _done, _all: None)
        hub.grant()
        manifest = given_of(asking, terms, plan, state).manifest
        yield Ready(hub=hub, terms=terms, plan=plan, state=state, manifest=manifest)


def resigned(ready: Ready, manifest: Manifest, key: HubKey | None = None) -> tuple[Lie, BuildState]:
    """Return a lie that gives another manifest, by the hub's own key unless told, and its state."""
    content = canonical(manifest)
    own = ready.hub.node.key.sign
    signature = own(content, DATASET) if key is None else key.sign(content, DATASET)

    def lie(path: str, body: bytes) -> bytes:
        if path.endswith("/manifest"):
            return content
        return signature if path.endswith("/manifest.sig") else body

    return lie, ready.state.model_copy(update={"manifest_sha256": digest_of(manifest)})


def changed(part: str, change: Callable[[bytes], bytes]) -> Lie:
    return lambda path, body: change(body) if part in path else body


def refused(
    ready: Ready, folder: Path, lie: Lie, match: str, state: BuildState | None = None
) -> None:
    with pytest.raises(ReceiverRefusedError, match=match):
        ready.fetch(folder, lie, state)
    assert [*folder.glob("out*"), *folder.glob(".out*")] == []


@pytest.mark.parametrize(
    ("part", "change", "match"),
    [
        ("/shards/", lambda body: body[:-1] + bytes([body[-1] ^ 1]), "other bytes"),
        ("/shards/", lambda body: body[:-1], "other bytes"),
        ("/shards/", lambda body: body + b"x", "other bytes"),
        ("/manifest", lambda body: body.replace(b"made", b"main", 1), "manifest is not good"),
        ("/proofs", lambda body: body.replace(b"MIT", b"ISC"), "other bytes"),
        ("/proofs", lambda _: b'{"proofs":[],"next":null}', "no proofs any more"),
        ("/log/proof", lambda _: b"{}", "not signed by its key"),
    ],
)
def test_other_bytes_than_the_signed_ones_leave_nothing(
    ready: Ready, tmp_path: Path, part: str, change: Callable[[bytes], bytes], match: str
) -> None:
    refused(ready, tmp_path, changed(part, change), match)


def test_a_manifest_of_another_key_plan_or_promise_leaves_nothing(
    ready: Ready, tmp_path: Path
) -> None:
    lie, state = resigned(ready, ready.manifest, HubKey(seed="another"))
    refused(ready, tmp_path, lie, "which is not its key", state)
    request = ready.manifest.request
    cases: dict[str, dict[str, object]] = {
        "another plan": {"plan_sha256": "0" * 64},
        "its k is not": {"request": request.model_copy(update={"k": 1})},
        "promised": {"request": request.model_copy(update={"prohibited_uses": ()})},
        "another data set": {"version": 2},
    }
    for match, changes in cases.items():
        lie, state = resigned(ready, ready.manifest.model_copy(update=changes))
        refused(ready, tmp_path, lie, match, state)
    lie, _ = resigned(ready, ready.manifest.model_copy(update={"left_out": {"withdrawn": 10}}))
    refused(ready, tmp_path, lie, "not the one that it said it built")


def test_a_log_that_went_back_or_was_rewritten_is_found(ready: Ready, tmp_path: Path) -> None:
    for number, size in enumerate((1, 1 << 40)):
        home = home_in(tmp_path / str(number) / "own")
        seen = LogHead(
            receiver=ready.hub.address, size=size, root="0" * 64, on="2026-11-26T12:00:00Z"
        )
        content = encode(seen)
        signature = ready.hub.node.key.sign(content, LOG)
        hub = HubDatasets(ready.hub.address, ready.hub.token)
        follow_head(home, hub, ready.terms, 0)
        (kept,) = home.state.rglob("head.json")
        told = Signed(content=content.decode("ascii"), signature=signature.decode("ascii"))
        kept.write_text(told.model_dump_json(), "utf-8")
        refused(ready, tmp_path / str(number), lambda _, body: body, "does not hold the")


def test_who_asks_for_what_is_not_given_is_told_why(tmp_path: Path) -> None:
    with asked_hub(tmp_path / "hub") as hub:
        people = share_canaries(hub.node, range(PEOPLE))
        asking = HubDatasets(hub.address, hub.token)

        def code_of(ask: Callable[[], object]) -> tuple[str, int]:
            with pytest.raises(HubRefusedError) as caught:
                ask()
            assert caught.value.hint is not None
            return caught.value.code, caught.value.exit_code

        assert code_of(lambda: asking.draw(asked(k=PEOPLE + 1))) == ("k", 14)
        assert code_of(lambda: asking.draw(asked(purpose="teaching"))) == ("purpose", 14)
        drawn = asking.draw(asked())
        assert code_of(lambda: asking.dataset("made", 1)) == ("grant", 14)
        stranger = HubDatasets(hub.address, "x" * 43)
        assert code_of(lambda: stranger.draw(asked())) == ("no_token", 14)
        hub.clock.advance(60)
        withdraw(hub.node, by_key(people[0]))
        assert code_of(lambda: asking.begin_build(drawn.sha256)) == ("stale", 14)


def test_a_hub_with_another_key_than_before_is_refused(tmp_path: Path) -> None:
    home = home_in(tmp_path / "own")
    with terms_server() as server:
        ask_terms(home, Audience(server.audience))
        server.publish(key=HubKey(seed="another"))
        with pytest.raises(RefusedError, match="another key"):
            ask_terms(home, Audience(server.audience))


def test_an_honest_hub_is_asked_these_questions(ready: Ready, tmp_path: Path) -> None:
    paths: list[str] = []

    def note(path: str, body: bytes) -> bytes:
        paths.append(path)
        return body

    assert (ready.fetch(tmp_path, note) / "manifest.json").is_file()
    assert len(paths) == ANSWERS


@settings(max_examples=25)
@given(which=st.integers(0, ANSWERS - 1), at=st.integers(0, 1 << 16), byte=st.integers(0, 255))
def test_whatever_byte_of_an_answer_is_another_the_folder_is_honest_or_not_there(
    ready: Ready, which: int, at: int, byte: int
) -> None:
    asked_for = 0

    def lie(_: str, body: bytes) -> bytes:
        nonlocal asked_for
        asked_for += 1
        if asked_for - 1 != which or not body:
            return body
        place = at % len(body)
        return body[:place] + bytes([byte]) + body[place + 1 :]

    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            out = ready.fetch(folder, lie)
        except SignoffError:
            assert not (folder / "out").exists()
            return
        files = files_of(out)
        assert hashlib.sha256(files["manifest.json"]).hexdigest() == ready.state.manifest_sha256
        for file in parse_manifest(files["manifest.json"]).files:
            assert hashlib.sha256(files[file.path]).hexdigest() == file.sha256
