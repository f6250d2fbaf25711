"""Fingerprints of public benchmarks, as files that are shipped.

A file is a line `signoff-fingerprints-1`, a line of JSON, and numbers of six bytes, the low byte
first: of each problem those of its statement, solution, tests and form, each part in rising order.
`benchmarks/public_benchmarks/write_fingerprints.py` writes it. No text can be read from it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_datasets.screening.contamination import BITS, PARTS, Fingerprints
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import fields_of, is_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signoff_datasets.screening.contamination import Part
    from signoff_datasets.similarity.tokens import Hashes

    Problems = Mapping[str, Mapping[Part, Hashes]]

MAGIC: Final = b"signoff-fingerprints-1\n"
_BYTES: Final = BITS // 8
_NAMES: Final = ("benchmark", "version", "source", "licence")
_WORD: Final = re.compile(r"[ -~]{1,80}")


def write_fingerprints(problems: Problems, **names: str) -> bytes:
    """Return a file of fingerprints; numbers that stand in several problems are left out.

    Args:
        problems: problem to part to its numbers.
        names: benchmark, version, source, licence.
    """
    owners: dict[int, set[str]] = {}
    for problem, parts in problems.items():
        for numbers in parts.values():
            for number in numbers.tolist():
                owners.setdefault(number, set()).add(problem)
    counts: list[list[object]] = []
    body = bytearray()
    for problem, parts in problems.items():
        kept = [[n for n in sorted(parts[part].tolist()) if len(owners[n]) == 1] for part in PARTS]
        counts.append([problem, *map(len, kept)])
        for each in kept:
            body += b"".join(number.to_bytes(_BYTES, "little") for number in each)
    header = json.dumps({**names, "problems": counts}, sort_keys=True, separators=(",", ":"))
    return MAGIC + header.encode("ascii") + b"\n" + bytes(body)


def parse_fingerprints(content: bytes) -> Fingerprints:
    """Parse a file of fingerprints.

    Raises:
        DamagedError: it is not one.
    """
    line, _, body = content.removeprefix(MAGIC).partition(b"\n")
    try:
        header: object = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        raise _fault("its second line is not JSON") from None
    fields = fields_of(header)
    if not content.startswith(MAGIC) or set(fields) != {*_NAMES, "problems"}:
        raise _fault("its first two lines are not those of a file of fingerprints")
    names = [fields[name] for name in _NAMES]
    texts = [name for name in names if isinstance(name, str) and _WORD.fullmatch(name)]
    if len(texts) != len(names):
        raise _fault("a name in it is no short text")
    problems, sizes = _counts(fields["problems"])
    if len(body) != _BYTES * sum(sizes.values()):
        raise _fault(f"it has {len(body)} bytes of numbers, not {_BYTES * sum(sizes.values())}")
    wide = np.zeros((len(body) // _BYTES, 8), np.uint8)
    wide[:, :_BYTES] = np.frombuffer(body, np.uint8).reshape(-1, _BYTES)
    all_numbers: list[int] = wide.view("<u8").ravel().tolist()
    numbers: dict[int, tuple[int, Part]] = {}
    begin = 0
    for key, size in sizes.items():
        part = all_numbers[begin : begin + size]
        if any(low >= high for low, high in pairwise(part)):
            raise _fault("its numbers do not rise")
        numbers.update(dict.fromkeys(part, key))
        begin += size
    return Fingerprints(
        benchmark=texts[0],
        version=texts[1],
        source=texts[2],
        problems=tuple(problems),
        sizes=sizes,
        numbers=numbers,
    )


@cache
def shipped_fingerprints() -> tuple[Fingerprints, ...]:
    """Return those of the benchmarks that this release knows; read once, 20 ms each."""
    home = resources.files("signoff_datasets.screening")
    files = sorted(entry.name for entry in home.iterdir() if entry.name.endswith(".fingerprints"))
    return tuple(parse_fingerprints((home / name).read_bytes()) for name in files)


@cache
def benchmark_repositories() -> frozenset[str]:
    """Return the repositories from which the SWE-bench family takes its problems."""
    home = resources.files("signoff_datasets.screening")
    lines = (home / "swe_bench_repositories.txt").read_text("ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _counts(value: object) -> tuple[list[str], dict[tuple[int, Part], int]]:
    problems: list[str] = []
    sizes: dict[tuple[int, Part], int] = {}
    for place, row in enumerate(_rows(value)):
        name, *counts = row
        if not isinstance(name, str) or not _WORD.fullmatch(name):
            raise _fault("the name of a problem is no short text")
        problems.append(name)
        for part, count in zip(PARTS, counts, strict=True):
            if type(count) is not int or not 0 <= count < 1 << 20:
                raise _fault("a count in it is none")
            sizes[place, part] = count
    return problems, sizes


def _rows(value: object) -> Sequence[list[object]]:
    rows = [row for row in value if is_items(row)] if is_items(value) else []
    if not is_items(value) or len(rows) != len(value):
        raise _fault("it has no list of problems")
    if any(len(row) != 1 + len(PARTS) for row in rows):
        raise _fault(f"a problem has not {len(PARTS)} counts")
    return rows


def _fault(what: str) -> DamagedError:
    return DamagedError(
        f"the fingerprints cannot be read: {what}",
        hint="Install Signoff again: this file is part of it.",
    )
