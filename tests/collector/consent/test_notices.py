"""The notice: a changed text is a new version, and it says what cannot be promised."""

from __future__ import annotations

import hashlib

from signoff_collector.consent.notices import current_notice

TEXTS = {
    "2026-12": "290e95aed024f515f4a0691d6923527a44460d87553e26cc2e1a8a9cb35a55bc",
}
"""SHA-256 of the text of every version that may be signed; never changed, only added to."""


def test_the_text_of_a_version_is_never_changed() -> None:
    notice = current_notice()
    assert TEXTS[notice.version] == hashlib.sha256(notice.text.encode()).hexdigest()


def test_it_says_plainly_what_no_program_can_promise() -> None:
    text = current_notice().text
    for said in (
        "looks like ordinary words",
        "reversed, hashed",
        "in a picture",
        "still in the file",
    ):
        assert said in text
