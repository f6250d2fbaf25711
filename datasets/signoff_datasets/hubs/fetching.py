"""Fetch a data set of a hub: the folder that a build makes, with every file looked at.

It is made as a build makes it, in a folder beside its own (`Workplace`): what came whole stays
there when the hub or this machine goes away, and is not asked for again.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from signoff_collector.upload.hub.answers import not_a_hub
from signoff_collector.upload.hub.problems import HubRefusedError
from signoff_datasets.building.proofs import files_of, receipt_path, statement_path
from signoff_datasets.building.workplace import MANIFEST, Workplace
from signoff_datasets.hubs.arriving import arrive, is_there
from signoff_datasets.hubs.heads import follow_head
from signoff_datasets.refreshing.erasing import clear_unfinished
from signoff_datasets.refreshing.remains import held_file
from signoff_datasets.screening.authority import receiver
from signoff_datasets.verifying.sign_offs import sign_off_findings
from signoff_schemas.dataset import MAX_BYTES
from signoff_schemas.errors import (
    DamagedError,
    NotSignedError,
    ReceiverRefusedError,
    RefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.own_files.home import Home
    from signoff_datasets.hubs.answers import Given
    from signoff_datasets.hubs.asking import HubDatasets
    from signoff_schemas.dataset import ManifestEpisode
    from signoff_schemas.errors import SignoffError
    from signoff_schemas.hub_api import EpisodeProof

_NO_LEAVE: Final = frozenset({401, 403})
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One version of a data set on its way."""

    hub: HubDatasets
    home: Home
    terms: KeptTerms
    """Of the hub, with its pinned key."""
    given: Given
    day: datetime
    """On which sign-offs have to hold."""
    old: Path | None = None
    """An earlier version on this machine: what it holds already is copied."""

    def into(self, out: Path, tell: Callable[[int, int], None]) -> None:
        """Make the folder, or what is missing of it.

        Raises:
            RefusedError: something lies there, or another process is at it.
            ReceiverRefusedError: the hub says no, or what it gives cannot be believed; nothing of
                it stays, unless a token or grant is all that is missing.
            NetworkError: the hub is away; what came whole stays for the next call.
            DiskFullError: there is no room; so it is then.
        """
        place = Workplace(out, self.given.manifest.plan_sha256)
        try:
            self._fill(place, tell)
            self._refuse_unproven(place)
            last = {f"{MANIFEST}.sig": self.given.signature, MANIFEST: self.given.content}
            place.finish(last)
        except (ReceiverRefusedError, RefusedError, NotSignedError, DamagedError) as error:
            if not _is_worth_keeping(error):
                try:
                    shutil.rmtree(place.folder)
                except OSError:
                    error.details = (*error.details, f"erase it yourself: {place.folder}")
            raise
        finally:
            place.close()

    def _fill(self, place: Workplace, tell: Callable[[int, int], None]) -> None:
        manifest = self.given.manifest
        every = len(manifest.files) + len(manifest.episodes)
        for number, file in enumerate(manifest.files):
            tell(number, every)
            if is_there(place.folder / file.path, file.sha256):
                continue
            if self.old is not None and is_there(self.old / file.path, file.sha256):
                place.put(file.path, held_file(self.old, file.path, file.sha256, MAX_BYTES))
                continue
            named = (manifest.name, manifest.version, file.sha256, file.size_bytes)
            arrive(place.folder, file, self.hub.place, partial(self.hub.file, *named))
        self._fill_proofs(place, lambda done: tell(len(manifest.files) + done, every))
        place.clear(files_of(manifest))

    def _fill_proofs(self, place: Workplace, tell: Callable[[int], None]) -> None:
        """Copy the proofs that are here already, and ask for pages of the others."""
        manifest = self.given.manifest
        missing: dict[str, ManifestEpisode] = {}
        for one in manifest.episodes:
            if not self._has_proofs(place, one):
                missing[one.sha256] = one
        after = _before(next(iter(missing), ""))
        while missing:
            tell(len(manifest.episodes) - len(missing))
            page = self.hub.proofs(manifest.name, manifest.version, after)
            for proof in page.proofs:
                wanted = missing.pop(proof.sha256, None)
                if wanted is not None:
                    self._keep_proof(place, wanted, proof)
            if page.next is None:
                break
            after = page.next
        if missing:
            raise ReceiverRefusedError(
                f"the hub {self.hub.place} has no proofs any more of {len(missing)} of"
                f" {len(manifest.episodes)} episodes: they were taken back meanwhile",
                hint="The hub makes a version without them. Draw the plan again, or refresh what"
                " you have.",
                details=sorted(missing)[:_SHOWN],
            )

    def _has_proofs(self, place: Workplace, one: ManifestEpisode) -> bool:
        for path, sha256 in _proofs_of(one).items():
            if is_there(place.folder / path, sha256):
                continue
            if self.old is None or not is_there(self.old / path, sha256):
                return False
            place.put(path, held_file(self.old, path, sha256, MAX_BYTES))
        return True

    def _keep_proof(self, place: Workplace, one: ManifestEpisode, proof: EpisodeProof) -> None:
        statement = statement_path(one.statement.sha256)
        receipt = receipt_path(one.statement.sha256)
        said = {
            statement: proof.statement,
            f"{statement}.sig": proof.statement_signature,
            receipt: proof.receipt,
            f"{receipt}.sig": proof.receipt_signature,
        }
        wanted = _proofs_of(one)
        for path, text in said.items():
            if text is not None and path in wanted:
                place.put(path, text.encode("utf-8", "replace"))
        for path, sha256 in wanted.items():
            if not is_there(place.folder / path, sha256):
                raise not_a_hub(self.hub.place, f"{path} has other bytes than its manifest names")

    def _refuse_unproven(self, place: Workplace) -> None:
        """Look at each sign-off and receipt before the folder gets its name.

        Raises:
            ReceiverRefusedError: one does not allow its episode here.
        """
        key = self.terms.terms.receipt_key_fingerprint
        known = receiver(self.terms.audience, key, None)
        newest = 0

        def receipt_fault(receipt: Receipt | None) -> str | None:
            nonlocal newest
            if receipt is not None:
                newest = max(newest, receipt.body.log_index or 0)
            return known.receipt_fault(receipt) if known.receipt_fault is not None else None

        authority = replace(known, receipt_fault=receipt_fault)
        findings = [
            f"{one.where}: {one.what}"
            for one in sign_off_findings(
                place.folder, self.given.manifest, authority, self.day, lambda: None
            )
        ]
        if findings:
            raise ReceiverRefusedError(
                f"the hub {self.hub.place} gave a data set in which {len(findings)} things are"
                " not proven; nothing of it was kept",
                hint="Tell whoever runs the hub.",
                details=findings[:_SHOWN],
            )
        follow_head(self.home, self.hub, self.terms, newest)


def drop_begun(out: Path, error: ReceiverRefusedError) -> None:
    """Take away what came before the hub said no: it may hold what was taken back since.

    Args:
        out: what it should have become.
        error: after which it stays only where a token or grant is all that is missing.

    Raises:
        SignoffError: it cannot be taken away.
    """
    if not _is_worth_keeping(error) and out.parent.is_dir():
        clear_unfinished(out, None, None)


def _is_worth_keeping(error: SignoffError) -> bool:
    """Tell whether the same is asked again, with another token or under a new grant."""
    return isinstance(error, HubRefusedError) and error.status in _NO_LEAVE


def refuse_existing(out: Path) -> None:
    """Refuse to fetch to where something lies, before anybody is asked.

    Raises:
        RefusedError: something does.
    """
    if os.path.lexists(out):
        raise RefusedError(
            f"there is something at {out} already",
            hint="Give a name that is not there yet; a data set is never written over.",
        )


def _proofs_of(one: ManifestEpisode) -> Mapping[str, str]:
    """Return path and SHA-256 of each file of `proofs/` of an episode."""
    place = statement_path(one.statement.sha256)
    files = {place: one.statement.sha256, f"{place}.sig": one.statement.signature_sha256}
    if one.receipt is not None:
        place = receipt_path(one.statement.sha256)
        files |= {place: one.receipt.sha256, f"{place}.sig": one.receipt.signature_sha256}
    return files


def _before(sha256: str) -> str:
    """Return what to ask proofs after, so that an episode's own is the first; "" for all."""
    number = int(sha256 or "0", 16)
    return f"{number - 1:064x}" if number else ""
