"""People, places and secrets without a gap between them: masked, replayed, never refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.support.typist import Typist

from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.texts.public_base import BaseText
from signoff_collector.redaction.values.identities import machine_identities

COMMIT = "3f2a9c1b7d" * 4
IDENTITIES = machine_identities(
    {"HOME": "/home/wilhelmine", "USER": "wilhelmine", "HOSTNAME": "wl-laptop7"},
    Path("/srv/proj/repo"),
    authors=[("Wilma Q. Roth", "wroth@firm.example"), ("Otto Kern", "otto@kern.example")],
    own=["wroth@firm.example"],
)
PIECES = (
    "/home/wilhelmine/x", "C:\\Users\\someone\\y", "/srv/proj/repo/a", "Wilma Q. Roth",
    "otto@kern.example", "Otto Kern", COMMIT, COMMIT[:8], "wl-laptop7", "http://x.corp/",
    "https://api.acme.io/v1?a=b", "+49 30 9018204", "91.23.44.155", "ada.love@analytic.io",
    "DE89370400440532013000", "x = 1", "def f(a):", "😀🚀", "'", ": ", "\n", " ", " ",
    "(415) 867-5309", "db1.lan:5432", "%2Fhome%2Fwilhelmine",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_what_stands_side_by_side_is_masked_and_replays(seed: int) -> None:
    source = random.Random(f"side {seed}")  # noqa: S311

    def some(count: int) -> str:
        picked = (source.choice(PIECES) + source.choice(["", " ", "\n"]) for _ in range(count))
        return "".join(picked)

    typist = Typist()
    base = {"a.py": some(8) + "\n"}
    typist.open("a.py", base["a.py"])
    typist.open("b.py", some(4))
    for _ in range(6):
        path = source.choice(["a.py", "b.py"])
        place = source.randrange(len(typist.texts[path]) + 1)
        if source.random() < 0.5:
            typist.type(path, place, some(2)[:60])
        else:
            typist.edit(path, place, 0, some(3))
        typist.command(["git", "log", some(1)], some(12))
    typist.save("a.py")
    policy = RedactionPolicy(
        identities=IDENTITIES,
        base=BaseText(texts=base, is_public=source.random() < 0.5),
        commits={COMMIT: "commit-0123456789ab"},
    )
    redacted = Redactor(policy).redact_episode(typist.episode())
    assert check_replay(redacted).mismatches == ()
    assert "wroth@firm.example" not in str([step.model_dump() for step in redacted.steps])
