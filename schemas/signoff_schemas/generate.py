"""Write the JSON Schemas of the published models and the tables of screens, or only compare them.

Run `python -m signoff_schemas.generate [--check]` in a checkout.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from signoff_schemas import keys, shown_words, speeds
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.hub import HubTerms
from signoff_schemas.labels import LabelSchema, LabelSet
from signoff_schemas.plan import Plan
from signoff_schemas.statement import Statement
from signoff_schemas.steps import Step

FOLDER: Final = Path(__file__).resolve().parent.parent / "json"
"""Beside the package in a checkout; not part of the wheel."""


def schemas() -> dict[str, str]:
    """Return all generated files: the JSON Schemas, keyboard, speeds and words of screens."""
    models: dict[str, TypeAdapter[object]] = {
        "step": TypeAdapter(Step),
        "header": TypeAdapter(EpisodeHeader),
        "plan": TypeAdapter(Plan),
        "statement": TypeAdapter(Statement),
        "hub_terms": TypeAdapter(HubTerms),
        "label_schema": TypeAdapter(LabelSchema),
        "label_set": TypeAdapter(LabelSet),
    }
    files: dict[str, object] = {
        f"{name}.schema.json": adapter.json_schema(by_alias=True)
        for name, adapter in models.items()
    }
    files |= {
        "keys.json": keys.as_data(),
        "speeds.json": speeds.as_data(),
        "words.json": shown_words.as_data(),
    }
    return {name: json.dumps(held, indent=1) + "\n" for name, held in files.items()}


def stale() -> list[str]:
    """Return the names of the schema files that differ from the models."""
    return [
        name
        for name, text in schemas().items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` only compare them."""
    if arguments == ["--check"]:
        names = stale()
        for name in names:
            sys.stderr.write(
                f"stale: schemas/json/{name}; run python -m signoff_schemas.generate\n"
            )
        return 1 if names else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
