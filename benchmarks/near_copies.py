"""Say how well near-copies are found, over copies that are planted in the standard library.

    .venv/bin/python benchmarks/near_copies.py [--pieces N]

Each text, a module or 30 lines of one, stands for what one episode wrote. A tenth of them are
planted again, changed in one way. A copy is found when it hangs together with its original; another
text is brought in when it hangs together with a text that it did not before.
"""

from __future__ import annotations

import argparse
import random
import re
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from signoff_datasets.screening.splits import Links
from signoff_datasets.similarity.near_copies import (
    FEWEST,
    THRESHOLD,
    Sketch,
    jaccard,
    near_copies,
    sketch,
)
from signoff_datasets.similarity.tokens import KEYWORDS

_WORD = re.compile(r"[^\W\d]\w*")


def laid_out_anew(text: str, source: random.Random) -> str:
    """Return the text with other indentation, other blank lines and other spaces."""
    lines = [line.replace("    ", "\t").replace(", ", ",  ") for line in text.splitlines()]
    return "\n".join(line + "\n" * source.randint(0, 2) for line in lines if line.strip())


def renamed(text: str, source: random.Random) -> str:
    """Return the text with another name for every name."""
    names: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        name = match[0]
        if name.lower() in KEYWORDS:
            return name
        return names.setdefault(name, f"n{source.getrandbits(40):x}")

    return _WORD.sub(other, text)


def reordered(text: str, source: random.Random) -> str:
    """Return the text with its top-level blocks in another order."""
    blocks = re.split(r"\n(?=\S)", text)
    source.shuffle(blocks)
    return "\n".join(blocks)


def changed(text: str, source: random.Random) -> str:
    """Return the text with one line of ten written otherwise."""
    lines = text.splitlines()
    return "\n".join(
        f"other{source.randint(0, 9)}(text, {source.random()})" if source.random() < 0.1 else line
        for line in lines
    )


def shortened(text: str, source: random.Random) -> str:
    """Return three quarters of the text, from anywhere."""
    lines = text.splitlines()
    begin = source.randint(0, len(lines) // 4)
    return "\n".join(lines[begin : begin + len(lines) * 3 // 4])


def all_of_them(text: str, source: random.Random) -> str:
    """Return the text laid out anew, renamed and reordered."""
    return laid_out_anew(renamed(reordered(text, source), source), source)


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    laid_out_anew,
    renamed,
    reordered,
    all_of_them,
    changed,
    shortened,
)


def library(pieces: int) -> list[str]:
    """Return texts of the standard library: whole modules, then pieces of 30 lines.

    Its codecs and its test grammar are left out, since they are copies of each other.
    """
    modules: list[str] = []
    home = Path(sysconfig.get_path("stdlib"))
    for path in sorted(home.rglob("*.py")):
        within = set(path.relative_to(home).parts)
        if within & {"site-packages", "dist-packages", "test", "tests", "encodings", "lib2to3"}:
            continue
        text = path.read_text("utf-8", "replace")
        if 50 <= text.count("\n") <= 2000:
            modules.append(text)
    source = random.Random(1)  # noqa: S311  # repeatable
    source.shuffle(modules)
    half = len(modules) // 2
    cut: list[str] = []
    for text in modules[half:]:
        lines = text.splitlines()
        cut += ["\n".join(lines[at : at + 30]) for at in range(0, len(lines) - 30, 30)]
    source.shuffle(cut)
    return modules[:half] + cut[:pieces]


def together(sketches: list[Sketch]) -> Links:
    """Return what hangs together over near-copies."""
    links = Links()
    for pair in near_copies(sketches):
        links.join(pair.first, pair.second)
    return links


def main() -> None:
    """Plant, search, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pieces", type=int, default=2000)
    texts = library(parser.parse_args().pieces)
    began = time.process_time()
    sketches = [sketch(f"{number:064x}", [text]) for number, text in enumerate(texts)]
    made = time.process_time() - began
    began = time.process_time()
    originals = near_copies(sketches)
    paired = time.process_time() - began
    print(f"{len(texts)} texts, {sum(len(one.shingles) for one in sketches)} shingles")
    print(f"CPU: a sketch {1000 * made / len(texts):.1f} ms, all pairs {paired:.2f} s")
    print(f"pairs of two of them from {THRESHOLD} on: {len(originals)}")
    for one in originals:
        names = (texts[int(one.first, 16)], texts[int(one.second, 16)])
        print(f"   {one.jaccard:.2f}", *(ascii(text[:60]) for text in names))
    print("| planted copies | found | others brought in | least index | mean |")
    print("|---|---|---|---|---|")
    for way in WAYS:
        source = random.Random(2)  # noqa: S311
        planted = {
            number: sketch(f"{number + (1 << 20):064x}", [way(texts[number], source)])
            for number in range(0, len(texts), 10)
            if len(sketches[number].shingles) >= FEWEST
        }
        links = together([*sketches, *planted.values()])
        alone = together(sketches)
        hits = sum(
            links.root(sketches[n].sha256) == links.root(one.sha256) for n, one in planted.items()
        )
        false = len({alone.root(one.sha256) for one in sketches}) - len(
            {links.root(one.sha256) for one in sketches}
        )
        found = [jaccard(sketches[n].shingles, one.shingles) for n, one in planted.items()]
        print(
            f"| {way.__name__.replace('_', ' ')} | {hits} of {len(planted)} | {false} "
            f"| {min(found):.2f} | {sum(found) / len(found):.2f} |"
        )


if __name__ == "__main__":
    main()
