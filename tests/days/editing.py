"""Deeds done in editors: each says what was done, or None when nothing could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.days.choosing import before, buffer_of, editor_of
from tests.days.deeds import Deed
from tests.days.hands import Editor
from tests.days.project import BEASTS, PATHS
from tests.days.truth import Buffer

if TYPE_CHECKING:
    from tests.days.day import Day

_KEY_MS: Final = 70


def _open(day: Day, deed: Deed) -> str | None:
    editor, path = editor_of(day, deed), PATHS[deed.what % len(PATHS)]
    if editor.buffer(path) is not None:
        return None
    editor.open(path)
    day.changed_work()
    return f"editor {editor.name} opens {path}"


def _place(day: Day, buffer: Buffer, deed: Deed) -> int:
    return deed.how % (buffer.text.count(b"\n") + 1)


def _type(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None:
        return None
    word, row = day.word(), _place(day, buffer, deed)
    if row and buffer.text.count(b"\n") < row:
        row -= 1
    editor.change(buffer, (row, 0), (row, 0), "\n")
    column = 0
    for key in f"{word} {BEASTS}":
        day.pass_time(_KEY_MS)
        editor.change(buffer, (row, column), (row, column), key)
        column += len(key.encode("utf-16-le")) // 2
    day.changed_work()
    return f"editor {editor.name} typed {word} into {buffer.path} at line {row + 1}"


def _paste(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None:
        return None
    word, row = day.word(), _place(day, buffer, deed)
    editor.change(buffer, (row, 0), (row, 0), f"{word} {BEASTS}\n")
    day.changed_work()
    return f"editor {editor.name} pastes {word} into {buffer.path} at line {row + 1}"


def _erase(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None or not buffer.text.count(b"\n"):
        return None
    row = deed.how % buffer.text.count(b"\n")
    editor.change(buffer, (row, 0), (row + 1, 0), "")
    day.changed_work()
    return f"editor {editor.name} erases line {row + 1} of {buffer.path}"


def _replace(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None or not buffer.text.strip():
        return None
    word, row = day.word(), deed.how % max(1, buffer.text.count(b"\n"))
    length = len(buffer.text.decode().split("\n")[row].split(" ")[0])
    editor.change(buffer, (row, 0), (row, length), word)
    day.changed_work()
    return f"editor {editor.name} puts {word} in place of a word of {buffer.path}"


def _undo(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None or not buffer.past:
        return None
    text = buffer.past[deed.how % len(buffer.past)]
    if text == buffer.text:
        return None
    editor.replace(buffer, text)
    day.changed_work()
    return f"editor {editor.name} goes back to an earlier text of {buffer.path}"


def _save(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None:
        return None
    _save_one(day, editor, buffer, deed.how)
    return f"editor {editor.name} saves {buffer.path}"


def _save_one(day: Day, editor: Editor, buffer: Buffer, how: int) -> None:
    held = before(day)
    editor.save(buffer, is_renamed=how % 2 == 1)
    day.changed_disk("a save", held, how)
    editor.tell_save(buffer)
    day.changed_work((4, 15, 60, 600)[how % 4])


def _reload(day: Day, deed: Deed) -> str | None:
    """An editor takes over what something else wrote, where it has no changes of its own."""
    editor = editor_of(day, deed)
    told: list[str] = []
    for buffer in editor.buffers():
        text = day.truth.on_disk(buffer.path)
        if text is not None and text != buffer.text and not day.truth.is_dirty(buffer):
            editor.replace(buffer, text)
            told.append(buffer.path)
    if not told:
        return None
    day.changed_work()
    return f"editor {editor.name} reads anew {', '.join(told)}"


def _close(day: Day, deed: Deed) -> str | None:
    editor, buffer = editor_of(day, deed), buffer_of(day, deed)
    if buffer is None:
        return None
    word = " without saving" if day.truth.is_dirty(buffer) else ""
    editor.close(buffer)
    day.changed_work()
    return f"editor {editor.name} closes {buffer.path}{word}"


def _quit_saved(day: Day, deed: Deed) -> str | None:
    editor = editor_of(day, deed)
    if editor.bridge is None:
        return None
    for buffer in editor.buffers():
        if day.truth.is_dirty(buffer):
            _save_one(day, editor, buffer, deed.how)
    return _leave(day, editor, "quits, all saved (:wqa)", is_lost=False)


def _quit(day: Day, deed: Deed) -> str | None:
    editor = editor_of(day, deed)
    if editor.bridge is None:
        return None
    return _leave(day, editor, "quits (:qa!)", is_lost=False)


def _hang_up(day: Day, deed: Deed) -> str | None:
    editor = editor_of(day, deed)
    if editor.bridge is None:
        return None
    return _leave(day, editor, "is gone with its terminal", is_lost=True)


def _kill_editor(day: Day, deed: Deed) -> str | None:
    editor = editor_of(day, deed)
    if editor.bridge is None:
        return None
    return _leave(day, editor, "and its bridge are killed", is_lost=True, is_killed=True)


def _leave(day: Day, editor: Editor, how: str, *, is_lost: bool, is_killed: bool = False) -> str:
    editor.leave(how, is_lost=is_lost, is_killed=is_killed)
    day.world.wrote()
    return f"editor {editor.name} {how}"


def _kill_bridge(day: Day, deed: Deed) -> str | None:
    editor = editor_of(day, deed)
    if editor.bridge is None:
        return None
    day.pass_time(2_000)  # another one takes its time to start
    editor.kill_bridge()
    day.changed_work()
    return f"the bridge of editor {editor.name} is killed, another one starts"


EDITING: Final[dict[str, Callable[[Day, Deed], str | None]]] = {
    "open": _open,
    "type": _type,
    "paste": _paste,
    "erase": _erase,
    "replace": _replace,
    "undo": _undo,
    "save": _save,
    "reload": _reload,
    "close": _close,
    "quit_saved": _quit_saved,
    "quit": _quit,
    "hang_up": _hang_up,
    "kill_editor": _kill_editor,
    "kill_bridge": _kill_bridge,
}
