"""When a buffer hides the disk (format.md, section 7), and when it gives way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.support.episodes import ASTRAL, SOURCE, edit, episodes, header, table

from signoff_collector.episode.content import Edit, Episode, encode_text
from signoff_collector.episode.moments.moments import Moments
from signoff_schemas.steps import CloseStep, FilesStep, OpenStep, ResyncStep, SaveStep, StepBase

PATH = "a.txt"


class Day:
    """An episode of one file, step after step."""

    def __init__(self) -> None:
        self._steps: list[StepBase] = []
        self._edits: list[Edit] = []
        self._blobs: list[bytes] = []

    def _next(self) -> dict[str, object]:
        return {"seq": len(self._steps) + len(self._edits), "t_ns": 0, "source": SOURCE}

    def _blob(self, content: str | bytes) -> int:
        self._blobs.append(content if isinstance(content, bytes) else encode_text(content))
        return len(self._blobs) - 1

    def _own(self, model: type[StepBase], buffer: int, **fields: object) -> Day:
        own = {**self._next(), "path": PATH, "buffer": buffer, **fields}
        self._steps.append(model.model_validate(own))
        return self

    def open(self, text: str, buffer: int = 0) -> Day:
        return self._own(OpenStep, buffer, blob=self._blob(text))

    def edit(self, start: int, deleted: int, text: str, buffer: int = 0) -> Day:
        seq = len(self._steps) + len(self._edits)
        self._edits.append(edit(seq, start, deleted, text, buffer=buffer))
        return self

    def save(self, buffer: int = 0) -> Day:
        return self._own(SaveStep, buffer)

    def close(self, buffer: int = 0) -> Day:
        return self._own(CloseStep, buffer)

    def resync(self, text: str, buffer: int = 0) -> Day:
        fields = {"target": "buffer", "reason": "mismatch", "blob": self._blob(text)}
        return self._own(ResyncStep, buffer, **fields)

    def disk(self, content: str | bytes | None) -> Day:
        item: dict[str, object] = {"path": PATH}
        if content is not None:
            item |= {"blob": self._blob(content), "sha256": "0" * 64}
        self._steps.append(FilesStep.model_validate({**self._next(), "changed": (item,)}))
        return self

    @property
    def moments(self) -> Moments:
        return Moments(
            Episode(
                header=header(),
                files=(PATH,),
                steps=tuple(self._steps),
                edits=table(*self._edits),
                blobs=tuple(self._blobs),
            )
        )

    def shown(self) -> list[str | bytes | None]:
        count = len(self._steps) + len(self._edits)
        return [self.moments.file(PATH, seq) for seq in range(count)]


def test_a_saved_buffer_left_open_hides_nothing_a_script_writes() -> None:
    day = Day().open("").edit(0, 0, f"v1 {ASTRAL}").save().disk("v2").disk("v3").disk(None)
    assert day.shown() == ["", f"v1 {ASTRAL}", f"v1 {ASTRAL}", "v2", "v3", None]


def test_a_buffer_that_was_only_opened_hides_nothing() -> None:
    assert Day().open("one").disk("two").disk("one").shown() == ["one", "two", "one"]


def test_typing_on_hides_the_disk_until_it_is_saved_or_closed() -> None:
    day = Day().open("one").edit(0, 0, ASTRAL).disk("two").disk("three").save().disk("four")
    assert day.shown() == ["one", *[f"{ASTRAL}one"] * 4, "four"]
    day = Day().open("one").edit(0, 0, ASTRAL).disk("two").close()
    assert day.shown() == ["one", f"{ASTRAL}one", f"{ASTRAL}one", "two"]


def test_a_text_that_was_undone_to_what_the_disk_held_hides_nothing() -> None:
    day = Day().open("one").edit(0, 0, ASTRAL).edit(0, 2, "").disk("two")
    assert day.shown() == ["one", f"{ASTRAL}one", "one", "two"]


def test_a_text_undone_to_what_the_disk_held_before_hides_it() -> None:
    day = Day().open("one").edit(0, 0, "x").disk("two").edit(0, 1, "").disk("three")
    assert day.shown() == ["one", "xone", "xone", "one", "one"]


def test_a_reload_that_is_told_before_the_write_it_took_over_hides_nothing() -> None:
    day = Day().open("one").edit(0, 3, "two").disk("two").disk("three")
    assert day.shown() == ["one", "two", "two", "three"]


def test_a_save_in_another_editor_shows_over_a_buffer_without_changes_only() -> None:
    day = Day().open("one").open("one", 1).edit(0, 0, ASTRAL).save()
    assert day.shown()[-2:] == [f"{ASTRAL}one", f"{ASTRAL}one"]
    day = day.edit(0, 0, "b", 1).edit(0, 0, "a").save()
    assert day.shown()[-3:] == ["bone", f"a{ASTRAL}one", "bone"]
    assert day.close(1).shown()[-1] == f"a{ASTRAL}one"


def test_a_buffer_opened_later_without_changes_does_not_cover_typing() -> None:
    day = Day().open("one").edit(0, 0, ASTRAL).open("one", 1)
    assert day.shown()[-1] == f"{ASTRAL}one"


def test_a_resynced_text_is_one_the_disk_has_to_hold_again() -> None:
    assert Day().open("one").resync("two").disk("three").shown()[-1] == "two"
    assert Day().open("one").resync("one").disk("three").shown()[-1] == "three"


@pytest.mark.parametrize(
    ("in_buffer", "on_disk", "is_held"),
    [
        ("a\n", b"a", True),
        ("a", b"a\n", True),
        ("a\n\n", b"a", False),
        ("a\nb\n", b"a\r\nb\r\n", True),
        ("a\rb", b"a\nb", False),
        ("a\r", b"a", False),
        ("a\r\n", b"a", True),
        ("a", b"\xef\xbb\xbfa", True),
        ("a", b"\xef\xbb\xbf\xef\xbb\xbfa", False),
        ("\u00e9", b"\xe9", False),
        (ASTRAL, ASTRAL.encode(), True),
        ("", b"\n", True),
        ("", b"\r\n", True),
        ("a ", b"a", False),
    ],
)
def test_what_editors_keep_to_themselves_makes_no_other_text(
    in_buffer: str, on_disk: bytes, is_held: bool
) -> None:
    shown = Day().open("before").resync(in_buffer).disk(on_disk).disk("after").shown()
    assert shown[-1] == ("after" if is_held else in_buffer)


def test_the_disk_is_looked_at_once_however_often_it_changes() -> None:
    day = Day().open("one").edit(0, 0, ASTRAL)
    for number in range(200):
        day.disk(f"state {number}")
    moments = day.moments
    assert {moments.file(PATH, seq) for seq in range(1, 202)} == {f"{ASTRAL}one"}
    (life,) = moments._lives[PATH, 0]
    assert life.met[1].looked == 201


def _plain(content: str | bytes | None) -> str | None:
    if isinstance(content, str):
        return content.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")
    return None


@settings(max_examples=150)
@given(episodes())
def test_any_episode_shows_what_the_rule_says(episode: Episode) -> None:
    moments = Moments(episode)
    since: dict[tuple[str, int], tuple[int, object]] = {}
    for seq in range(episode.step_count):
        hiding: dict[str, list[tuple[int, int]]] = {}
        touching = {(path, buffer) for path, buffer in moments.buffers(seq)}
        step = next((one for one in episode.steps if one.seq == seq), None)
        for name in touching:
            text, life = moments.buffer(*name, seq), moments._life(name, seq)
            assert life is not None
            mark = (life.since, life.done(seq))
            if name not in since or since[name][1] != mark:
                since[name] = (seq, mark)
            first = since[name][0]
            held = {_plain(moments.disk(name[0], at)) for at in range(first, seq + 1)}
            if _plain(text) not in held:
                hiding.setdefault(name[0], []).append((first, name[1]))
        for path in {*moments.disk_paths(seq), *(path for path, _ in touching)}:
            over = max(hiding.get(path, []), default=None)
            assert moments.hiding(path, seq) == (over and over[1]), (seq, path, step)
            expected = (
                moments.disk(path, seq) if over is None else moments.buffer(path, over[1], seq)
            )
            assert moments.file(path, seq) == expected
            assert moments.tree(seq).get(path) == expected
