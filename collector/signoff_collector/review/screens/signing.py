"""The signing screen: final bytes, terms, full notice, signature."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, ClassVar, Final

from signoff_collector.consent.offered_terms import NEW_PERMISSION
from signoff_collector.review.final.hub_words import hub_pages
from signoff_collector.review.final.signing import Signed
from signoff_collector.review.final.signing_words import (
    chosen_terms,
    final_lines,
    for_hub,
    left_open_question,
    signed_lines,
    terms_lines,
)
from signoff_collector.review.plan.draft import number
from signoff_collector.review.screens.asking import OneOf, Sure, Words
from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.plain import Lines
from signoff_collector.review.screens.reading import Reading
from signoff_schemas.statement import Requester
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.consent.offered_terms import OfferedHub, OfferedTerms
    from signoff_collector.review.final.final_look import Final as FinalFile

Item = tuple[str, Callable[[], None]]
_OWNERS: Final = (
    (Owner.MINE, "mine"),
    (Owner.OPEN_SOURCE, "an open-source project's"),
    (Owner.EMPLOYER, "an employer's: needs a permission"),
    (Owner.UNKNOWN, "I do not know: needs a permission"),
)


class Signing(ReviewScreen):
    """Makes the final file when it is opened; signs only after all confirmations."""

    TAB = "Sign"
    PLACE = "terminal:sign"
    KEYS = "Enter changes a row, or does it  6 files and 7 outputs of these bytes  ? help"
    BINDINGS: ClassVar = keys_of(PLACE)

    def fill(self) -> None:
        """Make the final file, and show its digest, the terms and the open items."""
        lines = self.query_one(Lines)
        lines.focus()
        self._items: list[Item] = []
        self._left_open = 0
        if not self.has_keep:
            lines.put([])
            return
        review = self.review
        self._final = review.make_final()
        signed = review.finals.signed.get(self._final.shared.sha256)
        self._offered = review.finals.terms(self._final)
        self._items = self._rows(self._final, self._offered, signed)
        lines.put([label for label, _ in self._items])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run the action of the row."""
        self._items[event.option_index][1]()

    def _rows(self, final: FinalFile, offered: OfferedTerms, signed: Signed | None) -> list[Item]:
        """Return the rows with their actions."""
        choices = self.review.choices
        rows: list[Item] = [
            ("\n".join(final_lines(final, offered)), self._read_final),
            *zip(terms_lines(offered, choices), self._askers(), strict=True),
            (f"read the notice in full ({offered.notice.version})", self._read_notice),
        ]
        if signed is None:
            rows.append(("SIGN this for the store named above …", self._ask_sign))
        else:
            rows.append(("signed: how to check it", lambda: self._show_signed(signed)))
        return rows

    def _askers(self) -> tuple[Callable[[], None], ...]:
        return (
            self._ask_audience,
            self._ask_purposes,
            self._ask_licence,
            self._ask_days,
            self._ask_requester,
            self._ask_owner,
            self._ask_permission,
            self._turn_as_me,
        )

    # What is read

    def _read_final(self) -> None:
        from signoff_collector.review.tasks.summary_lines import summary_lines

        text = "\n".join(
            [
                *final_lines(self._final, self._offered),
                "",
                *summary_lines(self.review.desk.overview()),
            ]
        )
        self.app.push_screen(Reading("as it would be signed", text))

    def _read_notice(self, after: Callable[[], None] | None = None) -> None:
        notice = self._offered.notice
        self.review.read_notices.add(self._offered.notice_sha256)

        def closed(_: object) -> None:
            if after is not None:
                after()

        title = f"Notice {notice.version}, signed whole; read to its end"
        self.app.push_screen(Reading(title, notice.text, is_prose=True), closed)

    def _read_hub(self) -> None:
        """Show a hub's terms before signing; a store has none."""
        audience = self.review.choices.audience
        found: list[OfferedHub | None] = []
        self.attempt(lambda: found.append(self.review.finals.hub_terms(audience)))
        for hub in found:
            self.review.choices = for_hub(self.review.choices, hub)
            self.review.read_hubs.add(audience)
            if hub is None:
                self._ask_sign()
                continue
            title = f"Terms of {hub.audience}, signed with yours; read to their end"
            page = Reading(title, hub_pages(hub), is_prose=True)
            self.app.push_screen(page, lambda _: self._ask_sign())

    # What is chosen

    def _choose(self, **fields: object) -> None:
        self.review.choices = self.review.choices.model_copy(update=fields)
        self.attempt(lambda: None)

    def _ask_audience(self) -> None:
        def chosen(words: str | None) -> None:
            if words and words.strip():
                self._choose(audience=words.strip())

        known = self.review.choices.audience or next(iter(self._offered.audiences), "")
        question = "Store it is for, such as file:///mnt/store or https://hub/team:"
        self.app.push_screen(Words(question, value=known), chosen)

    def _ask_purposes(self) -> None:
        names = tuple(self._offered.purposes)
        chosen = set(self.review.choices.purposes)

        def turned(place: int | None) -> None:
            if place is None or place == len(names):
                return
            left = chosen ^ {names[place]}
            self._choose(purposes=tuple(one for one in names if one in left) or tuple(chosen))
            self._ask_purposes()

        words = [f"[{'x' if name in chosen else ' '}] {name.value}" for name in names]
        self.app.push_screen(OneOf("What may it be used for?", [*words, "done"]), turned)

    def _ask_licence(self) -> None:
        def chosen(words: str | None) -> None:
            if words and words.strip():
                self._choose(licence=words.strip())

        question = f"Licence as SPDX, such as {', '.join(self._offered.licences)}:"
        self.app.push_screen(Words(question, value=self.review.choices.licence), chosen)

    def _ask_days(self) -> None:
        def chosen(words: str | None) -> None:
            if words:
                self.attempt(lambda: self._set_days(words))

        question = f"Days until the permission ends, at most {self._offered.longest_days}:"
        value = str(self.review.choices.expires_days)
        self.app.push_screen(Words(question, value=value), chosen)

    def _set_days(self, words: str) -> None:
        days = number(words.strip(), "days")
        self.review.choices = self.review.choices.model_copy(update={"expires_days": days})

    def _ask_requester(self) -> None:
        names = tuple(Requester)

        def chosen(place: int | None) -> None:
            if place is not None:
                self._choose(requested_by=names[place])

        words = [name.value for name in names]
        self.app.push_screen(OneOf("Who asked you for it?", words), chosen)

    def _ask_owner(self) -> None:
        if self._offered.owner is not None:
            self.say("you said so when you enabled the workspace")
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self._choose(owner=_OWNERS[place][0])

        words = [said for _, said in _OWNERS]
        self.app.push_screen(OneOf("Whose code is it?", words), chosen)

    def _ask_permission(self) -> None:
        def chosen(words: str | None) -> None:
            if words is not None:
                self._choose(permission=words.strip() or None)

        question = f"Reference of a permission you hold, or `{NEW_PERMISSION}` to draw one:"
        value = self.review.choices.permission or ""
        self.app.push_screen(Words(question, value=value), chosen)

    def _turn_as_me(self) -> None:
        self._choose(as_me=not self.review.choices.as_me)

    # Signing

    def _ask_sign(self) -> None:
        if not self.review.choices.audience:
            self.say("first name the store it is for")
            return
        if self._offered.notice_sha256 not in self.review.read_notices:
            self._read_notice(after=self._ask_sign)
            return
        if self.review.choices.audience not in self.review.read_hubs:
            self._read_hub()
            return
        if self._offered.unseen and not self.review.choices.confirmed_unseen:
            self._ask_unseen()
            return
        if self._offered.was_shared and not self.review.choices.nobody_else_typed:
            question = "The editor was shared in this session. Did nobody else type any of this?"
            self.app.push_screen(Sure(question, no="I am not sure", yes="Nobody else"), self._alone)
            return
        waiting = self.review.desk.checks().decisions_needed
        if waiting > self._left_open:
            self._ask_left_open(waiting)
            return
        name = self._final.shared.sha256[:16]
        question = f"Sign {name}… for {self.review.choices.audience}? Nothing is sent by signing."
        self.app.push_screen(Sure(question, yes="Sign it"), self._sign)

    def _ask_left_open(self, waiting: int) -> None:
        def sure(answer: int | None) -> None:
            if answer == 1:
                self._left_open = waiting
                self._ask_sign()

        question = left_open_question(waiting)
        yes = f"Yes, leave {waiting} open"
        self.app.push_screen(Sure(question, no="No, decide first (3)", yes=yes), sure)

    def _ask_unseen(self) -> None:
        unseen = self._final.looked.unseen
        question = f"You have not looked at {unseen} of these bytes. Sign all the same?"

        def sure(answer: int | None) -> None:
            if answer == 1:
                self.review.choices = self.review.choices.model_copy(
                    update={"confirmed_unseen": True}
                )
                self._ask_sign()

        self.app.push_screen(Sure(question, no="No, look first", yes="Yes, unseen"), sure)

    def _alone(self, answer: int | None) -> None:
        if answer == 1:
            self.review.choices = self.review.choices.model_copy(update={"nobody_else_typed": True})
            self._ask_sign()

    def _sign(self, answer: int | None) -> None:
        if answer != 1:
            self.say("not signed")
            return

        def sign() -> str:
            review = self.review
            chosen = chosen_terms(review.choices, self._offered)
            # ssh-keygen may ask for a passphrase on this terminal
            with self.app.suspend() if chosen.as_me else nullcontext():
                review.finals.sign(self._final, chosen, left_open=self._left_open)
            return "signed; nothing was sent"

        self.attempt(sign)
        signed = self.review.finals.signed.get(self._final.shared.sha256)
        if signed is not None:
            self._show_signed(signed)
        else:  # its terms may have changed: they are read again
            self.review.read_hubs.discard(self.review.choices.audience)

    def _show_signed(self, signed: Signed) -> None:
        self.app.push_screen(Reading("Signed", "\n".join(signed_lines(signed))))
