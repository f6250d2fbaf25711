"""A made-up day with everything in it that looks odd in a review."""

from __future__ import annotations

import base64
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.made_days.day import make_day

from signoff_collector.episode.content import Episode
from signoff_schemas.steps import CommandStep, GitStep, StepBase
from signoff_schemas.values import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYLLABLES = ("zor", "quav", "blim", "thrax", "wug", "frop", "snorv", "jelq", "krund", "vosh")


def odd_day(seed: int, *, scale: float = 1.0) -> tuple[Episode, list[str]]:
    """Return a day of the benchmarks with oddities, and the values that look like secrets."""
    return _Planting(random.Random(seed)).run(  # noqa: S311  (made-up values)
        make_day(seed, scale=scale)
    )


class _Planting:
    def __init__(self, source: random.Random) -> None:
        self._source = source
        self.secrets: list[str] = []
        self._project = self._word()

    def run(self, day: Episode) -> tuple[Episode, list[str]]:
        steps = tuple(self._odd(step) for step in day.steps)
        blobs = tuple(blob + self._fixture().encode() for blob in day.blobs)
        masks = {f"REDACTED_TOKEN_{n}": "assignment" for n in range(1, 9)}
        masks |= {f"REDACTED_EMAIL_{n}": "personal" for n in range(1, 4)}
        redaction = {"TOKEN": 8, "EMAIL": 3}
        header = day.header.model_copy(update={"masks": masks, "redaction": redaction})
        return replace(day, steps=steps, blobs=blobs, header=header), self.secrets

    def _odd(self, step: StepBase) -> StepBase:
        if isinstance(step, CommandStep) and self._source.random() < 0.4:
            head = "\n".join(self._lines())
            output = Output(head=head, tail="😀🚀 done\n")
            line = f"./{self._project}ctl --run {self._uuid()}"
            return step.model_copy(update={"output": output, "line": line})
        if isinstance(step, GitStep) and self._source.random() < 0.5:
            change = {"operation": "checkout", "branch": f"feature/{self._word()}-{self._number()}"}
            return step.model_copy(update=change)
        return step

    def _lines(self) -> Iterator[str]:
        yield f"GET https://{self._word()}.example.com/v1/{self._uuid()}?sig={self._secret()} 200"
        yield f"writing /tmp/{self._word()}-{self._hex(8)}/build/{self._hex(32)}.o"
        yield f"{self._hex(40)} refs/heads/{self._word()}"
        person = f"{self._word()}.{self._word()}@example.org"
        yield f"user {person} REDACTED_TOKEN_{self._number() % 8 + 1}"
        yield base64.b64encode(self._source.randbytes(300)).decode()
        yield f"sha256:{self._hex(64)} {self._project}_cache hit in {self._number()} ms"

    def _fixture(self) -> str:
        return (
            f'\nFIXTURE = {{"id": "{self._uuid()}", "owner": "REDACTED_EMAIL_1", '
            f'"cookie": "{self._secret()}", "name": "{self._word().title()} 😀🚀"}}\n'
            f"def {self._project}_{self._word()}(x):\n    return {self._project}_client(x)\n"
        )

    def _word(self) -> str:
        return "".join(self._source.sample(_SYLLABLES, 3))

    def _number(self) -> int:
        return self._source.randrange(1000)

    def _hex(self, digits: int) -> str:
        return f"{self._source.getrandbits(digits * 4):0{digits}x}"

    def _uuid(self) -> str:
        whole = self._hex(32)
        return f"{whole[:8]}-{whole[8:12]}-{whole[12:16]}-{whole[16:20]}-{whole[20:]}"

    def _secret(self) -> str:
        letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        value = "".join(self._source.choices(letters, k=28))
        self.secrets.append(value)
        return value
