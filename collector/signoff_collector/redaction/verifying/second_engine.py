"""Scan masked texts with an independent engine that has rules of its own.

`kingfisher-secret-scanner` runs in this process, only detects, and opens no connection: its
validation, which would send a value to its issuer, is never called. It fails closed: if it does
not work, nothing is sealed. See docs/decisions/dependencies.md.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from signoff_collector.system.extras import how_to_install
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = "kingfisher-secret-scanner"
SCAN_LIMIT_S: Final = 120.0
"""Time limit for one text, in seconds; the engine scans hundreds of MB a second."""
_HINT: Final = f"Nothing is sealed without {PACKAGE}. {how_to_install('seal')}"
_ALPHABET: Final = string.ascii_letters + string.digits


class SecondHit(NamedTuple):
    """A value that the engine recognised."""

    value: str
    rule: str
    """Name of the engine's rule."""


class SecondEngine(Protocol):
    """The interface that verification needs."""

    @property
    def version(self) -> str:
        """Release of the engine, which determines its rules."""
        ...

    def find(self, text: str) -> list[SecondHit]:
        """Return every secret in a text, also in base64.

        Raises:
            RefusedError: the engine failed or exceeded its time limit.
        """
        ...


class _Finding(Protocol):
    @property
    def secret(self) -> str: ...
    @property
    def rule_id(self) -> str: ...


class _Kingfisher:
    def __init__(self, scan: Callable[..., Sequence[_Finding]], version: str) -> None:
        self._scan = scan
        self.version = version

    def find(self, text: str) -> list[SecondHit]:
        content = text.encode("utf-8", "replace")  # a lone surrogate cannot hide a secret
        try:
            found = self._scan(content, timeout=SCAN_LIMIT_S)
        except (OSError, RuntimeError, ValueError) as error:
            raise RefusedError(
                f"the second secret scanner failed on a text of {len(content)} bytes",
                hint="Seal again; `signoff forget` the span if it happens again.",
            ) from error
        return [SecondHit(one.secret, one.rule_id) for one in found if one.secret]


_loaded: Final[dict[str, SecondEngine]] = {}
"""Cache of the engine by name; it does not depend on the folder it was loaded with."""


def load_second_engine(cache_folder: Path | None = None) -> SecondEngine:
    """Load and self-test the engine, once per process.

    Costs 0.2 s; the first time, or without a folder, 3 s for compiling its rules.

    Args:
        cache_folder: private; holds the compiled rules with a checksum. An invalid cache is
            rebuilt.

    Raises:
        RefusedError: it is not installed, does not load, or does not find the test token.
    """
    if PACKAGE not in _loaded:
        _loaded[PACKAGE] = _load(cache_folder)
    return _loaded[PACKAGE]


def _load(cache_folder: Path | None) -> SecondEngine:
    try:
        from kingfisher_sdk import Rules, Scanner, __version__

        rules = Rules(cache=cache_folder is not None, cache_dir=cache_folder)
        engine = _Kingfisher(Scanner(rules).scan, str(__version__))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise RefusedError(
            f"the second secret scanner does not load ({type(error).__name__}); no episode was "
            f"made",
            hint=_HINT,
        ) from error
    canary = _canary()
    if canary not in {hit.value for hit in engine.find(f"token = '{canary}'\n")}:
        raise RefusedError(
            "the second secret scanner missed its test secret; no episode was made", hint=_HINT
        )
    return engine


def _canary() -> str:
    """Return a test token: it has the shape of a real one but is no secret."""
    digest = hashlib.sha512(b"signoff canary").digest()
    return "ghp_" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:36])
