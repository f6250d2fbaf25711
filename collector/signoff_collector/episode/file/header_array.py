"""Parses the array of kind `header`: the header, the file names, the evidence sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_schemas.header import EpisodeHeader

    HeaderArray = tuple[EpisodeHeader, tuple[str, ...], tuple[tuple[str, ...], ...]]


def read_header(body: object) -> HeaderArray:
    """Parse the body; unknown fields of the header are dropped.

    Raises:
        ValueError: it does not have the form that ``writer`` makes.
    """
    from pydantic import ValidationError

    from signoff_schemas.header import EpisodeHeader

    match body:
        case {"header": dict() as fields, "files": list() as files, **rest}:
            sets = rest.get("evidence", [[]])
        case _:
            raise ValueError("it is not a header, files and evidence")
    known = {key: value for key, value in fields.items() if key in EpisodeHeader.model_fields}
    try:
        header = EpisodeHeader.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}") from None
    return header, _strings(files), _evidence(sets)


def _evidence(sets: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(sets, list):
        raise ValueError("evidence is no list of lists")  # noqa: TRY004
    return tuple(_strings(names) for names in sets)


def _strings(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("a list of names holds something else")
    return tuple(values)
