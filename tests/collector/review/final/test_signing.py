"""Signing from the offer to the files: what has to be confirmed, and what a failure leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.pseudo_terminal import Terminal
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    sign_at_terminal,
    small_episode,
)

from signoff_collector.capture.journal.control import SHARED
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import SealedAs, note_sealed, open_session
from signoff_collector.consent.offered_terms import ChosenTerms, parse_chosen
from signoff_collector.consent.review_records import ReviewRecord, find_review, write_review
from signoff_collector.consent.sign_off_files import (
    Snapshot,
    read_sign_off,
    signature_path,
    statement_path,
    take_snapshot,
)
from signoff_collector.consent.signatures.keys import KeyRegister, SigningKey
from signoff_collector.consent.signatures.ssh_keygen import make_key
from signoff_collector.consent.terms import notices
from signoff_collector.consent.terms.agreement import Agreement
from signoff_collector.consent.terms.notices import current_notice, notice_fault, read_notice
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.programs.children import find_program
from signoff_collector.review.final import signing
from signoff_collector.review.final.signing import finish, offer
from signoff_collector.system.clock import SystemClock
from signoff_collector.upload.outbox.outbox import Outbox, State, outbox_path
from signoff_collector.upload.sending.checks import refuse_old_notice
from signoff_schemas.errors import (
    DamagedError,
    NotSignedError,
    RefusedError,
    SignoffError,
    UsageError,
)
from signoff_schemas.words import Owner

pytestmark = pytest.mark.slow

draft = partial(signing.draft, by=Agreement.TERMINAL)
sign_chosen = partial(signing.sign_chosen, by=Agreement.TERMINAL)
SIGNOFF = (sys.executable, "-I", "-m", "signoff_collector")


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


@pytest.fixture
def path(place: Home) -> Path:
    return put_episode(place, small_episode())


@pytest.fixture
def snapshot(path: Path) -> Snapshot:
    return take_snapshot(path)


def chosen_for(audience: Path, **other: object) -> ChosenTerms:
    fields: dict[str, object] = {
        "audience": str(audience),
        "owner": "mine",
        "notice_sha256": notices.notice_sha256(current_notice().text),
        **other,
    }
    return parse_chosen(json.dumps(fields).encode())


def note_review(place: Home, snapshot: Snapshot, **other: object) -> ReviewRecord:
    """Note another review of the same bytes."""
    found = find_review(place, snapshot.sha256)
    assert found is not None
    record = replace(found, **other)  # type: ignore[arg-type]  # by name
    write_review(place, record)
    return record


def test_an_offer_shows_all_and_creates_nothing(place: Home, snapshot: Snapshot) -> None:
    offered = offer(place, take_snapshot(put_episode(place, small_episode(), owner=None)))
    assert offered.notice == current_notice()
    assert offered.owner is None
    assert offered.earlier == ()
    assert not outbox_path(place).exists()
    assert not (place.keys / "recovery.seed").exists()
    row = json.loads(json.dumps(offered.row()))
    assert row["notice"]["text"] == current_notice().text
    assert row["sha256"] == snapshot.sha256
    assert row["unseen"] == 0


def test_what_was_chosen_is_signed_and_verified(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    signed = sign_chosen(place, path, snapshot, chosen_for(tmp_path / "store", licence="mit"))
    assert signed.verdict.is_good
    assert signed.recovery_code is not None
    row = json.loads(json.dumps(signed.row()))
    assert signed.recovery_code not in json.dumps(row)
    assert row["authority"]["good"]
    assert row["statement_path"] == str(statement_path(path))
    for command in signed.commands:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            timeout=deadline(),
            check=False,
            capture_output=True,
        )
        assert done.returncode == 0, (command, done.stderr)
    assert [e.audience for e in offer(place, snapshot).earlier] == [f"file://{tmp_path}/store"]


def test_the_recovery_code_is_given_once(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    sign_chosen(place, path, snapshot, chosen_for(tmp_path / "a"))
    assert sign_chosen(place, path, snapshot, chosen_for(tmp_path / "b")).recovery_code is None


def test_another_notice_than_the_current_one_is_not_signed(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    old = chosen_for(tmp_path / "store", notice_sha256="ab" * 32)
    with pytest.raises(RefusedError, match="notice"):
        sign_chosen(place, path, snapshot, old)
    assert not statement_path(path).exists()


def test_an_edited_notice_file_is_not_shown_to_anybody(tmp_path: Path) -> None:
    edited = tmp_path / "edited.md"
    edited.write_text(current_notice().text + "\nThe employer may read it. \U0001f600\U00010348\n")
    with pytest.raises(DamagedError, match="not the one"):
        read_notice(edited)
    edited.write_bytes(b"\xff")
    with pytest.raises(DamagedError):
        read_notice(edited)
    with pytest.raises(DamagedError):
        read_notice(tmp_path / "none")


def test_a_sign_off_under_an_older_notice_is_not_sent() -> None:
    notice = current_notice()
    refuse_old_notice(notice)
    with pytest.raises(RefusedError, match="2027-01"):
        refuse_old_notice(notice, current="2027-01")
    for other in (
        notice.model_copy(update={"text": notice.text + " "}),
        notice.model_copy(update={"version": "1999-01"}),
        notice.model_copy(update={"language": "de"}),
    ):
        assert notice_fault(other) is not None
        with pytest.raises(NotSignedError):
            refuse_old_notice(other)


def test_what_was_not_looked_at_has_to_be_confirmed(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    note_review(place, snapshot, files_seen=11, files_total=14, outputs_seen=1, outputs_total=1)
    assert offer(place, snapshot).unseen == 3
    with pytest.raises(RefusedError, match="3 of its files, outputs and other texts"):
        sign_chosen(place, path, snapshot, chosen_for(tmp_path / "store"))
    assert not statement_path(path).exists()
    told = chosen_for(tmp_path / "store", confirmed_unseen=True)
    assert sign_chosen(place, path, snapshot, told).verdict.is_good


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 13)])
def test_a_person_is_asked_about_what_was_not_looked_at(
    answer: bytes, code: int, place: Home, path: Path, tmp_path: Path
) -> None:
    note_review(place, take_snapshot(path), files_seen=0)
    argv = [*SIGNOFF, "sign", str(path), "--to", str(tmp_path / "store"), "--owner", "mine"]
    with Terminal(argv, cwd=tmp_path) as terminal:
        terminal.wait_for(b"looked at: 0 of 1 files")
        terminal.wait_for(b"did not look at? [y/N]")
        terminal.press(answer)
        if code == 0:
            terminal.wait_for(b"store? [y/N]")
            terminal.press(b"y\n")
        assert terminal.end() == code, terminal.shown
    assert statement_path(path).exists() == (code == 0)


def test_after_a_shared_session_somebody_has_to_say_who_typed(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    clock = SystemClock()
    workspace = Workspaces(place).enable(folder, owner=Owner.MINE, is_confirmed=True)
    session = open_session(place, workspace, clock)
    session.ask("pause", clock=clock, fields={"until": "9", "reason": SHARED})
    session.ask("resume", clock=clock)
    record = note_review(place, snapshot, mode="page")
    note_sealed(session, SealedAs(path=path, sha256=record.base_sha256))
    assert offer(place, snapshot).was_shared
    refused = call_signoff("sign", path, "--to", tmp_path / "store", "--yes")
    assert refused.code == 13
    assert "somebody else" in refused.err
    words = ("--nobody-else-typed", "--yes")
    told = call_signoff("sign", path, "--to", tmp_path / "store", *words)
    assert told.code == 13, "a program cannot say it either"
    done = sign_at_terminal(path, "--to", tmp_path / "store", words[0], cwd=tmp_path)
    assert done.code == 0, done.err


def test_a_sign_off_for_another_store_cannot_be_replaced(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    first = sign_chosen(place, path, snapshot, chosen_for(tmp_path / "a"))
    other = chosen_for(tmp_path / "b", supersedes=first.draft.record_id)
    with pytest.raises(RefusedError, match="to replace"):
        sign_chosen(place, path, snapshot, other)
    with Outbox.open(place) as outbox:
        assert outbox.void_because(first.draft.record_id) is None


def test_replacing_cancels_what_waits_and_tells_what_was_sent(place: Home, tmp_path: Path) -> None:
    store = tmp_path / "store"
    first, second = (put_episode(place, small_episode(text)) for text in ("a = 1\n", "b = 2\n"))
    earlier = sign_chosen(place, first, take_snapshot(first), chosen_for(store))
    assert call_signoff("upload", first, "--to", store).code == 0
    later = sign_chosen(
        place,
        second,
        take_snapshot(second),
        chosen_for(store, supersedes=earlier.draft.record_id),
    )
    assert later.replaced is not None
    assert later.replaced.was_sent
    assert later.replaced.sha256 == take_snapshot(first).sha256
    assert call_signoff("verify", first).code == 12
    refused = call_signoff("upload", first, "--to", store)
    assert (refused.code, "superseded" in refused.err) == (13, True)


def test_replacing_cancels_a_queued_upload(place: Home, path: Path, tmp_path: Path) -> None:
    store = tmp_path / "parent" / "store"  # its folder is missing: the store is down
    call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert call_signoff("upload", path, "--to", store).code == 1
    with Outbox.open(place) as outbox:
        (item,) = outbox.open_items()
    call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    with Outbox.open(place) as outbox:
        assert outbox.item(item.record_id).state == State.CANCELLED
        assert outbox.open_items() == ()


def test_a_key_that_cannot_sign_leaves_the_earlier_sign_off(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    first = sign_chosen(place, path, snapshot, chosen_for(tmp_path / "store"))
    before = read_sign_off(path)
    key = KeyRegister(place).key_for(first.audience)
    key.path.write_text("no key\n")
    with pytest.raises(SignoffError, match="did not sign"):
        sign_chosen(place, path, snapshot, chosen_for(tmp_path / "store", licence="MIT"))
    assert read_sign_off(path) == before
    with Outbox.open(place) as outbox:
        assert outbox.records_of(snapshot.sha256) == (
            (first.draft.record_id, first.audience, None),
        )
    assert not list(place.state.glob("signing-*")), "nothing is left lying about"


@pytest.mark.parametrize("cut_at", [1, 2])
def test_cut_off_while_writing_there_is_one_sign_off_or_none(
    cut_at: int, place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    sign_chosen(place, path, snapshot, chosen_for(tmp_path / "store"))
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from signoff_collector.consent import sign_off_files\n"
        "real, left = sign_off_files.replace_private, [int(sys.argv[2])]\n"
        "def replace(place, data):\n"
        "    left[0] -= 1\n"
        "    if not left[0]:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(place, data)\n"
        "sign_off_files.replace_private = replace\n"
        "new = sign_off_files.SignOff(statement=b'new', signature=b'new')\n"
        "sign_off_files.write_sign_off(Path(sys.argv[1]), new)\n"
    )
    argv = [sys.executable, "-I", "-c", code, str(path), str(cut_at)]
    subprocess.run(argv, timeout=deadline(), check=False)
    assert not statement_path(path).exists()
    with pytest.raises(NotSignedError, match="not signed"):
        read_sign_off(path)
    assert run_signoff("verify", path).code == 12
    assert sign_chosen(place, path, snapshot, chosen_for(tmp_path / "store")).verdict.is_good


def test_what_is_verified_after_signing_are_the_files_as_they_lie_there(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    drafted = draft(place, snapshot, chosen_for(tmp_path / "store"))
    path.write_bytes(small_episode("other \U0001f600\U00010348\n"))
    verdict = finish(place, path, snapshot, drafted).verdict
    assert verdict.authenticity.is_good
    assert not verdict.integrity.is_good, "the episode was changed under the signer"


def test_of_two_who_sign_at_once_one_sign_off_lies_there_whole(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    stores = [tmp_path / "a", tmp_path / "b"]
    drafts = [draft(place, snapshot, chosen_for(store)) for store in stores for _ in range(3)]
    with ThreadPoolExecutor(len(drafts)) as pool:
        list(pool.map(lambda one: finish(place, path, snapshot, one), drafts))
    assert call_signoff("verify", path).code == 0


def test_a_draft_is_signed_as_it_was_drafted(
    place: Home, path: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    drafted = draft(place, snapshot, chosen_for(tmp_path / "store"))
    finish(place, path, snapshot, drafted)
    assert statement_path(path).read_bytes() == drafted.statement


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"audience": "x"}',
        b'{"audience": "x", "notice_sha256": "PLANTED"}',
        b'{"audience": "x", "notice_sha256": "' + b"a" * 64 + b'", "PLANTED": 1}',
        b'{"audience": "x", "notice_sha256": "' + b"a" * 64 + b'", "as_me": "yes PLANTED"}',
    ],
)
def test_choices_that_make_no_sense_are_refused_and_not_repeated(content: bytes) -> None:
    with pytest.raises(UsageError) as raised:
        parse_chosen(content)
    assert "PLANTED" not in str(raised.value)


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_any_bytes_are_choices_or_a_usage_error(content: bytes) -> None:
    try:
        parse_chosen(content)
    except UsageError:
        return


def make_locked_git_key(folder: Path) -> Path:
    """Make a key with a passphrase and have git sign with it."""
    key = folder / "id"
    make_key(key)
    keygen = find_program("ssh-keygen")
    lock = [keygen, "-q", "-p", "-P", "", "-N", "a pass phrase", "-f", key]
    subprocess.run(lock, check=True, timeout=deadline())
    name = [find_program("git"), "config", "--global", "user.signingKey", f"{key}.pub"]
    subprocess.run(name, check=True, timeout=deadline())
    return key


def test_a_passphrase_typed_at_the_terminal_is_a_persons_word(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    make_locked_git_key(tmp_path)
    path = put_episode(place, small_episode(), owner=None)
    words = ["sign", str(path), "--to", str(tmp_path / "store"), "--owner", "mine", "--yes"]
    refused = run_signoff(*words)
    assert (refused.code, "said by a program" in refused.err) == (13, True), refused
    argv = [*SIGNOFF, *words, "--as-me"]
    with Terminal(argv, cwd=tmp_path, env=dict(os.environ)) as terminal:
        terminal.wait_for(b"Enter passphrase")
        terminal.press(b"a pass phrase\n")
        assert terminal.end() == 0, terminal.shown
        assert b"a pass phrase" not in terminal.shown
    assert run_signoff("verify", path).code == 0


@pytest.mark.parametrize("fault", ["no passphrase", "open to others", "held by an agent"])
def test_a_key_that_asks_nobody_leaves_a_programs_word_one(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    if fault == "no passphrase":
        make_key(tmp_path / "id")
        key = SigningKey(kind="as-me", public_key=b"", path=tmp_path / "id")
    else:
        make_locked_git_key(tmp_path)
        private = tmp_path / "id"
        socket = "/run/agent" if fault == "held by an agent" else None
        key = SigningKey(kind="as-me", public_key=b"", path=private, agent_socket=socket)
        assert key.asks_person == (socket is None)
        private.chmod(0o644 if socket is None else 0o600)
    assert not key.asks_person


def test_a_locked_key_without_a_terminal_is_said_and_nothing_is_written(
    place: Home, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    canary = tmp_path / "asked"
    asking = tmp_path / "askpass"
    asking.write_text(f"#!/bin/sh\n: > {canary}\necho a pass phrase\n")
    asking.chmod(0o755)
    monkeypatch.setenv("SSH_ASKPASS", str(asking))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    monkeypatch.setenv("DISPLAY", ":0")
    make_locked_git_key(tmp_path)
    argv = ("sign", path, "--to", tmp_path / "store", "--owner", "mine", "--yes", "--as-me")
    done = run_signoff(*argv, prefix=("setsid", "-w"))
    assert done.code == 1
    assert "did not sign" in done.err
    assert "ssh-add" in done.err
    assert not canary.exists(), "no program of the environment is asked"
    assert not statement_path(path).exists()
    assert not signature_path(path).exists()
