"""Terms of hubs: verified, pinned, kept, and read by a person before anything is signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.support.hub_terms import HUB, HubKey, hub_terms, signed_terms

from signoff_collector.consent.hub_terms import (
    KeptTerms,
    all_terms,
    find_terms,
    keep_terms,
    need_terms,
    note_agreed,
    refuse_beyond,
    refuse_unread,
)
from signoff_collector.consent.signatures.sshsig import NAMESPACES, TERMS
from signoff_collector.consent.terms.agreement import Agreement
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_schemas.errors import NotFoundError, NotSignedError, RefusedError, SignoffError
from signoff_schemas.hub import Limits, make_terms, terms_sha256
from signoff_schemas.statement import ProhibitedUse, Purpose

AT = Audience(HUB)
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


def test_kept_terms_are_found_again_and_are_private(place: Home) -> None:
    content, signature = signed_terms()
    kept = keep_terms(place, AT, content, signature)
    assert (kept.content, kept.signature, kept.terms) == (content, signature, hub_terms())
    assert find_terms(place, AT) == kept == need_terms(place, AT)
    assert all_terms(place) == (kept,)
    files = [path for path in (place.state / "hubs").rglob("*") if path.is_file()]
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_unknown_terms_are_said_to_be_unknown(place: Home) -> None:
    assert find_terms(place, AT) is None
    assert all_terms(place) == ()
    with pytest.raises(NotFoundError):
        need_terms(place, AT)


def test_a_changed_key_is_refused_and_the_terms_before_stay(place: Home) -> None:
    kept = keep_terms(place, AT, *signed_terms())
    other = HubKey(seed="another")
    with pytest.raises(RefusedError, match="another key") as caught:
        keep_terms(place, AT, *signed_terms(key=other))
    assert caught.value.hint is not None
    assert find_terms(place, AT) == kept
    elsewhere = "https://other.example.org"
    keep_terms(place, Audience(elsewhere), *signed_terms(key=other, receiver=elsewhere))
    assert [one.audience for one in all_terms(place)] == [HUB, elsewhere]


def test_a_person_who_removes_the_pinned_key_takes_the_new_one(place: Home) -> None:
    keep_terms(place, AT, *signed_terms())
    (pinned,) = (place.state / "hubs").rglob("key")
    pinned.unlink()
    other = HubKey(seed="another")
    kept = keep_terms(place, AT, *signed_terms(key=other))
    assert find_terms(place, AT) == kept
    assert pinned.read_text("ascii") == f"{other.line}\n"


@pytest.mark.parametrize("namespace", [*(name for name in NAMESPACES if name != TERMS), "git"])
def test_terms_signed_for_another_purpose_are_void(place: Home, namespace: str) -> None:
    content, _ = signed_terms()
    with pytest.raises(NotSignedError, match="another purpose"):
        keep_terms(place, AT, content, HubKey().sign(content, namespace))
    assert find_terms(place, AT) is None


def test_terms_that_somebody_else_signed_are_void(place: Home) -> None:
    content, _ = signed_terms()
    with pytest.raises(NotSignedError, match="name"):
        keep_terms(place, AT, content, HubKey(seed="another").sign(content))


def test_terms_of_another_hub_are_refused(place: Home) -> None:
    for other in ("https://hub.example.org", "https://hub.example.org/teams"):
        with pytest.raises(RefusedError):
            keep_terms(place, AT, *signed_terms(receiver=other))


@given(st.integers(0, len(signed_terms()[0]) - 1), st.integers(1, 255))
def test_no_changed_byte_of_terms_is_kept(at: int, flip: int) -> None:
    content, signature = signed_terms()
    changed = bytearray(content)
    changed[at] ^= flip
    nowhere = resolve_home({"SIGNOFF_HOME": "/nonexistent/signoff"})
    with pytest.raises((NotSignedError, RefusedError)):
        keep_terms(nowhere, AT, bytes(changed), signature)


@pytest.mark.parametrize("name", ["key", "current", "*.json", "*.json.sig"])
@pytest.mark.parametrize("harm", [b"", b"\xff", b"../../x\n", None])
def test_damaged_files_are_as_if_nothing_were_kept(
    place: Home, name: str, harm: bytes | None
) -> None:
    keep_terms(place, AT, *signed_terms())
    (path,) = (place.state / "hubs").rglob(name)
    path.unlink()
    if harm is None:
        path.symlink_to("/etc/hostname")
    else:
        path.write_bytes(harm)
    assert find_terms(place, AT) is None
    assert all_terms(place) == ()


def test_terms_that_were_signed_under_stay_readable_after_newer_ones(place: Home) -> None:
    old = keep_terms(place, AT, *signed_terms())
    note_agreed(place, AT, old.sha256)
    assert need_terms(place, AT).is_agreed
    new = keep_terms(place, AT, *signed_terms(retention_days=30))
    assert (new.is_agreed, new.has_changed) == (False, True)
    earlier = find_terms(place, AT, old.sha256)
    assert earlier is not None
    assert earlier.content == old.content
    assert find_terms(place, AT, "0" * 64) is None


SHOWN = (Agreement.PAGE, Agreement.TERMINAL)
UNSHOWN = (Agreement.KEY, Agreement.PROGRAM)


def test_terms_have_to_be_read_by_a_person(place: Home) -> None:
    kept = keep_terms(place, AT, *signed_terms())
    for by in SHOWN:
        refuse_unread(kept, kept.sha256, by)
        for read in (None, "0" * 64):
            with pytest.raises(RefusedError, match="not shown"):
                refuse_unread(kept, read, by)
    for by in UNSHOWN:
        with pytest.raises(RefusedError, match="not shown"):
            refuse_unread(kept, kept.sha256, by)
    note_agreed(place, AT, kept.sha256)
    for by in UNSHOWN:
        refuse_unread(need_terms(place, AT), None, by)
    changed = keep_terms(place, AT, *signed_terms(retention_days=30))
    for by in (*SHOWN, *UNSHOWN):
        with pytest.raises(RefusedError, match="changed since you signed"):
            refuse_unread(changed, kept.sha256, by)


def kept_terms(**changes: object) -> KeptTerms:
    terms = hub_terms(**changes)
    content = make_terms(terms)
    signature = HubKey().sign(content)
    return KeptTerms(
        audience=AT, terms=terms, content=content, signature=signature, agreed_sha256=None
    )


def check(
    kept: KeptTerms,
    *purposes: Purpose,
    expires_days: int = 365,
    size_bytes: int = 100,
    now: datetime = NOW,
) -> None:
    refuse_beyond(
        kept,
        purposes=purposes or (Purpose.RESEARCH,),
        expires_days=expires_days,
        size_bytes=size_bytes,
        now=now,
    )


@pytest.mark.parametrize(
    ("fits", "is_too_much", "words"),
    [
        (
            lambda: check(kept_terms(), Purpose.RESEARCH, Purpose.MODEL_TRAINING),
            lambda: check(kept_terms(), Purpose.RESEARCH, Purpose.TEACHING),
            "takes nothing for teaching",
        ),
        (
            lambda: check(kept_terms(retention_days=30), expires_days=30),
            lambda: check(kept_terms(retention_days=30), expires_days=31),
            "30 days at most, not 31",
        ),
        (
            lambda: check(kept_terms(limits=Limits(max_episode_bytes=100)), size_bytes=100),
            lambda: check(kept_terms(limits=Limits(max_episode_bytes=100)), size_bytes=101),
            "at most 100",
        ),
        (
            lambda: check(kept_terms()),
            lambda: check(kept_terms(notices=("2020-01",))),
            "takes no sign-off under notice",
        ),
        (
            lambda: check(kept_terms()),
            lambda: check(kept_terms(prohibited_uses=(ProhibitedUse.IDENTIFICATION,))),
            "performance-evaluation, profiling",
        ),
        (
            lambda: check(kept_terms(valid_from="2026-11-26T12:00:00Z")),
            lambda: check(
                kept_terms(valid_from="2026-11-26T12:00:00Z"), now=NOW - timedelta(seconds=1)
            ),
            "hold from 2026-11-26",
        ),
    ],
)
def test_what_the_terms_do_not_cover_is_refused(
    fits: Callable[[], None], is_too_much: Callable[[], None], words: str
) -> None:
    fits()
    with pytest.raises(RefusedError, match=words) as caught:
        is_too_much()
    assert caught.value.hint is not None


def test_the_receiver_of_a_statement_tells_nothing_of_the_person(tmp_path: Path) -> None:
    receivers = []
    for name in ("ada", "grace"):
        (tmp_path / name).mkdir(mode=0o700)
        other = resolve_home({"SIGNOFF_HOME": str(tmp_path / name / "home")}).ensure()
        receivers.append(keep_terms(other, AT, *signed_terms()).receiver)
    assert receivers[0] == receivers[1]
    content, _ = signed_terms()
    published = json.loads(content) | {"terms_sha256": terms_sha256(content)}
    told = receivers[0].model_dump(mode="json")
    assert told == {name: published[name] for name in told}


class Keeping(RuleBasedStateMachine):
    """Terms come, are signed under, and come from elsewhere, in any order."""

    KEYS = (HubKey(seed="one"), HubKey(seed="two"))
    HUBS = (HUB, "https://hub.example.org", "http://127.0.0.1:8080/team")
    home: Home

    def __init__(self) -> None:
        super().__init__()
        self.home = resolve_home().ensure()
        self.pinned: dict[str, HubKey] = {}
        self.current: dict[str, bytes] = {}
        self.agreed: dict[str, str] = {}
        for path in sorted((self.home.state / "hubs").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    @rule(
        hub=st.sampled_from(HUBS),
        said=st.sampled_from(HUBS),
        key=st.sampled_from(KEYS),
        signer=st.sampled_from(KEYS),
        days=st.integers(1, 3),
    )
    def come(self, hub: str, said: str, key: HubKey, signer: HubKey, days: int) -> None:
        content = make_terms(hub_terms(key=key, receiver=said, retention_days=days))
        is_good = said == hub and key == signer and self.pinned.get(hub, key) == key
        try:
            keep_terms(self.home, Audience(hub), content, signer.sign(content))
        except SignoffError:
            assert not is_good
            return
        assert is_good
        self.pinned[hub] = key
        self.current[hub] = content

    @rule(hub=st.sampled_from(HUBS))
    def sign_under(self, hub: str) -> None:
        if hub in self.current:
            self.agreed[hub] = terms_sha256(self.current[hub])
            note_agreed(self.home, Audience(hub), self.agreed[hub])

    @invariant()
    def is_as_the_model_says(self) -> None:
        found = {kept.audience: kept for kept in all_terms(self.home)}
        assert {hub: kept.content for hub, kept in found.items()} == self.current
        for hub, kept in found.items():
            assert kept.agreed_sha256 == self.agreed.get(hub)
            assert kept.has_changed == (self.agreed.get(hub) not in (None, kept.sha256))
            assert asdict(find_terms(self.home, Audience(hub)) or kept) == asdict(kept)


@pytest.mark.usefixtures("home")
def test_any_order_of_terms_keeps_the_last_good_ones() -> None:
    from hypothesis import settings
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Keeping, settings=settings(max_examples=15, stateful_step_count=12, deadline=None)
    )
