"""Trains a transformer on one arm and asks it; one run is one process with one thread.

    python -m experiments.worth.learning.training SETTING SEED RUN.json SESSIONS.json ANSWERS.json

A run can be killed at any time: the next one goes on from what was last kept, and on a CPU its
losses are the same bit for bit. What is kept: weights, optimizer, state of the random numbers, and
the losses, whose number says how many rows were read.
"""

from __future__ import annotations

import io
import json
import math
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from experiments.worth.data.sessions import read_sessions, write_json
from experiments.worth.learning.plan import Run
from experiments.worth.learning.prompts import Marks
from experiments.worth.learning.rows import encoded, rows, windows
from experiments.worth.learning.transformer import Shape, Transformer
from signoff_collector.own_files.private_files import replace_private

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from experiments.worth.learning.prompts import Example
    from experiments.worth.learning.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One form of the training."""

    shape: Shape
    size: int
    """Bytes to predict in all; the last batch is filled up."""
    keep_every: int
    """Steps from one kept state to the next."""
    device: str = "cpu"
    batch: int = 16
    rate: float = 1.5e-3
    lowest: float = 0.1
    """Share of the rate that is left at the end."""
    warm: float = 0.1
    """Share of the steps in which the rate rises."""

    @property
    def steps(self) -> int:
        """Steps of each run."""
        return math.ceil(self.size / (self.batch * self.shape.context))

    def rate_at(self, step: int) -> float:
        """Return the rate of a step: it rises in a line and falls as a cosine."""
        rising = self.warm * self.steps
        if step < rising:
            return self.rate * (step + 1) / math.ceil(rising)
        fallen = (1 + math.cos(math.pi * (step - rising) / (self.steps - rising))) / 2
        return self.rate * (self.lowest + (1 - self.lowest) * fallen)


SETTINGS: Final = {
    "quick": Setting(
        shape=Shape(layers=4, width=128, heads=4, context=512), size=1_500_000, keep_every=20
    ),
    "gpu": Setting(
        shape=Shape(layers=8, width=384, heads=4, context=2048),
        size=150_000_000,
        keep_every=500,
        device="cuda",
    ),
    "tiny": Setting(
        shape=Shape(layers=1, width=16, heads=2, context=96), size=200_000, keep_every=10
    ),
}


class Training:
    """A model on its way through its steps."""

    def __init__(self, setting: Setting, seed: int, kept: Path) -> None:
        """Begin, or go on where `kept` ended."""
        self._setting = setting
        self._kept = kept
        self.losses: list[float] = []
        torch.manual_seed(seed)
        self.model = Transformer(setting.shape).to(setting.device)
        self._optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=setting.rate, weight_decay=0.05
        )
        if kept.exists():
            state = torch.load(io.BytesIO(kept.read_bytes()), setting.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])
            torch.set_rng_state(state["random"].cpu())
            self.losses = state["losses"]

    def run(self, drawn: Iterable[Row]) -> None:
        """Take the steps that are missing; rows that were read before are passed over."""
        setting = self._setting
        left = islice(drawn, len(self.losses) * setting.batch, None)
        while len(self.losses) < setting.steps:
            self.losses.append(self._step(list(islice(left, setting.batch))))
            done = len(self.losses)
            if done % setting.keep_every == 0 or done == setting.steps:
                self._keep()

    def _step(self, batch: list[Row]) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._setting.rate_at(len(self.losses))
        device = self._setting.device
        symbols = torch.tensor([list(row) for row, _ in batch], device=device)
        weights = torch.tensor([each[1:] for _, each in batch], device=device)
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            scores = self.model(symbols[:, :-1])
        costs = functional.cross_entropy(
            scores.flatten(0, 1).float(), symbols[:, 1:].flatten(), reduction="none"
        )
        loss = (costs * weights.flatten()).sum() / weights.sum()
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        return loss.item()

    def _keep(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "losses": self.losses,
        }
        held = io.BytesIO()
        torch.save(state, held)
        replace_private(self._kept, held.getvalue())


@torch.no_grad()
def ask(
    model: Transformer, setting: Setting, questions: Sequence[Example], marks: Marks
) -> tuple[list[float], list[bool]]:
    """Return the bits of each inserted text without its end, and whether it was met exactly.

    Exactly: the likeliest byte is the right one each time, up to the end. A model that writes
    alone writes the same, for until it errs it has the same bytes before it.
    """
    length = setting.shape.context + 1
    cut: list[tuple[int, int, bytes, int]] = []  # question, bytes behind, row, bytes that count
    for number, question in enumerate(questions):
        prompt, target = encoded(question, marks)
        behind = len(target)
        for row, counting in windows(prompt, target, length):
            behind -= counting
            cut.append((number, behind, row, counting))
    bits = [0.0] * len(questions)
    exact = [True] * len(questions)
    cut.sort(key=lambda one: (len(one[2]), one[0], one[1]))  # rows of a batch are of like length
    for at in range(0, len(cut), setting.batch):
        batch = cut[at : at + setting.batch]
        longest = max(len(row) for _, _, row, _ in batch)
        symbols = torch.tensor(
            [list(row.ljust(longest, b"\0")) for _, _, row, _ in batch], device=setting.device
        )
        shares = functional.log_softmax(model(symbols[:, :-1]).float(), -1)
        right = shares.argmax(-1) == symbols[:, 1:]
        each = shares.gather(-1, symbols[:, 1:, None])[..., 0].double() / -math.log(2)
        for place, (number, behind, row, counting) in enumerate(batch):
            end = len(row) - 1
            last = end - 1 if behind == 0 else end  # the end itself costs nothing
            bits[number] += each[place, end - counting : last].sum().item()
            exact[number] &= bool(right[place, end - counting : end].all())
    return bits, exact


def train_and_ask(setting: Setting, seed: int, run: Run, sessions: Path, answers: Path) -> None:
    """Train a run to its end, ask it, and write its answers and times."""
    began, cpu = time.monotonic(), time.process_time()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=setting.device == "cpu")
    read = read_sessions(sessions)
    kept = answers.with_suffix(".kept")
    training = Training(setting, seed, kept)
    training.run(rows(run.drawn(read), run.marks, setting.shape.context + 1))
    training.model.eval()
    told: dict[str, object] = {"losses": training.losses, "parameters": training.model.size}
    for form, questions in run.questions(read).items():
        told[form], told[f"{form} exact"] = ask(training.model, setting, questions, run.marks)
    seconds = {"wall": time.monotonic() - began, "cpu": time.process_time() - cpu}
    write_json(answers.with_suffix(".seconds"), seconds)
    write_json(answers, told)
    kept.unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> None:
    """Run what the command line says."""
    setting, seed, run, sessions, answers = arguments
    fields = json.loads(Path(run).read_bytes())
    told = Run(**{**fields, "marks": Marks(**fields["marks"])})
    train_and_ask(SETTINGS[setting], int(seed), told, Path(sessions), Path(answers))


if __name__ == "__main__":
    main(sys.argv[1:])
