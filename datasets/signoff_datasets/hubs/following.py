"""Follow a hub to the version that replaced one: what is new is fetched, the old one is erased.

As with a refresh from a store the old version is whole at every moment, or the new one is: the new
one gets its name when it is complete, then the hub's notice is left in the old one, then the old
one goes. What was killed is run again with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.own_files.private_files import read_regular
from signoff_collector.upload.hub.answers import not_a_hub
from signoff_collector.upload.hub.problems import HubRefusedError
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.hubs.answers import Given, read_manifest, read_notice
from signoff_datasets.hubs.fetching import Fetch, drop_begun
from signoff_datasets.refreshing.builders import builder_of
from signoff_datasets.refreshing.erasing import erase, leave_notice, refuse_foreign
from signoff_datasets.refreshing.places import refuse_places
from signoff_datasets.refreshing.refreshes import Refreshed
from signoff_datasets.verifying.files import NOTICE, file_findings
from signoff_datasets.verifying.verifying import read_manifest as manifest_in
from signoff_schemas.dataset import MAX_BYTES, digest_of
from signoff_schemas.dataset_notice import parse_notice
from signoff_schemas.errors import (
    DamagedError,
    NetworkError,
    NotFoundError,
    ReceiverRefusedError,
    RefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_collector.own_files.home import Home
    from signoff_datasets.hubs.asking import HubDatasets
    from signoff_schemas.dataset import Manifest
    from signoff_schemas.dataset_notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """One data set of a hub that is on this machine."""

    hub: HubDatasets
    home: Home
    terms: KeptTerms
    """Of the hub, with its pinned key."""
    folder: Path
    """The data set."""
    day: datetime
    """On which sign-offs have to hold."""

    def into(self, out: Path, tell: Callable[[int, int], None]) -> Refreshed:
        """Fetch the version that replaced it, then erase the old one.

        Raises:
            RefusedError: it is of another builder, or a place is not free or would be erased.
            ReceiverRefusedError: the hub says no, or what it gives cannot be believed.
            NetworkError: the hub is away, or has not made the new version yet; the old one is as
                it was.
            DamagedError: the data set holds more than its manifest names.
        """
        refuse_places(self.folder, out, out.with_name(f"{out.name}.plan.json"), None)
        old = _held(self.folder, self.terms)
        refuse_foreign(self.folder, old)
        if old is None or (self.folder / NOTICE).is_file():
            return erase_the_rest(self.folder, self.terms)
        newer = self._newer(old)
        if newer == old.version:
            return Refreshed(notice=None, manifest=None)
        signed = self.hub.notice(old.name, old.version)
        notice = read_notice(self.hub, self.terms, signed, old)
        manifest = None
        try:
            manifest = None if newer is None else self._fetched(old, newer, notice, out, tell)
        except ReceiverRefusedError as error:
            drop_begun(out, error)
            raise
        content, signature = signed.content.encode("ascii"), signed.signature.encode("ascii")
        leave_notice(self.folder, content, signature)
        erase(self.folder, old)
        return Refreshed(notice=notice, manifest=manifest)

    def _newer(self, old: Manifest) -> int | None:
        """Return the version to use: this one, or what replaced it; None where nothing did."""
        try:
            state = self.hub.dataset(old.name, old.version)
        except HubRefusedError as error:
            if error.code != "replaced":
                raise
            if error.newer is not None and error.newer <= old.version:
                raise not_a_hub(self.hub.place, "it names an older version as the newer") from None
            return error.newer
        if state.manifest_sha256 != digest_of(old):
            raise not_a_hub(self.hub.place, "it has another data set of that name and version")
        ended = self._ended(old)
        if ended:
            raise NetworkError(
                f"{ended} of {len(old.episodes)} episodes were taken back or have expired, and the"
                f" hub {self.hub.place} has not made the version without them yet",
                hint=f"Stop using {self.folder}, and run the same command again in some minutes.",
            )
        return old.version

    def _ended(self, old: Manifest) -> int:
        """Return how many episodes of a version the hub proves no longer."""
        left, after = {one.sha256 for one in old.episodes}, ""
        while True:
            page = self.hub.proofs(old.name, old.version, after)
            left -= {one.sha256 for one in page.proofs}
            if page.next is None:
                return len(left)
            after = page.next

    def _fetched(
        self,
        old: Manifest,
        newer: int,
        notice: Notice,
        out: Path,
        tell: Callable[[int, int], None],
    ) -> Manifest:
        given = read_manifest(self.hub, self.terms, old.name, newer)
        fault = _fault(old, notice, given.manifest)
        if fault is not None:
            raise not_a_hub(self.hub.place, f"its newer version is none of this: {fault}")
        if not _is_finished(out, given):
            Fetch(
                hub=self.hub,
                home=self.home,
                terms=self.terms,
                given=given,
                day=self.day,
                old=self.folder,
            ).into(out, tell)
        return given.manifest


def erase_the_rest(folder: Path, terms: KeptTerms) -> Refreshed:
    """Go on with an erasure that was killed; nobody is asked, since what goes has to go.

    Args:
        folder: an old version, with the notice that was left in it.
        terms: of its hub, with the pinned key.

    Raises:
        RefusedError: manifest or notice is not the hub's, or each of another data set.
        NotSignedError: the signature over one does not hold.
    """
    old = _held(folder, terms)
    refuse_foreign(folder, old)
    content = read_regular(folder / NOTICE, max_bytes=MAX_BYTES)
    _refuse_other_builder(folder, NOTICE, content, terms)
    notice = parse_notice(content)
    if old is not None and digest_of(old) != notice.old_manifest_sha256:
        raise RefusedError(
            f"the {NOTICE} in {folder} is of another data set; nothing was erased",
            hint=f"Move it out of {folder}, then refresh again.",
        )
    erase(folder, old)
    return Refreshed(notice=notice, manifest=None)


def _held(folder: Path, terms: KeptTerms) -> Manifest | None:
    """Return the manifest of the data set; None where only its notice is left."""
    try:
        manifest, content = manifest_in(folder)
    except NotFoundError:
        if not (folder / NOTICE).is_file():
            raise
        return None
    _refuse_other_builder(folder, MANIFEST, content, terms)
    return manifest


def _refuse_other_builder(folder: Path, name: str, content: bytes, terms: KeptTerms) -> None:
    """Refuse what the hub did not sign.

    Raises:
        RefusedError: somebody else did.
        DamagedError: there is no signature.
        NotSignedError: it does not hold.
    """
    signer = builder_of(folder, name, content).fingerprint
    if signer != terms.terms.receipt_key_fingerprint:
        raise RefusedError(
            f"{folder} was signed by {signer}, which is not the key of {terms.audience}",
            hint="Name with --from what it was built from: a folder, a store, or another hub.",
        )


def _fault(old: Manifest, notice: Notice, new: Manifest) -> str | None:
    """Return why a version cannot be what replaced another one."""
    if new.request.purpose != old.request.purpose:
        return "it is for another purpose"
    if not set(new.request.prohibited_uses) >= set(old.request.prohibited_uses):
        return "it promises less"
    if new.request.k < old.request.k:
        return "it has a smaller k"
    if not {one.sha256 for one in new.episodes}.isdisjoint(notice.episodes):
        return "it holds an episode that was taken back"
    return None


def _is_finished(out: Path, given: Given) -> bool:
    """Tell whether a call that was killed had fetched the new version.

    Raises:
        RefusedError: something else lies there.
        DamagedError: it is not whole, so that the old one has to stay.
    """
    if not (out / MANIFEST).is_file():
        return False
    manifest, content = manifest_in(out)
    if content != given.content:
        raise RefusedError(
            f"what lies in {out} already is no refresh of this data set",
            hint="Give a name that is not there yet.",
        )
    damaged = next(file_findings(out, manifest, lambda: None), None)
    if damaged is not None:
        raise DamagedError(
            f"{out} is not whole: {damaged.where}: {damaged.what}; nothing was erased",
            hint="Move it away, then refresh again.",
        )
    return True
