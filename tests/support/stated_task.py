"""A small repository, and a recorded task in it: stated, tested red, mended, green, committed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.repository import WorkTree
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_schemas.header import Base
from signoff_schemas.steps import CommandStep, EnvironmentStep, TaskStep
from signoff_schemas.words import ActorClass

ASTRAL = "😀𝄞"
URL = "https://example.org/ada/gauge"
STATEMENT = f"Totals are wrong when there is a discount {ASTRAL}"
CODE = (
    f'"""Shop. {ASTRAL}"""\n\n\ndef total(prices, discount=0):\n    return sum(prices) + discount\n'
)
TESTS = """from shop import total


def test_sum():
    assert total([1, 2]) == 3
"""
NEW_TEST = "\n\ndef test_discount():\n    assert total([3], 1) == 2\n"
FIX = (CODE.index("+ discount"), 1, "-")
RUNNER: dict[str, object] = {"framework": "pytest", "framework_version": "9.2.0", "env": 0}
RED, GREEN = "tests/test_shop.py::test_discount", "tests/test_shop.py::test_sum"


@dataclass(kw_only=True)
class StatedTask:
    """The repository at its base commit, and a recording that goes on."""

    tree: WorkTree
    base: str
    typist: Typist
    stated: str = "before_first_edit"
    installed: dict[str, str] = field(default_factory=dict[str, str])
    services: tuple[str, ...] | None = None
    set_up: tuple[str, ...] = ()
    """Command lines that are run before the first test."""

    @classmethod
    def begin(cls, folder: Path, *, tests: str = TESTS, code: str = CODE) -> StatedTask:
        tree = WorkTree.create(folder)
        tree.write("shop.py", code)
        tree.write("tests/test_shop.py", tests)
        tree.write("conftest.py", "")
        tree.write("README.md", f"{ASTRAL}\n")
        tree.git("add", "-A")
        tree.git("commit", "-q", "-m", "Shop")
        return cls(tree=tree, base=tree.head, typist=Typist())

    def state(self, text: str = STATEMENT, **fields: object) -> None:
        self.typist.task = 0
        self.typist.add(TaskStep, text=text, stated=self.stated, **fields)

    def open(self) -> None:
        for path in ("shop.py", "tests/test_shop.py"):
            self.typist.open(path, (self.tree.root / path).read_text("utf-8"))

    def write_test(self, text: str = NEW_TEST) -> None:
        self.typist.type_at_end("tests/test_shop.py", text)
        self.typist.save("tests/test_shop.py")
        run_tests(self.typist, {RED: "failed", GREEN: "passed"}, services=self.services, **RUNNER)

    def fix(self, place: tuple[int, int, str] = FIX) -> None:
        start, deleted, text = place
        self.typist.edit("shop.py", start, deleted, text, ActorClass.TYPED)
        self.typist.save("shop.py")
        run_tests(self.typist, {RED: "passed", GREEN: "passed"}, services=self.services, **RUNNER)

    def all(self) -> StatedTask:
        """Do the whole of it."""
        python = {"python": "3.11.7"}
        self.typist.add(EnvironmentStep, env=0, interpreters=python, installed=self.installed)
        self.state()
        self.open()
        for line in self.set_up:
            self.typist.add(CommandStep, line=line, exit_code=0)
        self.write_test()
        self.fix()
        self.typist.commit("Subtract the discount")
        return self

    def episode(self, *, is_named: bool = True) -> Episode:
        made = self.typist.episode()
        base = Base(commit=self.base, repository=URL if is_named else None, spdx="MIT")
        header = made.header.model_copy(update={"base": base, "captured_on": "2026-11-25"})
        return replace(made, header=header)
