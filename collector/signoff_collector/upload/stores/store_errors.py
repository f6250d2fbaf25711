"""Map errors of an object store to the two errors that stores raise.

What obstore reports includes text of the store, URLs and possibly an access key: it is only
searched for words from the lists below, and never repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from signoff_schemas.errors import NetworkError, ReceiverRefusedError, SignoffError

BUSY_HINT: Final = "Nothing is lost: `signoff upload --resume` sends it when the store is back."
_CHECK_HINT: Final = "Check the bucket's name and what your credentials may do."
_STATUS: Final = re.compile(r"status code: (\d{3})")
_NOT_DONE_HERE: Final = (405, 501)
_WORDS: Final = {
    "NoSuchBucket": "has no such bucket",
    "InvalidAccessKeyId": "does not know these credentials",
    "SignatureDoesNotMatch": "does not accept these credentials",
    "RequestTimeTooSkewed": "says that this machine's clock is wrong",
    "ExpiredToken": "says that these credentials have expired",
    "AccessDenied": "does not let these credentials do that",
    "EntityTooLarge": "does not take objects of that size",
    "QuotaExceeded": "has no room left for these credentials",
}


class NotDoneHereError(ReceiverRefusedError):
    """The store does not know the operation at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """What the gate saw of the way."""

    place: str
    """Host and port, as the audience has them."""
    was_led_away: bool
    is_unreachable: bool
    was_too_much: bool


def store_error(said: str, what: str, troubles: Troubles) -> SignoffError:
    """Return the error for one failed question.

    Args:
        said: what obstore reports; hostile.
        what: the key, or what was asked for.
        troubles: what the gate saw.
    """
    return _error_of_transport(what, troubles) or _error_of_answer(said, what, troubles.place)


def _error_of_transport(what: str, troubles: Troubles) -> SignoffError | None:
    if troubles.was_led_away:
        return _redirected()
    if troubles.was_too_much:
        return ReceiverRefusedError(
            f"the store {troubles.place} sent a larger answer than allowed for {what}"
        )
    if troubles.is_unreachable:
        return NetworkError(f"the store {troubles.place} cannot be reached", hint=BUSY_HINT)
    return None


def _error_of_answer(said: str, what: str, place: str) -> SignoffError:
    found = _STATUS.search(said)
    status = int(found[1]) if found else 0
    if 300 <= status < 400:
        return _redirected()
    if status in _NOT_DONE_HERE:
        return NotDoneHereError(f"the store {place} does not support that: HTTP {status} ({what})")
    if status >= 500 or status in (408, 409, 429):
        return NetworkError(f"the store {place} failed with HTTP {status}", hint=BUSY_HINT)
    meanings = [meaning for word, meaning in _WORDS.items() if word in said]
    if meanings or status:
        meaning = meanings[0] if meanings else f"refused with HTTP {status}"
        return ReceiverRefusedError(f"the store {place} {meaning} ({what})", hint=_CHECK_HINT)
    if "ertificate" in said:
        return ReceiverRefusedError(
            f"the certificate of {place} is not trusted by this system",
            hint="Check the address; nothing was sent.",
        )
    return NetworkError(f"the store {place} did not answer as a store for {what}", hint=BUSY_HINT)


def _redirected() -> ReceiverRefusedError:
    return ReceiverRefusedError(
        "the store answered with a redirect; redirects are never followed",
        hint="Use the address that the store redirects to, if you trust it.",
    )
