"""What a hub says no with (RFC 9457), as errors that the person and the outbox understand.

A hub's words are shown as its words, and only where they are short, printable and in one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from signoff_collector.upload.hub.connection import BUSY_HINT, PROBLEM
from signoff_schemas.errors import (
    NetworkError,
    NotSignedError,
    ReceiverRefusedError,
    RefusedError,
    SignoffError,
)
from signoff_schemas.hub_api import Problem
from signoff_schemas.statement import refuse_ambiguous_json

if TYPE_CHECKING:
    from signoff_collector.upload.hub.connection import Answer

MAX_ANSWER_BYTES: Final = 256 << 10
"""Of a problem, and of every answer that is no list."""
_LATER_STATUS: Final = frozenset({408, 425, 429, 507})
"""Below 500 and beside it: the same question may be answered later."""
_LATER_CODES: Final = frozenset({"no_blob", "rate_limit", "away", "disk_full"})
_SIGN_AGAIN: Final = {
    "audience": "it is signed for another address",
    "terms": "it is not signed under terms of this hub",
    "notice": "it is signed under a notice that this hub does not take",
    "expired": "it has expired",
    "purpose": "this hub takes nothing for the purposes that were signed",
}
"""Codes after which a new sign-off helps."""


class HubRefusedError(ReceiverRefusedError):
    """The hub says no.

    Attributes:
        code: the hub's stable word for the reason, or "" where it gave none.
        status: of HTTP.
        newer: the version of a data set to use instead, where the hub names one.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None,
        code: str,
        status: int,
        newer: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.status = status
        self.newer = newer


def read_problem(answer: Answer) -> Problem | None:
    """Return what a hub says of its refusal; None: nothing that follows the form."""
    if answer.kind != PROBLEM or len(answer.body) > MAX_ANSWER_BYTES:
        return None
    try:
        refuse_ambiguous_json(answer.body)
        problem = Problem.model_validate_json(answer.body)
    except (NotSignedError, ValidationError):
        return None
    is_one = problem.status == answer.status and problem.type.endswith(f":{problem.code}")
    return problem if is_one else None


def error_of(answer: Answer, place: str, *, away_hint: str | None = None) -> SignoffError:
    """Return the error for an answer that is not the one that was hoped for.

    Args:
        answer: with any status.
        place: host and port of the hub.
        away_hint: what a person does when the hub cannot answer now; None: something was sent,
            so that it waits in the outbox, and a code may mean that signing again helps.
    """
    problem = read_problem(answer)
    code = problem.code if problem is not None else ""
    status = answer.status
    said = f"{problem.detail} ({code})" if problem is not None else _fact(status)
    is_later = status >= 500 or status in _LATER_STATUS or code in _LATER_CODES
    if is_later and status != 501:
        return NetworkError(
            f"the hub {place} cannot {'take' if away_hint is None else 'do'} it now: {said}",
            hint=away_hint or BUSY_HINT,
            retry_after_s=answer.retry_after_s,
        )
    if away_hint is None and code in _SIGN_AGAIN:
        return RefusedError(
            f"the hub {place} does not take this sign-off: {_SIGN_AGAIN[code]}",
            hint="Sign it again for this hub: signoff sign EPISODE --to URL",
        )
    if status < 400:
        return ReceiverRefusedError(
            f"the hub {place} did not answer as a hub: {said}",
            hint="Check the address; ask whoever runs the hub.",
        )
    hint = problem.hint if problem is not None else None
    return HubRefusedError(
        f"the hub {place} says no: {said}",
        hint=f"The hub says: {hint}" if hint else "Ask whoever runs the hub.",
        code=code,
        status=status,
        newer=None if problem is None else problem.newer,
    )


def _fact(status: int) -> str:
    """Return what a status says by itself: an answer to HEAD has no words."""
    return "it was taken back there" if status == 410 else f"HTTP {status}"
