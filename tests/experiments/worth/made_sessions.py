"""Sessions made by a program, whose history tells what comes next, or tells nothing."""

from __future__ import annotations

from random import Random

from experiments.worth.examples import AROUND, Action, Edit, Session

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def made_session(
    seed: int, bursts: int, *, is_informative: bool, name: str = "", source: str = "trace"
) -> Session:
    """Each burst writes a line into one file; a telling history holds the word it is made of.

    Lines are `call WORD(WORD) 🦊` for a word of the session; where history tells, it is that of the
    burst before four times of five, else any.
    """
    random = Random(seed)  # noqa: S311
    words = ["".join(random.choices(LETTERS, k=9)) for _ in range(400)]
    lines = ["begin 🦊", "end 🦊😀"]
    word = words[0]
    edits: list[Edit] = []
    for _ in range(bursts):
        if not is_informative or random.random() < 0.2:
            word = random.choice(words)
        at = random.randrange(1, len(lines))
        inserted = f"    call {word}({word}) 🦊\n"
        edits.append(
            Edit(
                path="made.py",
                before="".join(line + "\n" for line in lines[:at])[-AROUND:],
                removed="",
                inserted=inserted,
                behind="\n".join(lines[at:])[:AROUND],
                line=at,
                lines=len(lines),
                pause_ms=random.choice([1_000, 20_000, None]),
                author="unknown",
            )
        )
        lines.insert(at, inserted[:-1])
    actions = [
        Action(kind, None if kind != "test run" else is_red)
        for _ in range(bursts // 8)
        for is_red in (random.random() < 0.5,)
        for kind in ("edit test", "test run", "edit code" if is_red else "git")
    ]
    return Session(name or f"made {seed}", source, True, tuple(edits), tuple(actions))
