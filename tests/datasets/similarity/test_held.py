"""Every text of an episode is looked at, wherever it stands."""

from __future__ import annotations

from tests.support.typist import Typist

from signoff_collector.episode.moments.moments import Moments
from signoff_datasets.similarity.held import held_texts
from signoff_schemas.steps import NoteStep

FOX = "\U0001f98a\U00010348"


def test_contents_last_states_lines_that_went_and_words_are_all_held() -> None:
    typist = Typist()
    typist.begin_task(f"the task {FOX}")
    typist.open("a.py", "opened\n")
    typist.type_at_end("a.py", "went\n")
    typist.wait(9000)
    typist.backspace("a.py", len(typist.texts["a.py"]), len("went\n"))
    typist.wait(9000)
    typist.type_at_end("a.py", f"stayed {FOX}\n")
    typist.command(["run", "it"], output="printed")
    typist.add(NoteStep, text="noted")
    typist.blob(b"\xff\xfe no text")
    episode = typist.episode()
    texts = list(held_texts(episode, Moments(episode)))
    assert len(texts) == len(set(texts))
    assert {
        *("opened\n", f"opened\nstayed {FOX}\n", f"stayed {FOX}\nwent"),
        *(f"the task {FOX}", "it", "printed", "noted"),
    } <= set(texts)
