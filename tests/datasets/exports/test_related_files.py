"""Related files: what was in view of other files, at the rows and with the text it had there."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_datasets.exports.next_edit import MARKER, NextEdit, next_edits
from signoff_datasets.exports.related_files import MOST_CHARACTERS
from signoff_schemas.steps import RenameStep, ViewStep
from signoff_schemas.untyped import fields_of, list_of

SHA = "ab" * 32
FILES = {
    "app.py": f"one = 1\n{ASTRAL}\n\nthree = 3\n",
    "lib.py": "".join(f"def f{row}():  # {ASTRAL}\n" for row in range(12)),
    "long.py": "".join(f"{'x' * 900} {row}\n" for row in range(40)),
}


def related(one: NextEdit) -> list[tuple[str, int, int, str, int]]:
    """Return path, first row, row behind the last, text and order of each excerpt."""
    files = list_of(fields_of(one.row["captured_prompt_input"])["related_files"])
    return [
        (str(fields_of(file)["path"]), rows["start"], rows["end"], str(part["text"]), part["order"])  # type: ignore[misc]
        for file in files
        for part in map(fields_of, list_of(fields_of(file)["excerpts"]))
        for rows in [fields_of(part["row_range"])]
    ]


def begun(**files: str) -> Typist:
    """Open files, and make a first thought of history."""
    typist = Typist()
    for path, text in {"app.py": FILES["app.py"], **files}.items():
        typist.open(path, text)
    typist.type_at_end("app.py", "four = 4\n")
    typist.wait(5_000)
    return typist


def view(typist: Typist, path: str, first: int, last: int) -> None:
    typist.add(ViewStep, path=path, buffer=0, visible=({"first": first, "last": last},))


def rename(typist: Typist, old: str, new: str) -> None:
    """Save, rename on disk, and open again."""
    typist.save(old)
    typist.close(old)
    typist.add(RenameStep, path=new, old_path=old)
    typist.disk[new] = typist.disk.pop(old)
    typist.open(new, typist.texts.pop(old))


def target(typist: Typist, text: str = "five = 5\n") -> NextEdit:
    """Type a last thought, and return its record."""
    typist.wait(5_000)
    typist.type_at_end("app.py", text)
    return next_edits(typist.episode(), SHA).records[-1]


@st.composite
def read_and_typed(draw: st.DrawFn) -> Episode:
    """Draw work in which files are read, typed in, renamed and read again."""
    typist = Typist()
    names = dict.fromkeys(FILES)
    for path, text in FILES.items():
        typist.open(path, text)
    for number in range(draw(st.integers(2, 14))):
        path = draw(st.sampled_from([*names]))
        match draw(st.sampled_from(["view", "view", "type", "type", "rename"])):
            case "view":
                first = draw(st.integers(0, 14))
                view(typist, path, first, first + draw(st.integers(0, 30)))
            case "type":
                typist.wait(5_000)
                typist.type_at_end(path, f"{ASTRAL}{number}\n")
            case _:
                new = f"new{number}.py"
                rename(typist, path, new)
                names.pop(path)
                names[new] = None
    return typist.episode()


@given(read_and_typed())
def test_each_row_is_one_that_was_in_view_before_with_the_text_it_had(episode: Episode) -> None:
    moments = Moments(episode)
    views = [step for step in episode.steps if isinstance(step, ViewStep)]
    renamed = {s.path: s.old_path for s in episode.steps if isinstance(s, RenameStep)}
    for one in next_edits(episode, SHA).records:
        first = int(str(list_of(one.row["seq"])[0]))
        own = [one.path]
        while own[-1] in renamed:
            own.append(renamed[own[-1]])
        found = related(one)
        event(f"{min(len(found), 3)} excerpts")
        assert sum(len(text) for _, _, _, text, _ in found) <= MOST_CHARACTERS
        for path, start, end, text, _ in found:
            assert path not in own
            rows = text.split("\n")
            assert len(rows) == end - start
            for row, shown in enumerate(rows, start):
                assert shown in {
                    str(moments.buffer(path, 0, step.seq)).split("\n")[row]
                    for step in views
                    if step.path == path and step.seq < first
                    if any(span.first <= row <= span.last for span in step.visible)
                }


@given(read_and_typed())
def test_no_view_after_the_first_step_of_a_target_changes_what_its_record_says(
    episode: Episode,
) -> None:
    for one in next_edits(episode, SHA).records:
        first = int(str(list_of(one.row["seq"])[0]))
        steps = tuple(
            step.model_copy(update={"visible": ()})
            if isinstance(step, ViewStep) and step.seq > first
            else step
            for step in episode.steps
        )
        blind = next_edits(replace(episode, steps=steps), SHA).records
        assert one.row in [other.row for other in blind]


def test_what_was_seen_last_comes_first_and_rows_that_touch_are_one_excerpt() -> None:
    typist = begun(**{"lib.py": FILES["lib.py"], "b.py": f"b\n{ASTRAL}\nc\n"})
    view(typist, "lib.py", 2, 3)
    view(typist, "b.py", 1, 1)
    view(typist, "lib.py", 3, 4)
    view(typist, "lib.py", 8, 8)
    lib = FILES["lib.py"].split("\n")
    one = target(typist)
    assert related(one) == [
        ("lib.py", 2, 5, "\n".join(lib[2:5]), 1),
        ("lib.py", 8, 9, lib[8], 0),
        ("b.py", 1, 2, ASTRAL, 0),
    ]
    (file, _) = list_of(fields_of(one.row["captured_prompt_input"])["related_files"])
    assert fields_of(file)["max_row"] == 12
    assert fields_of(file)["in_open_source_repo"] is False


def test_the_file_of_the_target_is_never_among_them_under_a_name_it_had_either() -> None:
    typist = begun(**{"old.py": "old\n", "lib.py": "lib\n"})
    view(typist, "app.py", 0, 3)
    view(typist, "old.py", 0, 0)
    view(typist, "lib.py", 0, 0)
    assert [path for path, *_ in related(target(typist))] == ["lib.py", "old.py"]
    rename(typist, "app.py", "moved.py")
    typist.wait(5_000)
    typist.type_at_end("moved.py", "six = 6\n")
    last = next_edits(typist.episode(), SHA).records[-1]
    assert last.path == "moved.py"
    assert [path for path, *_ in related(last)] == ["lib.py", "old.py"]


def test_no_more_than_the_bound_is_told_and_of_a_long_file_whole_rows() -> None:
    typist = begun(**{"lib.py": FILES["lib.py"], "long.py": FILES["long.py"]})
    view(typist, "lib.py", 0, 11)
    view(typist, "long.py", 0, 39)
    (long, *rest) = related(target(typist))
    assert FILES["long.py"].startswith(f"{long[3]}\n")
    assert (long[1], long[2]) == (0, MOST_CHARACTERS // 903)
    assert sum(len(one[3]) for one in (long, *rest)) <= MOST_CHARACTERS


def test_what_is_masked_stays_so_and_what_no_record_can_hold_is_left_out() -> None:
    typist = begun(
        **{"keys.py": f"key = 'MASK-1' {ASTRAL}\n", "odd.py": "\ud800\n", "mark.py": MARKER}
    )
    for path in ("keys.py", "odd.py", "mark.py"):
        view(typist, path, 0, 0)
    assert related(target(typist)) == [("keys.py", 0, 1, f"key = 'MASK-1' {ASTRAL}", 0)]
