"""Two sessions that differ in nothing but a secret's characters, length and rhythm.

Both secrets are exact values. Their episodes are the same, byte for byte: else something of
the secret could be read from counts, offsets, times, sizes or kinds (threat 6).
"""

from __future__ import annotations

import random

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor

from .contexts import BARE, TELLING
from .recorder import Recorder
from .secret import fill
from .session import Session
from .trial import IDENTITIES, assembled

_LENGTHS = (8, 60)
_KEY_MS = (35, 410)


def differing_twins(seed: int, count: int) -> list[str]:
    """Return the contexts of those pairs whose episodes are not the same."""
    found: list[str] = []
    for number in range(count):
        source = random.Random(f"twins {seed} {number}")  # noqa: S311
        context = source.choice([one for one in (*TELLING, *BARE) if _is_plain(one.template)])
        one, other = (_sealed(source, context.template, which) for which in (0, 1))
        if one != other:
            found.append(f"twins {number}: {context.template!r}")
    return found


def _is_plain(template: str) -> bool:
    """Return whether a context shows the secret as it is, once."""
    return template.count("{v}") == 1 and "{v!" not in template


def _sealed(source: random.Random, template: str, which: int) -> bytes:
    value = fill("{L:1}{d:1}" * (_LENGTHS[which] // 2), source)[0]
    before, _, after = template.replace("{n}", "token").replace("{N}", "TOKEN").partition("{v}")
    recorder = Recorder()
    path = "a.py"
    recorder.open(path, "# 😀🚀\nx = 1\n")
    place = _type(recorder, path, 5, before, 100)
    half = len(value) // (2 + which)
    place = _type(recorder, path, place, value[:half], _KEY_MS[which])
    if which:
        place = _type(recorder, path, place, "qq", 90)
        for _ in range(2):
            place -= 1
            recorder.change(path, [(place, 1, "")])
            recorder.wait(200)
    place = _type(recorder, path, place, value[half:], _KEY_MS[which])
    recorder.wait(5_000 * (which + 1))
    place = _type(recorder, path, place, after + "\n", 100)
    recorder.save(path)
    _type(recorder, path, place, "done\n", 100)
    recorder.companion("diagnostics", path, items=[{"message": f"unused {value}", "range": {
        "start": {"line": 1, "character": len(before)},
        "end": {"line": 1, "character": len(before) + len(value)}}}])  # fmt: skip
    recorder.step("run", "command", argv=["make"], exit_code=1, output_state="full",
                  output={"head": f"bad {value}\n"}, output_bytes=5 + len(value))  # fmt: skip
    session = Session("known", which, recorder)
    policy = RedactionPolicy(exact_values=of_values([value]), identities=IDENTITIES)
    return write_episode(Redactor(policy).redact_episode(assembled(session)))


def _type(recorder: Recorder, path: str, place: int, text: str, key_ms: int) -> int:
    for char in text:
        recorder.change(path, [(place, 0, char)])
        recorder.wait(key_ms)
        place += 1
    return place
