"""Signing on the review page where more has to be said than usual (make e2e-review)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.review_browser import drive, need_tools
from tests.support.review_days import note_shared_editor, odd_day, session_of_day
from tests.support.review_page import ServedReview

from signoff_collector.consent.sign_off_files import read_sign_off
from signoff_collector.consent.signatures.ssh_keygen import (
    make_key,
    public_key_line,
    read_public_key,
)
from signoff_collector.consent.signatures.sshsig import parse_signature, unarmour
from signoff_collector.own_files.home import resolve_home
from signoff_collector.programs.children import find_program
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.review


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@pytest.mark.usefixtures("compiled_engine", "home")
def test_as_me_with_a_permission_and_a_shared_editor_is_signed_on_the_page(
    tmp_path: Path,
) -> None:
    base = odd_day()
    session, _ = session_of_day(resolve_home(), base, tmp_path / "project")
    note_shared_editor(session)
    make_key(tmp_path / "id")
    subprocess.run(
        [find_program("git"), "config", "--global", "user.signingKey", tmp_path / "id.pub"],
        check=True,
        timeout=deadline(),
    )
    store = tmp_path / "store"
    store.mkdir()
    with ServedReview(base) as review:
        given = {"store": f"file://{store}"}
        result = drive("terms", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0
    episode = Path(str(result["statement"]).removesuffix(".signoff.json") + ".episode")
    signed = read_sign_off(episode)
    key = parse_signature(unarmour(signed.signature)).public_key
    assert public_key_line(key) == public_key_line(read_public_key(tmp_path / "id.pub"))
    predicate = parse_statement(signed.statement).predicate
    assert predicate.rights.basis == "employer"
    assert predicate.rights.permission_reference is not None


@pytest.mark.usefixtures("compiled_engine")
def test_a_recording_is_discarded_after_a_question_and_is_gone(tmp_path: Path, home: Path) -> None:
    base = odd_day()
    with ServedReview(base) as review:
        drive("discards", review.next_way().address, tmp_path / "out")
        assert review.wait() == 0
    assert not base.exists()
    assert not [path for path in (home / "state" / "reviews").iterdir() if path.suffix == ".draft"]
