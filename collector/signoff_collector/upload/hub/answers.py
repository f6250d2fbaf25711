"""Answers of a hub, read strictly: what does not follow the form is no answer at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from signoff_collector.upload.hub.connection import JSON
from signoff_schemas.errors import NotSignedError, ReceiverRefusedError
from signoff_schemas.statement import Strict, refuse_ambiguous_json

if TYPE_CHECKING:
    from signoff_collector.upload.hub.connection import Answer

_M = TypeVar("_M", bound=Strict)


def read_answer(answer: Answer, model: type[_M], place: str) -> _M:
    """Return what a hub answered.

    Args:
        answer: of a status that says yes.
        model: what it has to be.
        place: host and port of the hub.

    Raises:
        ReceiverRefusedError: it is something else; the message repeats nothing of it.
    """
    fault = not_a_hub(place, "its answer follows another form than a hub's")
    if answer.kind != JSON:
        raise fault
    try:
        refuse_ambiguous_json(answer.body)
        return model.model_validate_json(answer.body)
    except (NotSignedError, ValidationError):
        raise fault from None


def not_a_hub(place: str, fact: str) -> ReceiverRefusedError:
    """Return the error for a hub that breaks the contract."""
    return ReceiverRefusedError(
        f"the hub {place} cannot be believed: {fact}",
        hint="Check the address, and ask whoever runs the hub.",
    )
