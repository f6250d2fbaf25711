"""Where masked values stand in a whole session, told before they are unmasked."""

from __future__ import annotations

from dataclasses import replace

from tests.support.typist import Typist

from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.checking.redaction_places import redaction_places

ASTRAL = "\U0001f600\U00010348"


def test_places_are_counted_at_the_end_and_files_that_held_it_only_earlier_are_named() -> None:
    typist = Typist()
    typist.open("a.py", f"# {ASTRAL}\n")
    typist.type_at_end("a.py", "one = REDACTED_TOKEN_1\ntwo = REDACTED_TOKEN_2\n")
    typist.save("a.py")
    typist.open("b.py", "x = REDACTED_TOKEN_1\n")
    typist.save("b.py")
    typist.edit("b.py", 0, len("x = REDACTED_TOKEN_1"), "x = 2")
    typist.save("b.py")
    typist.command(["env"], f"{ASTRAL} REDACTED_TOKEN_1 REDACTED_TOKEN_1 REDACTED_TOKEN_11\n")
    episode = typist.episode()
    masks = {f"REDACTED_TOKEN_{number}": "opaque" for number in (1, 2, 11)}
    base = BaseWalk(replace(episode, header=episode.header.model_copy(update={"masks": masks})))
    assert redaction_places(base, ["REDACTED_TOKEN_1"]) == {
        "values": 1,
        "places": 3,
        "files": [{"path": "a.py", "places": 1}, {"path": "b.py", "places": 0}],
        "steps": 1,
    }
    assert redaction_places(base, ["REDACTED_TOKEN_2"])["steps"] == 0
    assert redaction_places(base, ["REDACTED_MAIL_7"])["files"] == []
