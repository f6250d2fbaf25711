"""What follows a signed episode: a data set of it, read with DuckDB, proven, one bit flipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

QUERY = (
    "select kind, author, count(*) as rows, sum(inserted)::int as inserted"
    " from 'dataset/steps/*.parquet' group by all order by all"
)


class Teller(Protocol):
    """Runs commands and tells of them."""

    folder: Path

    def signoff(self, *arguments: str, expect: int = 0, show: bool = True) -> str: ...


def make_data_set(demo: Teller, shared: Path) -> None:
    """Plan, build, verify and read a data set of one signed episode; then change one bit of it."""
    import duckdb

    episodes, plan = str(shared.parent), str(demo.folder / "plan.json")
    out = demo.folder / "dataset"
    asked = ("dataset", "plan", "--from", episodes, "--k", "1", "-o", plan, "--purpose")
    demo.signoff(*asked, "model-training", expect=13)  # what was signed is research
    demo.signoff(*asked, "research")
    demo.signoff("dataset", "build", plan, "--from", episodes, "-o", str(out))
    demo.signoff("dataset", "verify", str(out), "--plan", plan)
    print(f'$ duckdb -c "{QUERY}"')
    answer = duckdb.sql(QUERY.replace("'dataset/", f"'{out}/"))
    print("".join(f"  {line}\n" for line in str(answer).splitlines()), end="")
    flip_a_bit(out / "steps" / "train-00000.parquet")
    print("  one bit of steps/train-00000.parquet is flipped:")
    said = demo.signoff("dataset", "verify", str(out), "--json", expect=11)
    assert any(json.loads(line).get("finding") == "damaged" for line in said.splitlines())


def flip_a_bit(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
