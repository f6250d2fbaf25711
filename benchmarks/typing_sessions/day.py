"""A long day of typing, with secrets now and then."""

from __future__ import annotations

import random
import time
from typing import Final

from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor

from .contexts import TELLING
from .ordinary_code import some_code
from .recorder import Recorder
from .secret_kinds import KINDS
from .session import Session
from .trial import IDENTITIES, assembled

EDITS: Final = 50_000
_FILES: Final = 12
_SAVE_EVERY: Final = 400


def seconds_for_a_day(seed: int) -> float:
    """Return the CPU time that redaction takes for 50,000 edits in twelve files."""
    source = random.Random(f"day {seed}")  # noqa: S311
    recorder = Recorder()
    paths = [f"src/file{number}.py" for number in range(_FILES)]
    for path in paths:
        recorder.open(path, "# 😀🚀\n" + some_code(source, 300))
    known: list[str] = []
    saves = 0
    while recorder.edits < EDITS:
        path = source.choice(paths)
        text = some_code(source, 3)
        if source.random() < 0.02:
            secret = source.choice(KINDS).make(source)
            known.append(secret.text)
            text = source.choice(TELLING).lines(secret, source)
        place = recorder.texts[path].rfind("\n", 0, source.randrange(len(recorder.texts[path]))) + 1
        for char in text:
            recorder.change(path, [(place, 0, char)])
            recorder.wait(90)
            place += 1
        if recorder.edits // _SAVE_EVERY > saves:
            saves = recorder.edits // _SAVE_EVERY
            recorder.save(path)
    episode = assembled(Session("known", 0, recorder))
    policy = RedactionPolicy(exact_values=of_values(known[::2]), identities=IDENTITIES)
    began = time.process_time()
    Redactor(policy).redact_episode(episode)
    return time.process_time() - began
