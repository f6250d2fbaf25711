"""From a kept task to a signed file: what is signed is what the page was given and hashed.

P3, threat 3: `make` writes the final file into a private snapshot and reads it back; the page
hashes the bytes it received and shows them; only what was rendered of them counts as seen; and
`sign` takes its bytes from that snapshot, if the page's digest was the same.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from signoff_collector.consent.review_records import find_review, remove_review
from signoff_collector.consent.sign_off_files import Snapshot
from signoff_collector.review.desk.storing import remove_shared, store_shared
from signoff_collector.review.final.final_files import FinalFolder, final_bytes
from signoff_collector.review.final.recording import record_review
from signoff_collector.review.tasks.contents import files_of, outputs_of
from signoff_schemas.errors import NotFoundError, OutdatedError, RefusedError

if TYPE_CHECKING:
    from signoff_collector.consent.terms.terms import ChosenTerms
    from signoff_collector.review.desk.reviewing import Reviewing
    from signoff_collector.review.desk.storing import BaseEpisode, SharedFile
    from signoff_collector.review.final.signing import Signed
    from signoff_collector.review.serving.bodies import Seen
    from signoff_schemas.plan import Plan


@dataclass(slots=True, kw_only=True)
class _Final:
    """One final file and what the page showed of it."""

    shared: SharedFile
    plan: Plan
    place: int
    """Of the keep that it was made of, in that plan."""
    base: BaseEpisode
    all_files: frozenset[int]
    all_outputs: frozenset[int]
    is_given: bool = False
    """Whether the bytes were given out at all: without them nothing of them was shown."""
    is_received: bool = False
    """Whether the page has hashed these very bytes."""
    had_record: bool = False
    """Whether an earlier review left a record of them."""
    is_left: bool = False
    """Whether it was put among the episodes, signed or not."""
    files: set[int] = field(default_factory=set[int])
    outputs: set[int] = field(default_factory=set[int])


class Finals:
    """The final files of one review.

    Args:
        reviewing: the review.
        folder: where they lie until they are signed.
        mode: what shows them, as the sign-off says it.
    """

    def __init__(
        self,
        reviewing: Reviewing,
        folder: FinalFolder,
        *,
        mode: Literal["page", "terminal"] = "page",
    ) -> None:
        self._mode: Literal["page", "terminal"] = mode
        self._reviewing = reviewing
        self._folder = folder
        self._made: dict[str, _Final] = {}
        self.signed: list[Signed] = []
        """What was signed in this review, in order."""

    def make(self, place: int) -> dict[str, object]:
        """Write what one keep gives into the snapshot, and return what was read back.

        `changed_since_preview` is None where no preview of the keep was ever given out.

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
                all_files=frozenset(file.file for file in files_of(shared.episode)),
                all_outputs=frozenset(output.seq for output in outputs_of(shared.episode)),
                had_record=find_review(reviewing.home, shared.sha256) is not None,
            )
        else:
            known.plan, known.place = plan, place
        before = reviewing.shown_previews.get(place)
        return {
            "sha256": shared.sha256,
            "size_bytes": shared.size_bytes,
            "changed_since_preview": None if before is None else before != shared.sha256,
        }

    def shared(self, sha256: str) -> SharedFile:
        """Return a final file as it was read back.

        Raises:
            NotFoundError: there is no such final file.
        """
        return self._named(sha256).shared

    def content(self, sha256: str) -> bytes:
        """Return the bytes of a final file as they lie in the snapshot.

        Raises:
            NotFoundError: there is no such final file.
            DamagedError: they were changed there.
        """
        final = self._named(sha256)
        content = final_bytes(final.shared)
        final.is_given = True
        return content

    def see(self, sha256: str, seen: Seen) -> dict[str, object]:
        """Note what was rendered of the bytes, for a page that received these very ones.

        Raises:
            RefusedError: nobody fetched them, or the page hashed other bytes.
        """
        final = self._named(sha256)
        if self._mode == "page" and not final.is_given:
            raise RefusedError(
                "nobody has fetched these bytes yet", hint="Open the final episode first."
            )
        if seen.sha256 != sha256:
            final.is_received = False
            raise RefusedError(
                "the page received other bytes than those to be signed",
                hint="Press Enter in the terminal and make the final episode again.",
            )
        final.is_received = True
        final.files |= final.all_files.intersection(seen.files)
        final.outputs |= final.all_outputs.intersection(seen.outputs)
        record_review(
            self._reviewing.home,
            final.base,
            final.plan,
            final.shared,
            mode=self._mode,
            files_seen=len(final.files),
            outputs_seen=len(final.outputs),
        )
        return {
            "files_seen": len(final.files),
            "files_total": len(final.all_files),
            "outputs_seen": len(final.outputs),
            "outputs_total": len(final.all_outputs),
        }

    def terms(self, sha256: str) -> dict[str, object]:
        """Return what may be signed about these bytes, and what of them was not shown.

        Raises:
            RefusedError: the page has not shown them yet.
        """
        from signoff_collector.review.final.signing import offer

        final = self._received(sha256)
        row = offer(self._reviewing.home, self._snapshot(final)).row()
        return row | {
            "unseen_files": sorted(final.all_files - final.files),
            "unseen_outputs": sorted(final.all_outputs - final.outputs),
        }

    def sign(self, sha256: str, chosen: ChosenTerms, *, left_open: int = 0) -> Signed:
        """Put the final file among the episodes and sign it; on any error it is taken away.

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
            signed = sign_chosen(home, stored.path, snapshot, chosen)
        except BaseException:
            remove_shared(stored)
            raise
        final.is_left = True
        self.signed.append(signed)
        return signed

    def keep(self, sha256: str, *, left_open: int = 0) -> SharedFile:
        """Put the final file among the episodes without a signature; `signoff sign` can sign it.

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
        """Return a final file that was shown, is of the plan as it is, and decided on."""
        final = self._received(sha256)
        self._reviewing.refuse_unfit()
        if self._reviewing.store.load().plan != final.plan:
            raise OutdatedError(
                "the plan was changed after this episode was made",
                hint="Make the final episode again and look at it.",
            )
        self._refuse_undecided(final, left_open)
        return final

    def close(self) -> None:
        """Remove the records of what was shown and neither signed nor kept: no trace is left."""
        for sha256, final in self._made.items():
            if not final.is_left and not final.had_record:
                remove_review(self._reviewing.home, sha256)

    def _refuse_undecided(self, final: _Final, left_open: int) -> None:
        waiting = self._reviewing.check(final.place).decisions_needed
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
                "nobody has looked at these bytes yet", hint="Open the final episode first."
            )
        return final

    def _snapshot(self, final: _Final) -> Snapshot:
        content = final_bytes(final.shared)
        return Snapshot(content=content, sha256=final.shared.sha256)


def signed_row(signed: Signed) -> dict[str, object]:
    """Return what came of signing as the page gets it; the recovery code comes only once."""
    replaced = signed.replaced
    return signed.row() | {
        "recovery_code": signed.recovery_code,
        "replaced": None if replaced is None else asdict(replaced),
    }
