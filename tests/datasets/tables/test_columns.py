"""The page of data sets lists every column, as the code does."""

from __future__ import annotations

from pathlib import Path

from signoff_datasets.tables.columns import COLUMNS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "datasets.md"
_ARROW = {
    "text": "string",
    "texts": "list of strings",
    "number": "int64",
    "numbers": "list of int64",
    "flag": "boolean",
}


def columns_page() -> str:
    """Return the tables as the page has them."""
    parts: list[str] = []
    for table, columns in COLUMNS.items():
        rows = "".join(f"| `{one.name}` | {_ARROW[one.kind]} | {one.what} |\n" for one in columns)
        parts.append(f"### {table}\n\n| column | type | what |\n|---|---|---|\n{rows}")
    return "\n".join(parts)


def test_the_page_lists_every_column() -> None:
    assert columns_page() in PAGE.read_text("utf-8")
