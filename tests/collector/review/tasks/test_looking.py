"""What was looked at: the same content stays so, whatever lies around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.review.tasks.file_moments import Looked, Marks

TEXTS = st.sampled_from(["", "a", "b\n", "\U0001f600\U00010348"])
FILES = st.dictionaries(st.sampled_from(["a.py", "b.py", "c.md"]), TEXTS, min_size=1)
OUTPUTS = st.lists(st.tuples(st.sampled_from(["ls", "make"]), st.sampled_from(["x", "y"])))


def made(files: dict[str, str], outputs: list[tuple[str, str]]) -> Episode:
    """Return an episode in which these files are opened and these commands ran."""
    typist = Typist()
    for path, text in files.items():
        typist.open(path, text)
    for line, output in outputs:
        typist.command([line], output)
    return typist.episode()


@given(
    shown=st.lists(st.tuples(FILES, OUTPUTS, st.sets(st.integers(0, 9))), max_size=3),
    files=FILES,
    outputs=OUTPUTS,
)
def test_marks_are_those_of_equal_content(
    shown: list[tuple[dict[str, str], list[tuple[str, str]], set[int]]],
    files: dict[str, str],
    outputs: list[tuple[str, str]],
) -> None:
    marks: Marks = set()
    seen: set[object] = set()
    for some, said, places in shown:
        looked = Looked(made(some, said), marks)
        names = {file.file: (file.path, file.last) for file in looked.files}
        told = {one.seq: (one.title, one.text) for one in looked.outputs}
        looked.see(files=places, outputs=[seq for seq in told if seq % 2])
        seen |= {names[place] for place in places if place in names}
        seen |= {text for seq, text in told.items() if seq % 2}
    last = Looked(made(files, outputs), marks)
    assert last.seen_files == {file.file for file in last.files if (file.path, file.last) in seen}
    assert last.seen_outputs == {one.seq for one in last.outputs if (one.title, one.text) in seen}
    assert set(last.unseen_files) == {file.file for file in last.files} - last.seen_files
    assert set(last.unseen_outputs) == {one.seq for one in last.outputs} - last.seen_outputs
