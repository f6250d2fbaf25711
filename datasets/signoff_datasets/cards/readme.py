"""The data set card: `README.md` with a header in YAML, as hubs of data sets read it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from signoff_datasets.cards.croissant import DESCRIPTION
from signoff_datasets.cards.licence_names import card_names, expressions
from signoff_datasets.tables.columns import COLUMNS
from signoff_schemas.dataset import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_datasets.cards.figures import Figures
    from signoff_schemas.dataset import Manifest, Request

_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
_SPLITS: Final = ("train", "validation", "test")


def readme(manifest: Manifest, figures: Figures, *, builder: str) -> bytes:
    """Return the card.

    Args:
        manifest: of the data set.
        figures: the only ones that it tells.
        builder: fingerprint of the key that signed the manifest.
    """
    parts = ["---", *_header(manifest, figures), "---", "", *_body(manifest, figures, builder)]
    return "\n".join(parts).encode("utf-8") + b"\n"


def plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is, on one line."""
    line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", "".join(sign for sign in line if sign.isprintable()))


def _header(manifest: Manifest, figures: Figures) -> Iterable[str]:
    """Yield lines of YAML: a name, and a value that is JSON, which YAML holds."""
    licences = card_names(manifest)
    fields: dict[str, object] = {"pretty_name": manifest.name, "license": licences}
    if licences == ["other"]:
        fields["license"] = "other"
        fields["license_name"] = "named-in-every-row"
        fields["license_link"] = "#licences"
    fields["tags"] = ["code", "developer-traces", "croissant", "signoff"]
    if figures.episodes is not None:
        size = next((name for most, name in _SIZES if figures.episodes < most), "100K<n<1M")
        fields["size_categories"] = [size]
    splits = [one for one in _SPLITS if any(file.shard.startswith(one) for file in manifest.files)]
    fields["configs"] = [
        {
            "config_name": table,
            "data_files": [
                {"split": split, "path": f"{table}/{split}-*.parquet"} for split in splits
            ],
        }
        for table in COLUMNS
    ]
    for name, value in fields.items():
        yield f"{name}: {json.dumps(value)}"


def _body(manifest: Manifest, figures: Figures, builder: str) -> Iterable[str]:
    request = manifest.request
    prohibited = sorted({*manifest.prohibited_uses, *request.prohibited_uses})
    yield f"# {plain(manifest.name)}, version {manifest.version}"
    yield ""
    yield DESCRIPTION
    yield ""
    yield "## What it may be used for"
    yield ""
    yield f"* for **{request.purpose}**: every contributor signed for it;"
    yield f"* never for: {', '.join(prohibited) or 'nothing was named'};"
    yield "* of each row until the time in the column `expires` of its episode;"
    yield "* what is withdrawn has to be deleted when a new version says so."
    yield ""
    yield "No figure about a single person may be made of it, nor may anyone in it be named."
    yield ""
    yield "## Licences"
    yield ""
    yield "Each row names that of the contribution and that of the repository it shows. There are:"
    yield ""
    yield from (f"* {plain(one)}" for one in expressions(manifest))
    yield ""
    yield f"They follow the licence policy {plain(request.licences)}."
    yield ""
    yield "## How it was made"
    yield ""
    yield "Developers recorded their own work, looked at it, masked what should not leave, and"
    yield "signed it for one receiver. Only what its author signed for this purpose is here;"
    yield "`proofs/` has each sign-off as it was signed, `signoff dataset verify` proves all of it."
    yield ""
    yield f"* built by the holder of the key {plain(builder)}"
    yield f"* as of {request.as_of}"
    yield f"* manifest `{digest_of(manifest)}`"
    yield f"* plan `{manifest.plan_sha256}`"
    yield from _rules(request)
    yield ""
    yield "## How much there is"
    yield ""
    yield from _figures(manifest, figures)
    yield ""
    yield "## Tables"
    yield ""
    yield "Parquet; `croissant.json` describes them for machines."
    for table, columns in COLUMNS.items():
        yield ""
        yield f"### {table}"
        yield ""
        yield "| column | what |"
        yield "|---|---|"
        yield from (f"| `{column.name}` | {plain(column.what)} |" for column in columns)


def _rules(request: Request) -> Iterable[str]:
    shares = ", ".join(
        f"{name} {request.splits[name]}" for name in _SPLITS if name in request.splits
    )
    yield f"* splits, in parts of a thousand: {shares}; nobody and no repository is on two sides"
    yield f"* no shard has fewer than {request.k} contributors"
    yield from (f"* each episode passes the gate of quality `{gate}`" for gate in request.gates)


def _figures(manifest: Manifest, figures: Figures) -> Iterable[str]:
    yield "Rounded down to one digit and zeros; nothing is told of fewer than ten people."
    if manifest.version > 1:
        yield "Those of version 1 stand in its card; they are not counted again."
    yield ""
    if figures.contributors is not None:
        yield f"* contributors: {figures.contributors} or more"
    if figures.episodes is not None:
        yield f"* episodes: {figures.episodes} or more"
    for language, count in figures.languages.items():
        yield f"* who wrote {plain(language)}: {count} or more"
    if figures.contributors is None:
        yield "* none"
