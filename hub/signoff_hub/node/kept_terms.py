"""The terms of a hub, kept for ever: a statement names those under which it was signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, TERMS
from signoff_schemas.errors import DamagedError, NotSignedError, RefusedError
from signoff_schemas.hub import MAX_TERMS_BYTES, make_terms, parse_terms, terms_sha256

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_hub.objects.interface import Objects
    from signoff_hub.place.hub_key import HubKey
    from signoff_schemas.hub import HubTerms

_FOLDER: Final = "terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTerms:
    """Terms with the hub's signature over their exact bytes."""

    terms: HubTerms
    content: bytes
    signature: bytes

    @property
    def sha256(self) -> str:
        """How a statement names them."""
        return terms_sha256(self.content)


class KeptTerms:
    """What this hub ever offered, as objects `terms/SHA256.json` and `.json.sig`.

    A hub with another key or address has other terms, also where it uses the same objects.
    """

    def __init__(self, objects: Objects, key: HubKey, address: Audience) -> None:
        self._objects = objects
        self._key = key
        self._address = address
        self._known: dict[str, SignedTerms] = {}

    def find(self, sha256: str) -> SignedTerms | None:
        """Return the terms of that digest, if this hub ever offered them.

        Costs a read of the store for digests that are not known yet; they stay known.
        """
        known = self._known.get(sha256)
        if known is None:
            known = self._read(sha256)
            if known is not None:
                self._known[sha256] = known
        return known

    def agree(self, wanted: HubTerms) -> SignedTerms:
        """Return the current terms: the last ones where they say the same, else new ones.

        Raises:
            DamagedError: the store holds other bytes under their name.
            RefusedError: another hub works with this store.
        """
        self._refuse_another()
        last = self.last()
        if last is not None and _say_the_same(last.terms, wanted):
            return last
        content = make_terms(wanted)
        sha256 = terms_sha256(content)
        signature = self._key.sign(content, TERMS)
        self._objects.create(f"{_FOLDER}/{sha256}.json.sig", signature)
        self._objects.create(f"{_FOLDER}/{sha256}.json", content)
        found = self.find(sha256)
        if found is None:
            raise DamagedError(
                "the store holds other bytes in the place of this hub's terms",
                hint="Look who else writes to it: only the nodes of this hub may.",
            )
        self._refuse_another()  # of two that came at once, neither goes on unseen
        return found

    def last(self) -> SignedTerms | None:
        """Return the terms that were offered last, or None before there were any."""
        names = [name for name in self._objects.names(_FOLDER) if name.endswith(".json")]
        found = [one for name in names if (one := self.find(name.removesuffix(".json")))]
        return max(found, key=lambda one: (one.terms.valid_from, one.sha256), default=None)

    def _refuse_another(self) -> None:
        """Refuse a store that holds what another hub signed: each would erase what both hold."""
        for name in self._objects.names(_FOLDER):
            if not name.endswith(".json"):
                continue
            key = f"{_FOLDER}/{name}"
            content = self._objects.read(key, max_bytes=MAX_TERMS_BYTES)
            signature = self._objects.read(f"{key}.sig", max_bytes=MAX_SIGNATURE_BYTES)
            if content is None or signature is None:
                continue
            try:
                signed = verify_signature(content, signature, TERMS)
            except NotSignedError:
                continue
            if signed.public_key != self._key.public_key:
                raise RefusedError(
                    "another hub works with this store",
                    hint="Give each hub a store or a prefix of its own; nodes of one hub share"
                    " its key.",
                )

    def _read(self, sha256: str) -> SignedTerms | None:
        key = f"{_FOLDER}/{sha256}.json"
        content = self._objects.read(key, max_bytes=MAX_TERMS_BYTES)
        signature = self._objects.read(f"{key}.sig", max_bytes=MAX_SIGNATURE_BYTES)
        if content is None or signature is None or terms_sha256(content) != sha256:
            return None
        try:
            terms = parse_terms(content)
            signed = verify_signature(content, signature, TERMS)
        except NotSignedError:
            return None
        if (signed.public_key, terms.receiver) != (self._key.public_key, self._address):
            return None
        return SignedTerms(terms=terms, content=content, signature=signature)


def _say_the_same(one: HubTerms, other: HubTerms) -> bool:
    return one == other.model_copy(update={"valid_from": one.valid_from})
