"""Notices: the text that is shown before signing, and signed whole (THREATS 29)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from signoff_schemas.statement import SignedNotice

CURRENT_VERSION: Final = "2026-12"
CURRENT_LANGUAGE: Final = "en"
_FOLDER: Final = Path(__file__).parent / "notice_texts"


@cache
def current_notice() -> SignedNotice:
    """Return the notice of this release: what is shown and what is signed are this one value."""
    path = _FOLDER / f"{CURRENT_VERSION}.{CURRENT_LANGUAGE}.md"
    text = path.read_text(encoding="utf-8")
    return SignedNotice(version=CURRENT_VERSION, language=CURRENT_LANGUAGE, text=text)
