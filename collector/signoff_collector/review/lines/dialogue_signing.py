"""The signing stage of the line dialogue: each final file is viewed, and signed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.quality.quality import quality_of
from signoff_collector.quality.telling import quality_rows, useful_lines
from signoff_collector.review.final.hub_words import hub_pages
from signoff_collector.review.final.signing_words import (
    Choices,
    chosen_terms,
    final_lines,
    for_hub,
    left_open_question,
    signed_lines,
    terms_lines,
)
from signoff_collector.review.lines.asking import ask
from signoff_collector.review.lines.showing import Shown
from signoff_collector.review.plan.draft import keep_name
from signoff_schemas.errors import SignoffError
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from signoff_collector.consent.offered_terms import OfferedTerms
    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.final.final_look import Final as FinalFile
    from signoff_collector.review.final.final_look import FinalLook
    from signoff_collector.screen.console import Console

_YES: Final = frozenset({"yes", "y"})


class SigningDialogue:
    """Shows the bytes that would be signed, asks, and signs."""

    def __init__(self, desk: Desk, finals: FinalLook, console: Console) -> None:
        self._desk = desk
        self._finals = finals
        self._console = console
        self._choices = Choices()

    def run(self) -> int:
        """Go through every kept task; return the exit code."""
        for place, keep in enumerate(self._desk.plan.keeps):
            self._desk.place = place
            final = self._finals.make(self._desk)
            shown = Shown(final.shared.episode, self._console, looked=final.looked)
            self._console.say("")
            self._console.say(f"final: {keep_name(keep)}, as it would be signed", style="bold")
            for line in final_lines(final, self._finals.terms(final)):
                self._console.say(f"  {line}")
            shown.overview()
            for line in useful_lines(quality_rows(quality_of(final.shared.episode)), "  useful   "):
                self._console.say(line)
            if self._look(shown):
                self._sign(final)
        self._console.say("the plan is saved; nothing was sent")
        return 0

    def _look(self, shown: Shown) -> bool:
        ways = "all | files | diff FILE | deleted | outputs | out STEP | steps A-B"
        self._console.say(f"look: {ways}; then yes or no")
        while True:
            words = (ask("is this what may be shared? (yes/no)>") or "no").split()
            if words in (["yes"], ["y"]):
                return True
            if words in (["no"], ["n"], ["quit"], ["q"]):
                return False
            try:
                if not shown.look(words):
                    self._console.say(f"{ways} | yes | no")
            except SignoffError as error:
                self._console.say(str(error))

    def _sign(self, final: FinalFile) -> None:
        """Ask for the terms, show the notice in full, and sign."""
        unseen = final.looked.unseen
        if unseen:
            self._console.say(f"you have not looked at {unseen} of these bytes")
            if not self._says_yes("go on without looking at them? (yes/no)>"):
                return
        offered = self._finals.terms(final)
        store = ask("which store, such as file:///mnt/store; empty: not now>")
        if not store or not store.strip():
            self._console.say("not signed; the plan is saved, `signoff review` goes on with it")
            return
        self._choices = self._choices.model_copy(
            update={
                "audience": store.strip(),
                "owner": self._owner(offered),
                "confirmed_unseen": bool(unseen),
            }
        )
        if not self._shows_terms(offered) or (offered.was_shared and not self._is_alone()):
            return
        waiting = self._desk.checks().decisions_needed
        if waiting and not self._says_yes(f"{left_open_question(waiting)} (yes/no)>"):
            self._console.say("not signed; `check` lists what is to be decided")
            return
        if not self._says_yes(f"sign this for {store.strip()}? (yes/no)>"):
            self._console.say("not signed")
            return
        chosen = chosen_terms(self._choices, offered)
        try:
            signed = self._finals.sign(final, chosen, left_open=waiting)
        except SignoffError as error:
            self._tell(error)
            return
        for line in signed_lines(signed):
            self._console.say(line)

    def _shows_terms(self, offered: OfferedTerms) -> bool:
        """Show the terms, those of a hub and the notice; return whether all of it is known."""
        try:
            hub = self._finals.hub_terms(self._choices.audience)
        except SignoffError as error:
            self._tell(error)
            return False
        self._choices = for_hub(self._choices, hub)
        for line in terms_lines(offered, self._choices):
            self._console.say(line)
        if hub is not None:
            self._console.say_lines(hub_pages(hub))
        self._console.say_lines(offered.notice.text)
        return True

    def _tell(self, error: SignoffError) -> None:
        self._console.say(str(error) if error.hint is None else f"{error}. {error.hint}")

    def _owner(self, offered: OfferedTerms) -> Owner | None:
        if offered.owner is not None:
            return offered.owner
        names = "/".join(one.value for one in Owner)
        said = (ask(f"whose code is it? ({names})>") or "").strip()
        return Owner(said) if said in {one.value for one in Owner} else None

    def _is_alone(self) -> bool:
        self._console.say("the editor was shared in this session")
        is_alone = self._says_yes("did nobody else type any of this? (yes/no)>")
        self._choices = self._choices.model_copy(update={"nobody_else_typed": is_alone})
        return is_alone

    def _says_yes(self, question: str) -> bool:
        return (ask(question) or "no").strip() in _YES
