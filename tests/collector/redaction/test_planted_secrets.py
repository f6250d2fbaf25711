"""Sessions made at random, each with secrets that come in and go in many ways."""

from __future__ import annotations

import base64
import random

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.steps import AssistStep, DiagnosticsStep
from signoff_schemas.values import Diagnostic
from signoff_schemas.words import ActorClass

pytestmark = pytest.mark.slow

SESSIONS = 40
CODE = ["x = 1\n", "def f(a):\n    return a\n", "# 😀 done 🚀\n", "import os\n", "\n"]
SHAPES = [
    'api_key = "{}"\n',
    "password: '{}'\n",
    "export DB_PASSWORD={}\n",
    'headers = {{"Authorization": "Bearer {}"}}\n',
    "client_secret={}\n",
    "url = 'postgres://app:{}@db.example/x'\n",
    'x = "ghp_{}"\n',
]
BARE = ["{}\n", "# {}\n", "value = '{}'\n", "call({})\n"]


class Session:
    """One random session around one secret."""

    def __init__(self, seed: int, *, is_known: bool) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.secret = random_secret(seed, self.random.randrange(12, 44))
        self.is_known = is_known
        self.typist = Typist(cursors=self.random.random() < 0.5, key_ms=70)
        self.typist.open("a.py", "# 😀🚀\n" + "".join(self.some(CODE, 5)))
        self.typist.open("b.env.py", "")

    def some(self, pool: list[str], count: int) -> list[str]:
        return [self.random.choice(pool) for _ in range(count)]

    def line(self) -> str:
        shapes = SHAPES + (BARE if self.is_known else [])
        return self.random.choice(shapes).format(self.secret)

    def place(self, path: str) -> int:
        text = self.typist.texts[path]
        breaks = [at + 1 for at, char in enumerate(text) if char == "\n"]
        return self.random.choice([0, *breaks])

    def run(self) -> None:
        self.plant()
        for _ in range(self.random.randrange(4, 12)):
            self.random.choice(
                [self.plant, self.code, self.code, self.save, self.strings, self.remove]
            )()
            self.typist.wait(self.random.choice([0, 200, 4_000]))
        self.save()

    def plant(self) -> None:
        path = self.random.choice(["a.py", "b.env.py"])
        start, line = self.place(path), self.line()
        match self.random.randrange(6):
            case 0:
                self.typist.type(path, start, line)
            case 1:
                self.typist.edit(path, start, 0, line, ActorClass.PASTED)
            case 2:
                half = self.random.randrange(len(line) // 2, len(line))
                end = self.typist.type(path, start, line[:half])
                self.save()
                self.typist.wait(20_000)
                self.typist.type(path, end, line[half:])
            case 3:
                end = self.typist.type(path, start, line)
                count = self.random.randrange(1, len(line))
                self.typist.backspace(path, end, count)
                self.typist.edit(path, end - count, 0, line[len(line) - count :], ActorClass.UNDO)
            case 4:
                end = start
                for char in line:
                    if self.random.random() < 0.1:
                        self.typist.edit(path, end, 0, "q")
                        self.typist.backspace(path, end + 1, 1)
                    end = self.typist.type(path, end, char)
            case _:
                self.typist.edit(path, start, 0, line, ActorClass.PASTED)
                self.typist.edit(path, start, len(line), "", ActorClass.UNDO)

    def code(self) -> None:
        path = self.random.choice(["a.py", "b.env.py"])
        self.typist.type(path, self.place(path), self.random.choice(CODE))

    def remove(self) -> None:
        path = "a.py"
        length = len(self.typist.texts[path])
        start = self.random.randrange(length)
        self.typist.edit(path, start, self.random.randrange(length - start + 1), "")
        if not self.typist.texts[path].endswith("\n"):
            self.typist.type_at_end(path, "\n")

    def save(self) -> None:
        self.typist.save(self.random.choice(["a.py", "b.env.py"]))

    def strings(self) -> None:
        secret, typist = self.secret, self.typist
        match self.random.randrange(6):
            case 0:
                typist.commit(f"use {secret} in tests")
            case 1:
                cut = self.random.randrange(1, len(secret))
                typist.command(["make"], f"  {secret[:cut]}\n+ {secret[cut:]}\n\x1b[1m{secret}\n")
            case 2:
                encoded = base64.b64encode(f"user:{secret}".encode()).decode()
                typist.command(["curl", "-u", f"user:{secret}"], f"Basic {encoded}\n")
            case 3:
                message = f"unused string '{secret}'"
                typist.add(
                    DiagnosticsStep,
                    path="a.py",
                    buffer=0,
                    appeared=(Diagnostic(message=message),),
                )
            case 4:
                offered = (secret, secret[:9], "other")
                typist.add(
                    AssistStep,
                    feature="completion",
                    offered=offered,
                    chosen=secret,
                    inserted=secret[3:],
                )
            case _:
                typist.command(["deploy", f"--token={secret}"], f"token ...{secret[-8:]}\n")


@pytest.mark.parametrize("is_known", [False, True], ids=["by shape", "by value"])
@pytest.mark.parametrize("seed", range(SESSIONS))
def test_no_window_of_a_planted_secret_is_left(seed: int, *, is_known: bool) -> None:
    session = Session(seed, is_known=is_known)
    session.run()
    known = of_values([session.secret] if is_known else [])
    original = session.typist.episode()
    redacted = Redactor(RedactionPolicy(exact_values=known)).redact_episode(original)
    assert leaks_in_episode(redacted, [session.secret]) == []
    assert leaks_in_bytes(write_episode(redacted), [session.secret]) == []
    assert check_replay(redacted).mismatches == ()
    assert check_replay(redacted).checkpoints == check_replay(original).checkpoints


@pytest.mark.parametrize("seed", range(8))
def test_redaction_is_the_same_every_time(seed: int) -> None:
    session = Session(seed, is_known=True)
    session.run()
    policy = RedactionPolicy(exact_values=of_values([session.secret]))
    episode = session.typist.episode()
    results = [write_episode(Redactor(policy).redact_episode(episode)) for _ in range(2)]
    assert results[0] == results[1]
