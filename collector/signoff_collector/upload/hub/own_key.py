"""The key with which a hub is signed in to: the one that signed what is sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.git_key import find_git_key
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.own_files.private_files import make_private_folder
from signoff_schemas.errors import NotFoundError, NotSignedError, RefusedError

if TYPE_CHECKING:
    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.consent.signatures.keys import SigningKey
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home


def key_that_signed(home: Home, audience: Audience, sign_off: SignOff) -> SigningKey:
    """Return the key of a sign-off, usable now.

    Raises:
        RefusedError: this machine does not have it any more.
        NotSignedError: the sign-off is void.
    """
    signer = verify_signature(sign_off.statement, sign_off.signature, SIGN_OFF).public_key
    key = KeyRegister(home).find_key(audience)
    if key is None or key.public_key != signer:
        key = _git_key(home)
    if key is None or key.public_key != signer:
        raise RefusedError(
            "the key that signed this episode is not on this machine any more",
            hint="Sign it again here; the hub then knows the new key.",
        )
    return key


def key_for_hub(home: Home, audience: Audience) -> SigningKey:
    """Return the key with which this developer signs for a hub.

    Raises:
        NotFoundError: nothing was signed for it here.
    """
    register = KeyRegister(home)
    key = register.find_key(audience)
    if key is not None:
        return key
    git_key = _git_key(home)
    if git_key is not None and register.is_own(audience, git_key.public_key):
        return git_key
    raise NotFoundError(
        f"this machine has no key with which something was signed for {audience}",
        hint="`signoff receipts` without an address shows what is kept here.",
    )


def _git_key(home: Home) -> SigningKey | None:
    """Return the key of `--as-me`, where there is one."""
    scratch = home.keys / "as-me"
    make_private_folder(scratch)
    try:
        return find_git_key(scratch)
    except (NotFoundError, NotSignedError, RefusedError):
        return None
