"""What the signed documents share: the strict base of their models, their fields, their bytes.

A signed document is read strictly: a duplicate name, an unknown name, or a value of another
type makes it void, so that two readers never understand one document differently. What is
wrong is said without repeating a word of the document.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from signoff_schemas.errors import NotSignedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError

SIGN_AGAIN: Final = "Have the episode signed again: `signoff sign EPISODE --to AUDIENCE`."

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Lower-case hexadecimal SHA-256."""
RandomId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""128 random or keyed bits in lower-case hexadecimal."""
Count = Annotated[int, Field(ge=0, lt=1 << 53)]
"""A count below 2**53, which every JSON reader holds exactly."""
UtcSecond = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
]
"""A time in UTC to the second, RFC 3339."""
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
"""A short name from a list, never free text."""
ShortText = Annotated[str, Field(pattern=r"^[ -~]{1,80}$")]
"""Printable ASCII, such as a version."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""ISO 639 code of the language of a text."""
_LICENCE_ID: Final = r"\(*[A-Za-z0-9][A-Za-z0-9.+-]*\)*"
Spdx = Annotated[
    str,
    Field(max_length=200, pattern=rf"^{_LICENCE_ID}( (AND|OR|WITH) {_LICENCE_ID})*$"),
]
"""An SPDX licence expression, or NOASSERTION."""

TEAM: Final = r"[a-z0-9][a-z0-9._-]{0,62}"
"""A team's name at a hub: the one path part of its address."""
_HOST: Final = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[::1\])"
_LOOPBACK: Final = r"(127\.0\.0\.1|\[::1\])"
_HUB: Final = rf"(https://{_HOST}|http://{_LOOPBACK})(:[1-9][0-9]{{0,4}})?(/{TEAM})?"
Audience = Annotated[
    str,
    Field(min_length=8, max_length=2000, pattern=rf"^((file|s3|s3\+http)://[!-~]*|{_HUB})$"),
]
"""Where the episode may go, in canonical form (docs/sign_off.md, Audience)."""
HubAudience = Annotated[str, Field(min_length=8, max_length=2000, pattern=rf"^{_HUB}$")]
"""The address of a hub in canonical form: `https`, or `http` on the loopback."""
_IS_HUB: Final = re.compile(_HUB)
_UTC_SECOND: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z"
)


class Strict(BaseModel):
    """Base of all parts: frozen, no unknown names, no conversions, silent about inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def names_hub(audience: str) -> bool:
    """Return whether a canonical audience is a hub's: it has terms of its own to be signed."""
    return _IS_HUB.fullmatch(audience) is not None


def parse_time(text: str) -> datetime:
    """Parse a `UtcSecond`.

    Raises:
        ValueError: it is not a valid date.
    """
    found = _UTC_SECOND.fullmatch(text)  # `strptime` asks for the locale each time
    if found is None:
        raise ValueError("it is no time in UTC to the second")
    year, month, day, hour, minute, second = map(int, found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def format_time(moment: datetime) -> str:
    """Format a time as a `UtcSecond`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refuse_ambiguous_json(
    content: bytes, *, what: str = "the sign-off", hint: str = SIGN_AGAIN
) -> None:
    """Refuse bytes that two JSON readers might understand differently.

    Raises:
        NotSignedError: not UTF-8, not JSON, a duplicate name, NaN, or nested too deep.
    """
    try:
        json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unique_names,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise NotSignedError(
            f"{what} is void: it is not JSON in UTF-8 with every name given once", hint=hint
        ) from None


def signed_form(model: BaseModel, *, leave_out: dict[str, set[str]] | None = None) -> bytes:
    """Return the exact bytes to sign: ASCII JSON, one value per line, final newline."""
    held = model.model_dump(mode="json", exclude=leave_out)
    return json.dumps(held, ensure_ascii=True, indent=1).encode("ascii") + b"\n"


def field_names(models: Iterable[type[BaseModel]]) -> frozenset[str]:
    """Return the names that a message about a fault may contain: those of the schema."""
    return frozenset(
        name
        for model in models
        for field, held in model.model_fields.items()
        for name in (field, held.alias or field)
    )


def first_fault(error: ValidationError, names: frozenset[str], whole: str) -> str:
    """Describe the first fault; names come from the schema, never from the input.

    Args:
        error: what pydantic found.
        names: the schema's own (`field_names`).
        whole: what the document is called where the fault is at no field.
    """
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if fault["type"] == "extra_forbidden":
        return "it has a name that the schema does not know"
    place = ".".join(part for part in map(str, fault["loc"]) if part in names)
    return f"{place or whole}: {fault['msg']}"


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
