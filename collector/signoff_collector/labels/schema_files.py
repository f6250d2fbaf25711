"""Label schemas: the one that ships with Signoff, and files of a team's own in YAML or JSON."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular
from signoff_collector.system.extras import need
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.keys import LABELLER, PLAYER, rows_of
from signoff_schemas.labels import MAX_SCHEMA_BYTES, LabelSchema, parse_schema
from signoff_schemas.strict import refuse_ambiguous_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FREE_TO_NAME: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def default_schema() -> LabelSchema:
    """Return the schema that is used where none is named."""
    return parse_schema(
        files("signoff_collector.labels").joinpath("default_schema.json").read_bytes()
    )


def read_schema(path: Path, *, mask: Callable[[str], str] = str) -> LabelSchema:
    """Return the schema in a file; JSON where its name ends so, else YAML.

    Args:
        path: the file.
        mask: finds secrets; a schema is given on with every label set.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is no label schema, or something in it looks like a secret.
        MissingProgramError: what reads YAML is not installed.
    """
    content = read_regular(path, max_bytes=MAX_SCHEMA_BYTES)
    if path.suffix == ".json":
        schema = parse_json_schema(content)
    else:
        need("labels", what="a label schema in YAML")
        schema = parse_yaml_schema(content)
    said = json.dumps(schema.model_dump(mode="json"), ensure_ascii=False, indent=1)
    if any(mask(line) != line for line in said.split("\n")):
        raise DamagedError(
            "something in this label schema looks like a secret",
            hint="A schema is given on with every label set: take it out.",
        )
    return schema


def parse_json_schema(content: bytes) -> LabelSchema:
    """Parse a schema in JSON.

    Raises:
        DamagedError: it is none.
    """
    try:
        refuse_ambiguous_json(content)
    except NotSignedError as error:
        raise DamagedError("this label schema is not JSON with every name given once") from error
    return _with_free_keys(parse_schema(content))


def parse_yaml_schema(content: bytes) -> LabelSchema:
    """Parse a schema in YAML; a key may be a plain digit.

    Raises:
        DamagedError: it is none.
    """
    from signoff_collector.labels.yaml_subset import read_yaml

    said = json.dumps(_with_text_keys(read_yaml(content)))
    return _with_free_keys(parse_schema(said.encode("ascii")))


def _with_text_keys(value: object) -> object:
    """Return the same with `key: 1` as a text."""
    if isinstance(value, list):
        return [_with_text_keys(item) for item in value]
    if isinstance(value, dict):
        return {
            name: str(item) if name == "key" and isinstance(item, int) else _with_text_keys(item)
            for name, item in value.items()
        }
    return value


def taken_keys() -> frozenset[str]:
    """Return the keys with which the player itself does something."""
    rows = (*rows_of(PLAYER), *rows_of(LABELLER))
    return frozenset(key for row in rows for key, _ in row.each())


def _with_free_keys(schema: LabelSchema) -> LabelSchema:
    taken = sorted(taken_keys() & set(schema.keys()))
    if taken:
        free = sorted(set(_FREE_TO_NAME) - taken_keys())
        raise DamagedError(
            f"the player has another use for the keys {' '.join(taken)}",
            hint=f"Free are {' '.join(free)}, and capitals that it does not use.",
        )
    return schema
