"""The notice: a changed text is a new version, and it says what cannot be promised."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support.sign_off import call_signoff, put_episode, signed_episode, small_episode

from signoff_collector.consent import signing_off
from signoff_collector.consent.terms import notices
from signoff_collector.consent.terms.notices import PUBLISHED, current_notice
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.statement import SignedNotice

TEXTS = {
    "2026-12": "290e95aed024f515f4a0691d6923527a44460d87553e26cc2e1a8a9cb35a55bc",
    "2026-12.2": "e0c3628b9766f39d32ae72779d91c647211a025020806957042c492128c12384",
    "2026-12.3": "69bdd59f9656f8fb7a3cb5f9f54bfb785406874f0bf8168c4f1b62fd52724eed",
}
"""SHA-256 of the text of every version that may be signed; never changed, only added to."""


def test_the_text_of_a_version_is_never_changed() -> None:
    notice = current_notice()
    assert TEXTS[notice.version] == hashlib.sha256(notice.text.encode()).hexdigest()
    assert {version: digest for (version, _), digest in PUBLISHED.items()} == TEXTS
    folder = Path(notices.__file__).parent / "notice_texts"
    for version, digest in TEXTS.items():
        assert hashlib.sha256((folder / f"{version}.en.md").read_bytes()).hexdigest() == digest


def test_finer_times_are_called_biometric() -> None:
    assert "biometric" in current_notice().text


def test_what_was_signed_under_an_older_notice_holds_but_is_not_sent(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    folder = Path(notices.__file__).parent / "notice_texts"
    text = (folder / "2026-12.en.md").read_text("utf-8")
    older = SignedNotice(version="2026-12", language="en", text=text)
    with monkeypatch.context() as patched:  # what an older release does
        patched.setattr(signing_off, "current_notice", lambda: older)
        path = signed_episode(home, store)
    assert call_signoff("verify", path).code == 0
    refused = call_signoff("upload", path, "--to", store)
    assert (refused.code, "notice" in refused.err) == (13, True)
    assert not store.exists()
    path = signed_episode(home, store)
    assert call_signoff("upload", path, "--to", store).code == 0


@pytest.mark.parametrize("change", [{"text": "Anybody may read it."}, {"version": "1999-01"}])
def test_a_statement_with_a_notice_that_never_was_holds_nowhere(
    change: dict[str, str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = current_notice().model_copy(update=change)
    with monkeypatch.context() as patched:  # an edited program
        patched.setattr(signing_off, "current_notice", lambda: forged)
        path = put_episode(resolve_home().ensure(), small_episode())
        signed = call_signoff("sign", path, "--to", tmp_path / "store", "--owner", "mine", "--yes")
    assert (signed.code, "checking the sign-off failed" in signed.err) == (12, True)
    verdict = call_signoff("verify", path)
    assert (verdict.code, "notice" in verdict.err) == (12, True)
    assert call_signoff("upload", path, "--to", tmp_path / "store").code == 12


def test_it_says_plainly_what_no_program_can_promise() -> None:
    text = current_notice().text
    for said in (
        "looks like ordinary words",
        "reversed, hashed",
        "in a picture",
        "still in the file",
        "are words elsewhere",
        "names you",
        "can read the store",
    ):
        assert said in text
