"""Signing keys: one of our own per audience, and a register of those that were used.

An SSH signature holds its public key, and the public keys of git users are published.
A key of its own per audience keeps the pseudonym one; `--as-me` gives it up knowingly.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.consent.signatures.ssh_keygen import (
    has_passphrase,
    make_key,
    parse_public_key,
    public_key_line,
    read_public_key,
)
from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_collector.own_files.private_files import (
    locked,
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.untyped import is_fields, is_items

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home

_MAX_REGISTER_BYTES: Final = 4 << 20
_HINT: Final = "Move the file away; older sign-offs then need --allowed-signers to be verified."

KeyKind = Literal["audience", "as-me"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key that can sign now."""

    kind: KeyKind
    public_key: bytes
    """Wire form."""
    path: Path
    """Private key, or the public one when the agent holds the private one."""
    agent_socket: str | None = None

    @property
    def fingerprint(self) -> str:
        """The key as `ssh-keygen -l` names it."""
        return fingerprint(self.public_key)

    @property
    def asks_person(self) -> bool:
        """Whether signing needs a touch, or a passphrase typed at the terminal.

        A key that an agent holds does not count: nobody can tell what the agent asks.
        """
        if self.agent_socket is not None:
            return False
        is_touched = self.public_key[4:].startswith(b"sk-")  # the kind's name, behind its length
        return is_touched or has_passphrase(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """A key with which this developer has signed for one audience."""

    audience: str
    kind: KeyKind
    public_key: str
    """As `TYPE BASE64`."""


class KeyRegister:
    """The keys of one home, in `keys/`."""

    def __init__(self, home: Home) -> None:
        self._folder = home.keys
        self._register = home.keys / "register.json"

    def key_for(self, audience: Audience) -> SigningKey:
        """Return the key made for this audience, making it when there is none."""
        place = self._place(audience)
        make_private_folder(place.parent)
        with locked(self._folder / "register.lock"):
            if not place.exists():
                place.with_suffix(".pub").unlink(missing_ok=True)
                make_key(place)
            key = SigningKey(
                kind="audience",
                public_key=read_public_key(place.with_suffix(".pub")),
                path=place,
            )
            self._add(audience, key)
        return key

    def find_key(self, audience: Audience) -> SigningKey | None:
        """Return the key made for this audience, or None when there is none (any more)."""
        place = self._place(audience)
        try:
            public_key = read_public_key(place.with_suffix(".pub"))
        except NotFoundError:
            return None
        if not place.exists():
            return None
        return SigningKey(kind="audience", public_key=public_key, path=place)

    def remember(self, audience: Audience, key: SigningKey) -> None:
        """Note that this key signed for this audience."""
        make_private_folder(self._folder)
        with locked(self._folder / "register.lock"):
            self._add(audience, key)

    def is_own(self, audience: str, public_key: bytes) -> bool:
        """Tell whether this developer signs for this audience with this key."""
        return any(
            own.audience == audience and parse_public_key(own.public_key) == public_key
            for own in self.keys()
        )

    def keys(self) -> tuple[OwnKey, ...]:
        """Return every key ever used, also those since lost.

        Raises:
            DamagedError: the register cannot be read.
        """
        try:
            content = read_regular(self._register, max_bytes=_MAX_REGISTER_BYTES)
        except NotFoundError:
            return ()
        try:
            return _own_keys(json.loads(content))
        except (ValueError, TypeError, RecursionError):
            raise DamagedError(
                f"{self._register} is not a valid register of keys", hint=_HINT
            ) from None

    def _add(self, audience: Audience, key: SigningKey) -> None:
        own = OwnKey(audience=audience, kind=key.kind, public_key=public_key_line(key.public_key))
        known = self.keys()
        if own not in known:
            rows = [asdict(item) for item in (*known, own)]
            replace_private(self._register, (json.dumps(rows, indent=1) + "\n").encode("ascii"))

    def _place(self, audience: Audience) -> Path:
        name = hashlib.sha256(audience.encode()).hexdigest()[:16]
        return self._folder / name / "id_ed25519"


def _own_keys(value: object) -> tuple[OwnKey, ...]:
    if not is_items(value):
        raise TypeError("the register is not a list")
    return tuple(_own_key(item) for item in value)


def _own_key(item: object) -> OwnKey:
    if not is_fields(item):
        raise TypeError("a key is not an object")
    fields = item
    audience, kind, public_key = (fields.get(n) for n in ("audience", "kind", "public_key"))
    if not isinstance(audience, str) or not isinstance(public_key, str):
        raise TypeError("a key lacks a field")
    if kind == "audience":
        return OwnKey(audience=audience, kind="audience", public_key=public_key)
    if kind == "as-me":
        return OwnKey(audience=audience, kind="as-me", public_key=public_key)
    raise ValueError("a key is of an unknown kind")
