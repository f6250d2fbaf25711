"""A transformer's training: exact rows, and killed it goes on as if nothing had happened."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import pytest
from experiments.worth.data.sessions import write_json, write_sessions
from experiments.worth.learning.arms import ARMS, CONTROLS, examples, judged
from experiments.worth.learning.plan import Run
from experiments.worth.learning.prompts import Example, Marks
from experiments.worth.learning.rows import PROMPT_WEIGHT, TARGET_WEIGHT, encoded, rows, windows
from experiments.worth.learning.splits import by_time
from tests.experiments.worth.made_sessions import made_session
from tests.support.deadline import deadline, wait_until

ROOT = Path(__file__).resolve().parents[3]
LENGTH = 97


@pytest.mark.parametrize("arm", [*ARMS, *CONTROLS])
def test_every_row_of_every_arm_has_as_many_bytes_and_weighs_its_target(arm: str) -> None:
    parts = by_time([made_session(1, 100, is_informative=True)]).train
    for row, weights in islice(rows(examples(arm, parts, 0), Marks(), LENGTH), 100):
        assert len(row) == len(weights) == LENGTH
        assert weights == sorted(weights)
        begin = weights.index(TARGET_WEIGHT)
        assert set(weights[:begin]) <= {PROMPT_WEIGHT}
        assert row.endswith(b"\x17")
        assert begin == 0 or row[begin - 1 : begin] == b"\x16"


def test_every_byte_of_a_target_is_asked_once_with_half_a_row_before_it() -> None:
    for size in (1, 40, 48, 49, 500):
        prompt, target = b"p" * 300, bytes(range(65, 91)) * 20
        asked = b""
        for row, counting in windows(prompt, target[:size], LENGTH):
            asked += row[len(row) - counting :]
            assert len(row) == LENGTH
            assert len(row) - counting >= LENGTH // 2
        assert asked == target[:size]


def test_half_a_surrogate_pair_is_a_byte_like_another() -> None:
    (one, *_) = judged(by_time([made_session(1, 60, is_informative=True)]).judge)
    prompt, target = encoded(one.with_target("x\ud83dy"), Marks())
    assert target == b"x?y\x17"
    assert prompt.endswith(b"\x16")


class Trained:
    """Processes of one run, in a folder of its own."""

    def __init__(self, folder: Path, arm: str = "true") -> None:
        pytest.importorskip("torch", reason="torch is not installed: requirements/worth.txt")
        folder.mkdir()
        self.answers = folder / "answers.json"
        self.kept = folder / "answers.kept"
        sessions = [made_session(seed, 120, is_informative=True) for seed in (1, 2)]
        write_sessions(folder / "sessions.json", sessions)
        write_json(folder / "run.json", asdict(Run(kind="code", arm=arm, seed=0)))
        self._words = ("tiny", "0", folder / "run.json", folder / "sessions.json", self.answers)

    def start(self) -> subprocess.Popen[bytes]:
        module = "experiments.worth.learning.training"
        words = [sys.executable, "-m", module, *map(str, self._words)]
        return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE)

    def finish(self) -> dict[str, list[float]]:
        process = self.start()
        _, said = process.communicate(timeout=deadline())
        assert process.returncode == 0, said.decode()
        return json.loads(self.answers.read_bytes())

    def kill_when_kept(self) -> None:
        """Kill the process as soon as it has kept another state than was there."""
        before = self.kept.read_bytes() if self.kept.exists() else b""

        def has_kept() -> bool:
            assert process.poll() is None
            return self.kept.exists() and self.kept.read_bytes() != before

        with self.start() as process:
            wait_until(has_kept, "another state to be kept", pause_s=0.002)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert not self.answers.exists()


def test_killed_twice_a_run_gives_the_losses_and_answers_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    whole = Trained(tmp_path / "whole").finish()
    broken = Trained(tmp_path / "broken")
    for _ in range(2):
        broken.kill_when_kept()
    assert broken.finish() == whole
    assert not broken.kept.exists()
    losses = whole["losses"]
    assert losses[0] == pytest.approx(math.log(256), rel=0.1)
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])
    assert len(whole["asked"]) == len(whole["own"]) == 48
    assert all(0 < cost < 20 * 100 for cost in whole["asked"])


def test_bits_of_a_text_are_those_of_its_bytes_one_by_one() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: requirements/worth.txt")
    from experiments.worth.learning.training import SETTINGS, ask
    from experiments.worth.learning.transformer import Transformer

    setting = SETTINGS["tiny"]
    torch.manual_seed(3)
    model = Transformer(setting.shape).eval()
    (one, *_) = judged(by_time([made_session(1, 60, is_informative=True)]).judge)
    short = Example(replace(one.edit, before="    🦊 ", behind="x\n"), ())
    questions = [short, short.with_target("🦊"), short.with_target("let x = 😀;\n")]
    found, exact = ask(model, setting, questions, Marks())
    for question, cost in zip(questions, found, strict=True):
        prompt, target = encoded(question, Marks())
        known, bits = prompt, 0.0
        for byte in target[:-1]:
            row = torch.tensor([list(known[-setting.shape.context :])])
            with torch.no_grad():
                bits -= torch.log_softmax(model(row)[0, -1], -1)[byte].item() / math.log(2)
            known += bytes([byte])
        assert len(known) <= setting.shape.context  # so nothing was cut
        assert cost == pytest.approx(bits, rel=1e-4)
    assert exact == [False] * 3


def test_a_model_does_not_see_the_byte_it_predicts() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: requirements/worth.txt")
    from experiments.worth.learning.transformer import Shape, Transformer

    torch.manual_seed(1)
    model = Transformer(Shape(layers=2, width=16, heads=2, context=20)).eval()
    row = torch.randint(0, 256, (1, 20))
    other = row.clone()
    other[0, 12:] = 7
    with torch.no_grad():
        there, here = model(row), model(other)
    assert torch.allclose(there[0, :12], here[0, :12])
    assert not torch.allclose(there[0, 12:], here[0, 12:])


def test_the_sizes_are_those_of_the_protocol() -> None:
    pytest.importorskip("torch", reason="torch is not installed: requirements/worth.txt")
    from experiments.worth.learning.training import SETTINGS
    from experiments.worth.learning.transformer import Transformer

    quick = SETTINGS["quick"]
    assert (quick.batch, quick.rate, quick.steps) == (16, 1.5e-3, 184)
    assert 0.8e6 < Transformer(quick.shape).size < 1e6
    assert max(quick.rate_at(step) for step in range(quick.steps)) == pytest.approx(quick.rate)
    assert quick.rate_at(0) < 0.1 * quick.rate
    assert quick.rate_at(quick.steps - 1) == pytest.approx(0.1 * quick.rate, rel=0.05)
