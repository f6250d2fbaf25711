"""Where things lie in a store (docs/sign_off.md, Store)."""

from __future__ import annotations

from typing import Final

BLOBS: Final = "blobs"
SIGN_OFFS: Final = "signoffs"
RECEIPTS: Final = "receipts"
TOMBSTONES: Final = "tombstones"


def blob_key(sha256: str) -> str:
    """Return where the episode lies."""
    return f"{BLOBS}/{sha256[:2]}/{sha256}"


def statement_key(sha256: str, statement_sha256: str) -> str:
    """Return where a statement lies: its being there means that all of it was sent."""
    return f"{sign_off_folder(sha256)}/{statement_sha256}.json"


def signature_key(sha256: str, statement_sha256: str) -> str:
    """Return where a statement's signature lies."""
    return f"{statement_key(sha256, statement_sha256)}.sig"


def sign_off_folder(sha256: str) -> str:
    """Return where all sign-offs of one episode lie."""
    return f"{SIGN_OFFS}/{sha256[:2]}/{sha256}"


def receipt_folder(sha256: str) -> str:
    """Return where a receiver puts its receipts for one episode."""
    return f"{RECEIPTS}/{sha256[:2]}/{sha256}"


def tombstone_key(sha256: str) -> str:
    """Return where the mark of a withdrawn episode lies."""
    return f"{TOMBSTONES}/{sha256[:2]}/{sha256}.json"
