"""Notices: the text that is shown before signing, and signed whole (threat 29).

Every notice ever published stays known by its digest: a statement with another text under
a known version was made by an edited program. A sign-off under an older notice stays what
it was where it is; sent is only what was signed under the current one.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from signoff_schemas.errors import DamagedError, NotSignedError, RefusedError
from signoff_schemas.statement import SignedNotice

CURRENT_VERSION: Final = "2026-12.3"
CURRENT_LANGUAGE: Final = "en"
PUBLISHED: Final = {
    ("2026-12", "en"): "290e95aed024f515f4a0691d6923527a44460d87553e26cc2e1a8a9cb35a55bc",
    ("2026-12.2", "en"): "e0c3628b9766f39d32ae72779d91c647211a025020806957042c492128c12384",
    ("2026-12.3", "en"): "69bdd59f9656f8fb7a3cb5f9f54bfb785406874f0bf8168c4f1b62fd52724eed",
}
"""SHA-256 of each notice's text in UTF-8, by version and language."""
_FOLDER: Final = Path(__file__).parent / "notice_texts"


@cache
def current_notice() -> SignedNotice:
    """Return the notice of this release: what is shown and what is signed are this one value.

    Raises:
        DamagedError: the file was edited: nobody may be shown another text than the published.
    """
    return read_notice(_FOLDER / f"{CURRENT_VERSION}.{CURRENT_LANGUAGE}.md")


def read_notice(path: Path) -> SignedNotice:
    """Return the current notice from its file.

    Raises:
        DamagedError: the file is missing, or holds another text.
    """
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        text = ""
    if notice_sha256(text) != PUBLISHED[CURRENT_VERSION, CURRENT_LANGUAGE]:
        raise DamagedError(
            f"the notice {path.name} is not the one that was published",
            hint="Install Signoff again; nothing is signed under an edited notice.",
        )
    return SignedNotice(version=CURRENT_VERSION, language=CURRENT_LANGUAGE, text=text)


def notice_sha256(text: str) -> str:
    """Return the digest that identifies a notice."""
    return hashlib.sha256(text.encode()).hexdigest()


def notice_fault(notice: SignedNotice) -> str | None:
    """Return why a signed notice was never published in this form, or None."""
    known = PUBLISHED.get((notice.version, notice.language))
    if known is None:
        return f"its notice, version {notice.version}, is not known to this release"
    if known != notice_sha256(notice.text):
        return f"its notice is not the text that was published as version {notice.version}"
    return None


def refuse_old_notice(notice: SignedNotice, current: str = CURRENT_VERSION) -> None:
    """Refuse to send what was signed under another notice than the current one.

    Raises:
        NotSignedError: the notice was never published like this.
        RefusedError: it is an older one: the person has not agreed to the current one.
    """
    fault = notice_fault(notice)
    if fault is not None:
        raise NotSignedError(f"nothing was sent: {fault}", hint="Sign it again.")
    if notice.version != current:
        raise RefusedError(
            f"it was signed under notice {notice.version}, and the notice is now {current}",
            hint="Read the new one and sign again: signoff sign EPISODE --to AUDIENCE",
        )
