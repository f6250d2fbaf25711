"""The builder's signature over a manifest; a home has a key of its own for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.ssh_keygen import sign_message
from signoff_collector.consent.signatures.sshsig import DATASET
from signoff_collector.consent.terms.audience import Audience
from signoff_schemas.dataset import MANIFEST_TYPE

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home

BUILDER: Final = Audience(MANIFEST_TYPE)
"""Under which the register keeps the key: no address of a store, so it never signs an episode."""


class Builder(Protocol):
    """Whoever signs data sets and their notices."""

    def sign(self, content: bytes) -> bytes:
        """Return an armoured SSHSIG over a document, in namespace `signoff-dataset-v1`."""
        ...

    def is_own(self, public_key: bytes) -> bool:
        """Say whether a key, in wire form, is this builder's, now or before."""
        ...


@dataclass(frozen=True, slots=True)
class HomeBuilder:
    """The builder of a home: a key made for it."""

    home: Home

    def sign(self, content: bytes) -> bytes:
        """Sign a document."""
        return sign_manifest(self.home, content)

    def is_own(self, public_key: bytes) -> bool:
        """Say whether a key is this home's."""
        return is_own_builder(self.home, public_key)


def sign_manifest(home: Home, content: bytes) -> bytes:
    """Return the signature of this home's builder, making the key when there is none.

    Raises:
        SignoffError: ssh-keygen could not.
    """
    key = KeyRegister(home).key_for(BUILDER)
    return sign_message(content, key=key.path, public_key=key.public_key, namespace=DATASET)


def is_own_builder(home: Home, public_key: bytes) -> bool:
    """Say whether a key is this home's builder's, now or before."""
    return KeyRegister(home).is_own(BUILDER, public_key)
