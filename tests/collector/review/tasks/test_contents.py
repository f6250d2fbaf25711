"""What review lists of an episode besides its files."""

from __future__ import annotations

from tests.support.typist import Typist

from signoff_collector.review.tasks.contents import OutputSummary, outputs_of
from signoff_collector.review.tasks.file_moments import Looked
from signoff_schemas.steps import CommandStep

ASTRAL = "\U0001f600\U00010348"


def test_lines_of_commands_without_output_are_one_text() -> None:
    typist = Typist()
    typist.command(["make"], "built\n")
    typist.command(["git", "add", ASTRAL])
    typist.add(CommandStep, line="cd docs")
    typist.command(["git", "add", ASTRAL])
    assert outputs_of(typist.episode()) == [
        OutputSummary(seq=0, title="$ make", text="built\n", is_message=False),
        OutputSummary(
            seq=1,
            title="2 commands with no output recorded",
            text=f"git add {ASTRAL}\ncd docs",
            is_message=False,
        ),
    ]


def test_what_is_unseen_tells_outputs_from_messages() -> None:
    typist = Typist()
    typist.command(["make"], ASTRAL)
    typist.command(["true"])
    typist.commit(ASTRAL)
    assert Looked(typist.episode()).unseen == "2 outputs and 1 message"
