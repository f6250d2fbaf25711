"""From a kept task to a signed file: the signed bytes are those that the page hashed.

Threat 3: `make` writes the final file into a private snapshot and reads it back. The page hashes
the bytes that it received and shows them; only rendered parts count as seen. `sign` takes its bytes
from that snapshot, if the page reported the same digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from signoff_collector.consent.review_records import find_review, remove_review
from signoff_collector.consent.sign_off_files import Snapshot
from signoff_collector.consent.terms.agreement import Agreement
from signoff_collector.quality.quality import quality_of
from signoff_collector.quality.telling import quality_rows
from signoff_collector.review.desk.storing import remove_shared, store_shared
from signoff_collector.review.final.final_files import FinalFolder, final_bytes
from signoff_collector.review.final.recording import record_review
from signoff_collector.review.plan.plan_edits import spans_of
from signoff_collector.review.tasks.file_moments import Looked
from signoff_schemas.errors import NotFoundError, OutdatedError, RefusedError

if TYPE_CHECKING:
    from signoff_collector.consent.hub_terms import AskHub
    from signoff_collector.consent.offered_terms import ChosenTerms, OfferedHub
    from signoff_collector.review.desk.reviewing import Reviewing
    from signoff_collector.review.desk.storing import BaseEpisode, SharedFile
    from signoff_collector.review.final.signing import Signed
    from signoff_collector.review.serving.bodies import Seen
    from signoff_schemas.plan import Plan


@dataclass(slots=True, kw_only=True)
class _Final:
    """One final file and which parts of it the page showed."""

    shared: SharedFile
    plan: Plan
    place: int
    """Index of its keep in the plan."""
    base: BaseEpisode
    looked: Looked
    is_given: bool = False
    """Whether the bytes were served at all; otherwise nothing of them can have been shown."""
    is_received: bool = False
    """Whether the page reported the digest of exactly these bytes."""
    had_record: bool = False
    """Whether an earlier review left a record of the same bytes."""
    is_left: bool = False
    """Whether it was moved to the episodes, signed or not."""


class Finals:
    """The final files of one review.

    Args:
        reviewing: the review.
        folder: holds the snapshots until they are signed.
        mode: the front end, as named in the sign-off.
        ask_hub: asks a hub for its terms; None: only terms that are kept are known.
    """

    def __init__(
        self,
        reviewing: Reviewing,
        folder: FinalFolder,
        *,
        mode: Literal["page", "terminal"] = "page",
        ask_hub: AskHub | None = None,
    ) -> None:
        self._ask_hub = ask_hub
        self._mode: Literal["page", "terminal"] = mode
        self._reviewing = reviewing
        self._folder = folder
        self._made: dict[str, _Final] = {}
        self.signed: list[Signed] = []
        """Files signed in this review, in order."""
        self.is_code_saved = False
        """Whether the person said that the recovery code is saved."""

    def make(self, place: int) -> dict[str, object]:
        """Write the final file of one keep into the snapshot, and describe what was read back.

        `changed_since_preview` is None if no preview of the keep was ever served.

        Raises:
            DamagedError: the episode is damaged or was changed on disk.
            DiskFullError: there is no room; the plan stays.
        """
        reviewing = self._reviewing
        plan = reviewing.settled().plan
        shared = self._folder.put(reviewing.previews.of(plan, place).data)
        known = self._made.get(shared.sha256)
        if known is None:
            self._made[shared.sha256] = _Final(
                shared=shared,
                plan=plan,
                place=place,
                base=reviewing.file.base,
                looked=Looked(shared.episode, reviewing.marks),
                had_record=find_review(reviewing.home, shared.sha256) is not None,
            )
        elif not known.is_left:
            known.plan, known.place = plan, place
        return {
            "sha256": shared.sha256,
            "size_bytes": shared.size_bytes,
            "changed_since_preview": reviewing.changed_since_preview(place, shared.sha256),
            "quality": quality_rows(quality_of(shared.episode)),
        }

    def digest(self, place: int) -> str:
        """Return the digest of what the plan gives for a keep now; nothing is written.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        reviewing = self._reviewing
        data = reviewing.previews.of(reviewing.store.load().plan, place).data
        return hashlib.sha256(data).hexdigest()

    def shared(self, sha256: str) -> SharedFile:
        """Return a final file as it was read back.

        Raises:
            NotFoundError: there is no such final file.
        """
        return self._named(sha256).shared

    def looked(self, sha256: str) -> Looked:
        """Return what was shown of a final file.

        Raises:
            NotFoundError: there is no such final file.
        """
        return self._named(sha256).looked

    def content(self, sha256: str) -> bytes:
        """Return the bytes of a final file from the snapshot.

        Raises:
            NotFoundError: there is no such final file.
            DamagedError: they were changed there.
        """
        final = self._named(sha256)
        content = final_bytes(final.shared)
        final.is_given = True
        return content

    def see(self, sha256: str, seen: Seen) -> dict[str, object]:
        """Record which parts the page rendered; the page proves by digest that it has these bytes.

        Raises:
            RefusedError: nobody fetched them, or the page hashed other bytes.
        """
        final = self._named(sha256)
        if self._mode == "page" and not final.is_given:
            raise RefusedError(
                "the page has not loaded the final episode yet",
                hint="Open the final episode first.",
            )
        if seen.sha256 != sha256:
            final.is_received = False
            raise RefusedError(
                "the page received other bytes than those to be signed",
                hint="Press Enter in the terminal and make the final episode again.",
            )
        final.is_received = True
        looked = final.looked
        looked.see(files=seen.files, outputs=seen.outputs, deleted=seen.deleted)
        record = record_review(
            self._reviewing.home,
            final.base,
            final.plan,
            final.shared,
            mode=self._mode,
            place=final.place,
            looked=looked,
        )
        return {
            "files_seen": record.files_seen,
            "files_total": record.files_total,
            "outputs_seen": record.outputs_seen,
            "outputs_total": record.outputs_total,
            "deleted_seen": record.deleted_seen,
            "deleted_total": record.deleted_total,
        }

    def terms(self, sha256: str) -> dict[str, object]:
        """Return the terms for these bytes, and which parts of them were not shown.

        Raises:
            RefusedError: the page has not shown them yet.
        """
        from signoff_collector.review.final.signing import offer

        final = self._received(sha256)
        row = offer(self._reviewing.home, self._snapshot(final)).row()
        return row | {
            "unseen_files": final.looked.unseen_files,
            "unseen_outputs": final.looked.unseen_outputs,
            "unseen_deleted": [
                {"file": file, "texts": len(final.looked.deleted[file])}
                for file in final.looked.unseen_deleted
            ],
        }

    def hub_terms(self, named: str) -> OfferedHub | None:
        """Ask a hub for its terms, to be read before signing; None where it is a store's address.

        Raises:
            UsageError: it is no address.
            NetworkError: the hub cannot be reached, and no terms of it are kept.
            NotSignedError: its terms are void.
            RefusedError: they are by another key than before.
        """
        from signoff_collector.consent.hub_terms import need_terms
        from signoff_collector.consent.offered_terms import OfferedHub
        from signoff_collector.consent.terms.audience import canonical_audience, is_hub

        audience = canonical_audience(named)
        if not is_hub(audience):
            return None
        home = self._reviewing.home
        ask = self._ask_hub
        return OfferedHub.of(need_terms(home, audience) if ask is None else ask(audience))

    def sign(self, sha256: str, chosen: ChosenTerms, *, left_open: int = 0) -> Signed:
        """Move the final file to the episodes and sign it; on any error the move is undone.

        Args:
            sha256: of the final file.
            chosen: what it is signed for.
            left_open: how many decisions the person was told of and leaves open all the same;
                a page leaves none open.

        Raises:
            RefusedError: the page has not shown these bytes, more waits to be decided than
                that, or the terms are not met.
            OutdatedError: the plan was changed since.
            SignoffError: they cannot be stored or signed.
        """
        from signoff_collector.review.final.signing import sign_chosen

        final = self._fit(sha256, left_open)
        snapshot = self._snapshot(final)
        home = self._reviewing.home
        stored = store_shared(home, final.plan, snapshot.content)
        try:
            signed = sign_chosen(home, stored.path, snapshot, chosen, by=Agreement(self._mode))
        except BaseException:
            remove_shared(stored)
            raise
        final.is_left = True
        self.signed.append(signed)
        return signed

    def keep(self, sha256: str, *, left_open: int = 0) -> SharedFile:
        """Move the final file to the episodes unsigned; `signoff sign` can sign it later.

        Raises:
            RefusedError: nobody looked at these bytes, or more waits to be decided than that.
            OutdatedError: the plan was changed since.
            SignoffError: it cannot be stored.
        """
        final = self._fit(sha256, left_open)
        stored = store_shared(self._reviewing.home, final.plan, self._snapshot(final).content)
        final.is_left = True
        return stored

    def _fit(self, sha256: str, left_open: int) -> _Final:
        """Return a final file that was shown, matches the current plan, and is fully decided."""
        final = self._received(sha256)
        self._reviewing.refuse_unfit()
        place = self._place_now(final)
        if place is None:
            raise OutdatedError(
                "the plan was changed after this episode was made",
                hint="Make the final episode again and look at it.",
            )
        self._refuse_undecided(place, left_open)
        return final

    def _place_now(self, final: _Final) -> int | None:
        """Return the keep that gives the very same bytes now; what was decided elsewhere may be."""
        plan = self._reviewing.store.load().plan
        if plan == final.plan:
            return final.place
        steps = spans_of(final.plan.keeps[final.place])
        same = [place for place, keep in enumerate(plan.keeps) if spans_of(keep) == steps]
        made = ((place, self._reviewing.previews.of(plan, place).data) for place in same)
        digests = ((place, hashlib.sha256(data).hexdigest()) for place, data in made)
        return next((place for place, found in digests if found == final.shared.sha256), None)

    def close(self) -> None:
        """Remove the records of files that were shown but neither signed nor kept."""
        for sha256, final in self._made.items():
            if not final.is_left and not final.had_record:
                remove_review(self._reviewing.home, sha256)

    def _refuse_undecided(self, place: int, left_open: int) -> None:
        waiting = self._reviewing.check(place).decisions_needed
        if waiting > (0 if self._mode == "page" else left_open):
            raise RefusedError(
                f"{waiting} to be decided under To check",
                hint="Mask, accept or cut each of them; then make the final episode again.",
            )

    def _named(self, sha256: str) -> _Final:
        final = self._made.get(sha256)
        if final is None:
            raise NotFoundError("there is no such final episode", hint="Make it again.")
        return final

    def _received(self, sha256: str) -> _Final:
        final = self._named(sha256)
        if not final.is_received:
            raise RefusedError(
                "the final episode has not been opened yet", hint="Open the final episode first."
            )
        return final

    def _snapshot(self, final: _Final) -> Snapshot:
        content = final_bytes(final.shared)
        return Snapshot(content=content, sha256=final.shared.sha256)


def signed_row(signed: Signed) -> dict[str, object]:
    """Return the result of signing for the page; the recovery code is included only once."""
    replaced = signed.replaced
    return signed.row() | {
        "recovery_code": signed.recovery_code,
        "replaced": None if replaced is None else asdict(replaced),
    }
