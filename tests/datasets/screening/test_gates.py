"""Gates of quality leave out what the plain report of an episode says, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.datasets import DAY, Person, authority_of, put, request, words
from tests.support.random_work import work
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.quality.quality import quality_of
from signoff_datasets.planning.choosing import Chosen, choose
from signoff_datasets.planning.plans import draw
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.dataset import canonical, parse_plan
from signoff_schemas.errors import RefusedError
from signoff_schemas.gates import GATES, Gate
from signoff_schemas.statement import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode

pytestmark = pytest.mark.slow
ANNA = Person(number=0)
FOX = "\U0001f98a\U00010348"


def put_all(folder: Path, made: Sequence[Episode]) -> dict[str, Episode]:
    """Sign and put episodes, each of a session of its own; return them by place."""
    there: dict[str, Episode] = {}
    for number, one in enumerate(made):
        header = one.header.model_copy(
            update={"origin": "shared", "session": words(number), "started_wall_ns": None}
        )
        content = write_episode(replace(one, header=header))
        put(folder, f"e{number}", content, ANNA.sign(content, purposes=tuple(Purpose)))
        there[f"e{number}.episode"] = read_episode(content)
    return there


def chosen_of(folder: Path, **changes: object) -> Chosen:
    source = open_source(address_of(str(folder)))
    asked = request(purpose=Purpose.RESEARCH, **changes)
    authority = authority_of([ANNA], DAY)
    found = choose(source, asked, authority, words("s"), lambda _a, _b: None)
    source.close()
    return found


def tried(*, is_tested: bool) -> Episode:
    typist = Typist()
    typist.open("a.py", f"# {FOX}\n")
    typist.type_at_end("a.py", f"x = '{FOX}'\n")
    typist.save("a.py")
    if is_tested:
        run_tests(typist, {"t::a": "passed"})
    return typist.episode()


@settings(max_examples=25)
@given(
    made=st.lists(work(), min_size=1, max_size=3),
    asked=st.sets(st.sampled_from(GATES), max_size=4),
)
def test_the_filter_leaves_out_what_the_plain_report_says(
    made: list[Episode], asked: set[Gate]
) -> None:
    gates = tuple(gate for gate in GATES if gate in asked)
    with TemporaryDirectory() as folder:
        there = put_all(Path(folder), made)
        plain = chosen_of(Path(folder))
        found = chosen_of(Path(folder), gates=gates)
    for place, episode in there.items():
        if place in plain.named:  # a made one may hold what no step names
            assert found.named[place] == plain.named[place]
            continue
        passed = {one.name for one in quality_of(episode).measures if one.passed}
        missing = [gate for gate in gates if gate not in passed]
        assert found.named.get(place) == (f"quality-{missing[0]}" if missing else None)
    assert sum(found.left_out.values()) + len(found.episodes) == len(there)


def test_what_passes_no_gate_is_counted_by_the_gate_and_the_plan_says_what_was_asked(
    tmp_path: Path,
) -> None:
    put_all(tmp_path, [tried(is_tested=True), tried(is_tested=False)])
    found = chosen_of(tmp_path, gates=("replay", "tests"))
    assert found.left_out == {"quality-tests": 1}
    asked = request(purpose=Purpose.RESEARCH, gates=("replay", "tests"))
    plan = draw("made", found, asked, salt=words("s"), versions={"quality": "1"})
    assert parse_plan(canonical(plan)).request.gates == ("replay", "tests")
    assert plan.left_out == {"quality-tests": 1}


def test_without_gates_nothing_is_left_out_for_its_quality(tmp_path: Path) -> None:
    put_all(tmp_path, [tried(is_tested=True), tried(is_tested=False)])
    assert not chosen_of(tmp_path).left_out


def test_where_nothing_passes_the_refusal_says_what_helps(tmp_path: Path) -> None:
    put_all(tmp_path, [tried(is_tested=False)])
    asked = request(purpose=Purpose.RESEARCH, gates=("tests",))
    found = chosen_of(tmp_path, gates=("tests",))
    with pytest.raises(RefusedError) as refused:
        draw("made", found, asked, salt=words("s"), versions={})
    assert "1 quality-tests" in str(refused.value)
    assert "--require" in str(refused.value.hint)
