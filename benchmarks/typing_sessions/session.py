"""One working session made at random around one or two secrets, as journals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from .behaviours import BEHAVIOURS, WHOLE
from .channels import CHANNELS
from .contexts import BARE, TELLING, Context
from .ordinary_code import some_code
from .person import Person
from .recorder import Recorder
from .secret import Secret
from .secret_kinds import KINDS, Kind, invented_kind

Setting = Literal["known", "unknown", "bare", "left_out"]
"""`known`: exact values are known, contexts of all sorts. `unknown`: nothing is known, a name
stands beside each secret whose shape does not tell. `bare`: nothing is known and nothing stands
beside. `left_out`: kinds that no issuer has, with a name beside every second one."""
SETTINGS: Final[tuple[Setting, ...]] = ("known", "unknown", "bare", "left_out")


@dataclass(slots=True)
class Session:
    """What was made, and how to speak of it."""

    setting: Setting
    number: int
    recorder: Recorder
    secrets: list[Secret] = field(default_factory=list)
    ordinary: list[str] = field(default_factory=list)
    """Text without secrets that was put in."""
    story: list[str] = field(default_factory=list)
    """What was done, in order."""

    def windows(self) -> set[str]:
        """Return the runs of 6 characters that may not be seen in the episode."""
        wanted = set().union(*(secret.windows() for secret in self.secrets))
        known = "\n".join(self.ordinary)
        return {window for window in wanted if window not in known}


class _Maker:
    def __init__(self, session: Session, source: random.Random, kind: Kind) -> None:
        self.session = session
        self.random = source
        self.kind = kind
        self.recorder = session.recorder
        self.person = Person(session.recorder, source)
        self.paths: list[str] = []

    def make(self) -> None:
        for _ in range(self.random.choice([1, 1, 2])):
            self._new_secret(self.kind)
        if self.random.random() < 0.5:
            self.recorder.tree()
        suffix = self._context().suffix
        for name in ("app", "settings")[: self.random.randint(1, 2)]:
            self._open(f"src/{name}.{suffix}")
        self._plant(is_first=True)
        for _ in range(self.random.randint(1, 3)):
            self.person.pause()
            self.random.choice([self._plant, self._plant, self._show, self._rotate, self._code])()
        if self.random.random() < 0.7:
            self.recorder.save(self.paths[0])

    def _new_secret(self, kind: Kind) -> None:
        self.session.secrets.append(kind.make(self.random))

    def _open(self, path: str) -> None:
        eol = self.random.choice(["\n", "\n", "\n", "\r\n"])
        text = "# 😀🚀\n" + some_code(self.random, self.random.randint(5, 30))
        self.session.ordinary.append(text)
        self.recorder.open(path, text.replace("\n", eol))
        self.paths.append(path)

    def _context(self) -> Context:
        match self.session.setting:
            case "known" | "left_out":
                return self.random.choice(self.random.choice([TELLING, TELLING, BARE]))
            case "bare":
                return self.random.choice(BARE)
            case "unknown":
                is_free = self.session.secrets[0].is_issued and self.random.random() < 0.4
                return self.random.choice(BARE if is_free else TELLING)

    def _plant(self, *, is_first: bool = False) -> None:
        secret = self.random.choice(self.session.secrets[:1] if is_first else self.session.secrets)
        context = self._context()
        must_tell = is_first and self.session.setting == "unknown" and not secret.is_issued
        behaviour = self.random.choice(WHOLE if must_tell else BEHAVIOURS)
        lines = context.lines(secret, self.random)
        path = self.random.choice(self.paths)
        self._say(f"{behaviour.__name__} in {path}: {lines!r}")
        behaviour(self.person, path, lines, secret)

    def _show(self) -> None:
        secret = self.session.secrets[0]
        channel = self.random.choice(CHANNELS)
        lines = self._context().lines(secret, self.random)
        self._say(f"{channel.__name__}: {lines!r}")
        channel(self.person, self.random.choice(self.paths), lines, secret)

    def _rotate(self) -> None:
        """Put a new secret in the place of the old one."""
        old = self.session.secrets[0]
        for path in self.paths:
            at = self.recorder.texts[path].find(old.text)
            if at >= 0:
                self._new_secret(self.kind)
                new = self.session.secrets[-1]
                self._say(f"rotated in {path} at {at}: {new.text!r}")
                self.person.change(path, at, len(old.text), "", "key")
                self.random.choice([self.person.type, self.person.paste])(path, at, new.text)
                return

    def _code(self) -> None:
        path = self.random.choice(self.paths)
        text = some_code(self.random, 2)
        self.session.ordinary.append(text)
        self._say(f"code in {path}")
        self.person.type(path, self.person.line_start(path), text)

    def _say(self, words: str) -> None:
        self.session.story.append(words)


def make_session(
    setting: Setting,
    seed: int,
    number: int,
    recorder: Recorder | None = None,
    *,
    kinds: Sequence[Kind] = KINDS,
) -> Session:
    """Return the session of a number; the same numbers give the same session."""
    source = random.Random(  # noqa: S311
        f"{setting} {seed} {number}"
    )
    kind = invented_kind(source) if setting == "left_out" else source.choice(kinds)
    session = Session(setting, number, recorder or Recorder())
    _Maker(session, source, kind).make()
    return session
