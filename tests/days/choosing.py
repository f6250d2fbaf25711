"""What the numbers of a deed mean on this day: which editor, which buffer, which file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.days.deeds import Deed
from tests.days.hands import Editor
from tests.days.project import PATHS
from tests.days.truth import Buffer

if TYPE_CHECKING:
    from tests.days.day import Day


def editor_of(day: Day, deed: Deed) -> Editor:
    return day.editors[deed.who % len(day.editors)]


def buffer_of(day: Day, deed: Deed) -> Buffer | None:
    own = editor_of(day, deed).buffers()
    return own[deed.what % len(own)] if own else None


def path_of(day: Day, deed: Deed) -> str | None:
    there = sorted(path for path in PATHS if day.truth.on_disk(path) is not None)
    return there[deed.what % len(there)] if there else None


def before(day: Day) -> dict[str, bytes | None]:
    return {path: day.truth.file(path) for path in day.truth.paths()}
