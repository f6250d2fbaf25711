"""Who gave the yes to signing, and what it suffices for: a program's word never does alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.owners import FREE
from signoff_schemas.errors import RefusedError
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from signoff_collector.consent.review_records import ReviewRecord

_AT_TERMINAL: Final = "A person signs at a terminal: the same command without --yes."


class Agreement(StrEnum):
    """Where the yes to signing was given."""

    PAGE = "page"
    TERMINAL = "terminal"
    KEY = "key"
    """The signing key asks for a touch or a passphrase."""
    PROGRAM = "program"
    """`--yes`: nobody was asked."""

    @property
    def has_shown(self) -> bool:
        """Whether a person was shown the terms, and asked what only a person can answer."""
        return self in (Agreement.PAGE, Agreement.TERMINAL)


def agreed_owner(known: Owner | None, said: Owner | None, by: Agreement) -> Owner:
    """Return whose code it is, from what was kept and what is said at signing.

    The stricter one holds; only a person can say what nobody had said.

    Raises:
        RefusedError: a program says what nobody had said.
    """
    is_stricter = said is not None and said not in FREE
    if known is not None and (known is Owner.EMPLOYER or not is_stricter):
        return known
    if known is None and said in FREE and by is Agreement.PROGRAM:
        raise RefusedError(
            f"that the code is {said} was said by a program; a person has not said whose it is",
            hint=_AT_TERMINAL,
        )
    return said or Owner.UNKNOWN


def refuse_program(
    review: ReviewRecord, owner: Owner, permission: str | None, by: Agreement
) -> None:
    """Refuse what only a person may sign: `--yes` signs what a person reviewed and owned.

    Raises:
        RefusedError: nobody looked at it, or it needs a permission that a program claims.
    """
    if by.has_shown:
        return
    if owner not in FREE and permission is not None and by is Agreement.PROGRAM:
        raise RefusedError("that you hold a permission was said by a program", hint=_AT_TERMINAL)
    if review.mode == "plan":
        raise RefusedError(
            "a plan file made this episode, and no person has looked at it", hint=_AT_TERMINAL
        )
