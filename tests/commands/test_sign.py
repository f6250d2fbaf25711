"""`signoff sign`: only what was reviewed, only what may be shared."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.pseudo_terminal import Terminal
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    sign_at_terminal,
    signed_episode,
    small_episode,
)

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import SealedAs, note_sealed, open_session
from signoff_collector.consent.review_records import find_review
from signoff_collector.consent.sign_off_files import (
    read_sign_off,
    signature_path,
    statement_path,
    take_snapshot,
)
from signoff_collector.consent.signatures.ssh_keygen import (
    make_key,
    public_key_line,
    read_public_key,
)
from signoff_collector.consent.signatures.sshsig import parse_signature, unarmour
from signoff_collector.consent.terms.notices import current_notice
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.programs.children import find_program
from signoff_collector.system.clock import SystemClock
from signoff_schemas.statement import parse_statement
from signoff_schemas.words import Owner

pytestmark = pytest.mark.slow

SIGNOFF = (sys.executable, "-I", "-m", "signoff_collector")


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_signed_statement_says_what_was_agreed(home: Path, store: Path) -> None:
    path = signed_episode(
        home, store, "--purpose", "teaching", "--purpose", "research", "--licence", "cc-by-4.0"
    )
    statement = parse_statement(read_sign_off(path).statement)
    predicate = statement.predicate
    assert predicate.audience == f"file://{store}"
    assert predicate.purposes == ("research", "teaching")
    assert predicate.licence == "CC-BY-4.0"
    assert predicate.shown_digest == statement.sha256
    assert predicate.notice == current_notice()
    assert predicate.episode.size_bytes == path.stat().st_size
    assert predicate.episode.steps["open"] == predicate.episode.steps["save"] == 1
    assert "performance-evaluation" in predicate.prohibited_uses
    for file in (statement_path(path), signature_path(path)):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_statement_names_no_path_person_or_repository(
    home: Path, store: Path, tmp_path: Path
) -> None:
    path = signed_episode(home, store)
    value = json.loads(read_sign_off(path).statement)
    value["predicate"]["audience"] = value["predicate"]["notice"] = ""
    text = json.dumps(value).replace("https://in-toto.io/Statement/v1", "")
    text = text.replace("application/vnd.signoff.episode", "")
    for name in (str(tmp_path), "/", "Ada", "ada@example.org"):
        assert name not in text


def test_what_nobody_reviewed_is_refused(place: Home, store: Path) -> None:
    path = put_episode(place, small_episode(), is_reviewed=False)
    done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert done.code == 13
    assert "no review on this machine ended with" in done.err
    assert not statement_path(path).exists()


def test_a_byte_changed_after_the_review_makes_it_unreviewed(place: Home, store: Path) -> None:
    path = put_episode(place, small_episode())
    content = path.read_bytes()
    for at in (0, 9, len(content) // 2, len(content) - 1):
        changed = bytearray(content)
        changed[at] ^= 1
        path.write_bytes(changed)
        assert call_signoff("sign", path, "--to", store, "--yes").code == 13
    path.write_bytes(content + b"\0")
    assert call_signoff("sign", path, "--to", store, "--yes").code == 13
    path.write_bytes(b"")
    assert call_signoff("sign", path, "--to", store, "--yes").code == 13


def test_reviewed_bytes_that_hold_more_than_is_shown_are_damaged(place: Home, store: Path) -> None:
    hidden = small_episode() + b"\x50\x2a\x4d\x18\x04\0\0\0Ada!"
    path = put_episode(place, hidden)
    assert call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes").code == 11
    assert not statement_path(path).exists()


def test_without_a_person_or_yes_nothing_is_signed(place: Home, store: Path) -> None:
    path = put_episode(place, small_episode())
    done = run_signoff("sign", path, "--to", store, "--owner", "mine")
    assert done.code == 13
    assert "Taking it back" in done.out, "the whole notice is shown"
    assert not statement_path(path).exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 13), ("no\n", 13)])
def test_a_person_at_a_terminal_is_shown_the_notice_and_asked(
    place: Home, store: Path, answer: str, code: int
) -> None:
    path = put_episode(place, small_episode())
    controller, terminal = pty.openpty()
    try:
        os.write(controller, answer.encode())
        process = subprocess.Popen(
            [*SIGNOFF, "sign", str(path), "--to", str(store), "--owner", "mine"],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        shown = b""
        while True:
            try:
                piece = os.read(controller, 1 << 16)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        assert process.wait(timeout=deadline()) == code
    finally:
        os.close(controller)
    text = shown.decode().replace("\r\n", "\n")
    assert current_notice().text.strip() in text
    assert statement_path(path).exists() == (code == 0)


def test_whose_code_it_is_is_asked_until_it_is_known_by_its_beginning(
    place: Home, store: Path
) -> None:
    path = put_episode(place, small_episode(), owner=None)
    argv = [*SIGNOFF, "sign", str(path), "--to", str(store)]
    with Terminal(argv, cwd=path.parent) as terminal:
        for question, answer in (
            (b"Whose code is it?", b"opne\n"),
            (b"Not an owner: opne.", b"mi\n"),
            (b"Sign this for", b"y\n"),
        ):
            terminal.wait_for(question)
            terminal.press(answer)
        assert terminal.end() == 0
    statement = parse_statement(read_sign_off(path).statement)
    assert statement.predicate.rights.basis == "mine"


@pytest.mark.parametrize("owner", ["employer", "unknown"])
def test_code_of_others_stays_here_until_a_person_says_that_there_is_a_permission(
    place: Home, store: Path, owner: str
) -> None:
    path = put_episode(place, small_episode(), owner=None)
    said = (path, "--to", store, "--owner", owner)
    refused = call_signoff("sign", *said, "--yes")
    assert refused.code == 13
    assert "permission" in refused.err
    named = call_signoff("sign", *said, "--yes", "--permission", "Ada said so")
    assert named.code == 2, "free text could name people"
    claimed = call_signoff("sign", *said, "--yes", "--permission", "new")
    assert (claimed.code, "said by a program" in claimed.err) == (13, True), claimed
    done = sign_at_terminal(*said, "--permission", "new", cwd=path.parent)
    assert done.code == 0, done.err
    rights = parse_statement(read_sign_off(path).statement).predicate.rights
    assert rights.basis == owner
    assert rights.permission_reference is not None
    assert rights.permission_reference in done.out


def test_what_was_said_when_enabling_wins_over_what_is_said_when_signing(
    place: Home, store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    path = reviewed_episode_of(place, folder, Owner.EMPLOYER, is_confirmed=True)
    refused = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert refused.code == 13
    assert "employer" in refused.err


@pytest.mark.parametrize("owner", [Owner.MINE, Owner.OPEN_SOURCE])
def test_what_a_program_said_when_enabling_frees_nothing(
    place: Home, store: Path, tmp_path: Path, owner: Owner
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    path = reviewed_episode_of(place, folder, owner, is_confirmed=False)
    refused = call_signoff("sign", path, "--to", store, "--yes")
    assert (refused.code, "unknown ownership" in refused.err) == (13, True), refused
    assert not statement_path(path).exists()
    Workspaces(place).enable(folder, owner=owner, is_confirmed=True)
    done = call_signoff("sign", path, "--to", store, "--yes")
    assert done.code == 0, done.err
    assert parse_statement(read_sign_off(path).statement).predicate.rights.basis == owner


def test_what_a_program_said_to_be_an_employers_stays_so(
    place: Home, store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    path = reviewed_episode_of(place, folder, Owner.EMPLOYER, is_confirmed=False)
    Workspaces(place).enable(folder, owner=Owner.MINE, is_confirmed=False)
    refused = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert (refused.code, "employer" in refused.err) == (13, True), refused


def reviewed_episode_of(place: Home, folder: Path, owner: Owner, *, is_confirmed: bool) -> Path:
    """Give an episode of a workspace that was enabled so, reviewed on this machine."""
    workspace = Workspaces(place).enable(folder, owner=owner, is_confirmed=is_confirmed)
    session = open_session(place, workspace, SystemClock())
    path = put_episode(place, small_episode(), owner=None)
    review = find_review(place, take_snapshot(path).sha256)
    assert review is not None
    note_sealed(session, SealedAs(path=path, sha256=review.base_sha256))
    return path


def test_an_unknown_owner_is_the_default(place: Home, store: Path) -> None:
    path = put_episode(place, small_episode(), owner=None)
    done = run_signoff("sign", path, "--to", store, "--yes")
    assert done.code == 13
    assert "--owner" in done.err


@pytest.mark.parametrize(
    "options",
    [
        ("--licence", "Ada's own"),
        ("--licence", "LicenseRef-Ada"),
        ("--expires-days", "0"),
        ("--expires-days", "100000"),
        ("--supersedes", "x"),
        ("--to", "ftp://example.org"),
    ],
)
def test_terms_that_make_no_sense_are_usage_errors(
    place: Home, store: Path, options: tuple[str, str]
) -> None:
    path = put_episode(place, small_episode())
    done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes", *options)
    assert done.code == 2
    assert not statement_path(path).exists()


def test_the_recovery_code_is_shown_once(home: Path, store: Path, tmp_path: Path) -> None:
    path = put_episode(resolve_home().ensure(), small_episode())
    arguments = ("sign", path, "--owner", "mine", "--yes", "--to")
    first = call_signoff(*arguments, store)
    second = call_signoff(*arguments, tmp_path / "other")
    assert "recovery code" in first.out
    assert "recovery code" not in second.out


def test_two_audiences_see_two_keys_and_two_names(home: Path, store: Path, tmp_path: Path) -> None:
    seen = []
    for target in (store, tmp_path / "other"):
        path = signed_episode(home, target)
        sign_off = read_sign_off(path)
        predicate = parse_statement(sign_off.statement).predicate
        key = parse_signature(unarmour(sign_off.signature)).public_key
        seen.append((key, predicate.contributor, predicate.repository))
    assert not set(seen[0]) & set(seen[1])


def test_as_me_signs_with_the_git_key_and_says_that_it_names_you(
    place: Home, store: Path, tmp_path: Path
) -> None:
    make_key(tmp_path / "id")
    subprocess.run(
        [find_program("git"), "config", "--global", "user.signingKey", tmp_path / "id.pub"],
        check=True,
        timeout=deadline(),
    )
    path = put_episode(place, small_episode())
    done = run_signoff("sign", path, "--to", store, "--owner", "mine", "--yes", "--as-me")
    assert done.code == 0, done.err
    assert "names you" in done.err
    key = parse_signature(unarmour(read_sign_off(path).signature)).public_key
    assert public_key_line(key) == public_key_line(read_public_key(tmp_path / "id.pub"))
    assert run_signoff("verify", path).code == 0


def test_signing_again_replaces_the_earlier_sign_off(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    first = read_sign_off(path)
    earlier = parse_statement(first.statement).predicate.record_id
    path = signed_episode(home, store, "--licence", "MIT")
    assert parse_statement(read_sign_off(path).statement).predicate.supersedes == earlier
    statement_path(path).write_bytes(first.statement)
    signature_path(path).write_bytes(first.signature)
    assert call_signoff("verify", path).code == 12
    assert call_signoff("upload", path, "--to", store).code == 13
    for name in ("outbox.sqlite", "outbox.sqlite-wal", "outbox.sqlite-shm"):
        (home / "state" / name).unlink(missing_ok=True)
    refused = call_signoff("upload", path, "--to", store)
    assert (refused.code, "not among those" in refused.err) == (13, True), refused
    assert not store.exists()


def test_json_gives_one_row_and_text_goes_to_stderr(place: Home, store: Path) -> None:
    path = put_episode(place, small_episode())
    done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes", "--json")
    (row,) = done.rows()
    assert row["audience"] == f"file://{store}"
    assert Path(str(row["statement"])).is_file()
    assert Path(str(row["signature"])).is_file()
