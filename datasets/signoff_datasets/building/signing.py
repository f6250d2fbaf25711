"""The builder's signature over a manifest: a key of its own per home, as for an audience."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.ssh_keygen import sign_message
from signoff_collector.consent.signatures.sshsig import DATASET
from signoff_collector.consent.terms.audience import Audience
from signoff_schemas.dataset import MANIFEST_TYPE

if TYPE_CHECKING:
    from signoff_collector.system.home import Home

BUILDER: Final = Audience(MANIFEST_TYPE)
"""Under which the register keeps the key: no address of a store, so it never signs an episode."""


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
