"""Final episodes at the terminal: written, read back, viewed, signed (threat 3)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from signoff_collector.consent.sign_off_files import Snapshot
from signoff_collector.review.final.final_files import final_bytes
from signoff_collector.review.final.signing import offer
from signoff_collector.review.plan.plan_edits import steps_of
from signoff_collector.review.serving.bodies import Seen

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.offered_terms import ChosenTerms, OfferedHub, OfferedTerms
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.desk.storing import SharedFile
    from signoff_collector.review.final.finals import Finals
    from signoff_collector.review.final.signing import Signed
    from signoff_collector.review.tasks.file_moments import Looked
    from signoff_schemas.plan import Keep, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """One final file as it was read back, and which parts of it were shown."""

    shared: SharedFile
    looked: Looked
    plan: Plan
    place: int
    changed_since_preview: bool


class FinalLook:
    """The final files of a review at the terminal; deleted with the review."""

    def __init__(self, home: Home, finals: Finals) -> None:
        self._home = home
        self._finals = finals
        self._made: dict[Keep, Final] = {}
        self.signed: dict[str, Signed] = {}
        """Signed files by digest."""

    def current(self, desk: Desk) -> Final | None:
        """Return the final file of the keep if the plan still gives these very bytes."""
        final = self._made.get(steps_of(desk.plan.keeps[desk.place]))
        if final is None or final.plan == desk.plan:
            return final
        is_same = sha256(desk.preview().data).hexdigest() == final.shared.sha256
        return final if is_same else None

    def make(self, desk: Desk) -> Final:
        """Write the final file of the keep, read it back and hash it.

        Raises:
            SignoffError: the episode is damaged, or there is no room.
        """
        known = self.current(desk)
        if known is not None:
            return known
        told = self._finals.make(desk.place)
        shared = self._finals.shared(str(told["sha256"]))
        final = Final(
            shared=shared,
            looked=self._finals.looked(shared.sha256),
            plan=desk.plan,
            place=desk.place,
            changed_since_preview=desk.differs_from_shown_preview(shared.sha256),
        )
        self._made[steps_of(desk.plan.keeps[desk.place])] = final
        return final

    def unsigned(self, desk: Desk) -> Final | None:
        """Return the final file of the current plan if it was shown and not signed yet."""
        final = self.current(desk) if desk.plan.keeps else None
        return None if final is None or final.shared.sha256 in self.signed else final

    def keep(self, final: Final, *, left_open: int = 0) -> Path:
        """Move the final file to the episodes with its review record, unsigned.

        Raises:
            SignoffError: the plan was changed since, or it cannot be stored.
        """
        self.terms(final)
        return self._finals.keep(final.shared.sha256, left_open=left_open).path

    def terms(self, final: Final) -> OfferedTerms:
        """Record what was shown, and return the terms that may be signed.

        Raises:
            SignoffError: it was changed on disk.
        """
        digest = final.shared.sha256
        looked = final.looked
        seen = Seen(
            sha256=digest,
            files=tuple(sorted(looked.seen_files)),
            outputs=tuple(sorted(looked.seen_outputs)),
            deleted=tuple(sorted(looked.seen_deleted)),
        )
        self._finals.see(digest, seen)
        content = final_bytes(final.shared)
        return offer(self._home, Snapshot(content=content, sha256=digest))

    def hub_terms(self, named: str) -> OfferedHub | None:
        """Ask a hub for its terms; None where it is a store's address.

        Raises:
            SignoffError: as `Finals.hub_terms`.
        """
        return self._finals.hub_terms(named)

    def sign(self, final: Final, chosen: ChosenTerms, *, left_open: int = 0) -> Signed:
        """Move the final file to the episodes and sign it.

        Args:
            final: what is signed.
            chosen: the terms.
            left_open: how many decisions the person said to leave open.

        Raises:
            SignoffError: terms are not met, or it cannot be stored or signed; nothing is left.
        """
        signed = self._finals.sign(final.shared.sha256, chosen, left_open=left_open)
        self.signed[final.shared.sha256] = signed
        return signed
