"""The files of a kept task, and how each changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from signoff_collector.replay.describing import clock_text
from signoff_collector.review.file_screens.file_view import FileView
from signoff_collector.review.plan.plan_edits import tick
from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.plain import Lines
from signoff_collector.review.screens.reading import Reading
from signoff_collector.text.linear import linearise_path

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.review.screens.app import Look
    from signoff_collector.review.tasks.contents import FileSummary


class Files(ReviewScreen):
    """Every file with text, as recorded, as kept, or in the final bytes."""

    TAB = "Files"
    PLACE = "terminal:files"
    KEYS = "Enter open  b recorded/shared  Del cut  w whole  u undo  { } task  ? help"
    BINDINGS: ClassVar = keys_of(PLACE, cut="cut", whole_file="whole")

    def fill(self) -> None:
        """Show the files."""
        self._files: list[FileSummary] = []
        lines = self.query_one(Lines)
        lines.focus()
        look = self.review.look()
        self._files = look.looked.files
        seen = look.looked.seen_files
        lines.put([*(self._line(file, seen) for file in self._files), *self._deleted_lines(look)])
        if not self.review.said:
            self.review.said = f"{len(self._files)} files {look.words}"

    def _line(self, file: FileSummary, seen: set[int]) -> str:
        desk = self.review.desk
        cut = {desk.paths[number] for number in desk.plan.cut_files}
        state = "cut" if file.path in cut else "looked at" if file.file in seen else ""
        path = linearise_path(file.path)
        return f"{state:<9} {path}  {file.edits} edits, {len(file.last)} chars"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a file, or its deleted texts."""
        if event.option_index < len(self._files):
            self._open(event.option_index)
        else:
            self._read_deleted(event.option_index - len(self._files))

    @staticmethod
    def _deleted_lines(look: Look) -> list[str]:
        """Return one line per file with text that was taken away again."""
        looked = look.looked
        seen = looked.seen_deleted
        return [
            f"{'looked at' if file in seen else '':<9} {linearise_path(texts[0].path)}"
            f"  {len(texts)} deleted texts, which are in the file"
            for file, texts in looked.deleted.items()
        ]

    def _read_deleted(self, place: int) -> None:
        looked = self.review.look().looked
        file, texts = list(looked.deleted.items())[place]
        looked.see(deleted=[file])
        whole = "\n\n".join(
            f"-- {one.words} at {clock_text(one.t_ns)}\n{one.text}" for one in texts
        )
        title = f"deleted from {linearise_path(texts[0].path)}, or in a version in between"

        def closed(_: object) -> None:
            self.refill()

        self.app.push_screen(Reading(title, whole), closed)

    def _open(self, place: int) -> None:
        def closed(by: int | None) -> None:
            self.refill()
            if by and 0 <= place + by < len(self._files):
                self.query_one(Lines).highlighted = place + by
                self._open(place + by)
            elif by:
                self.say("there is no further file that way")

        look = self.review.look()
        self.app.push_screen(FileView(self.review, look, self._files[place]), closed)

    @property
    def _number(self) -> int | None:
        """Number of the selected file in the plan."""
        place = self.query_one(Lines).highlighted
        if place is None or place >= len(self._files):
            return None
        path, paths = self._files[place].path, self.review.desk.paths
        if path not in paths:
            self.say("as shared it has another name: press b, then cut it as recorded")
            return None
        return paths.index(path)

    def action_cut(self) -> None:
        """Toggle whether the file is cut."""
        number = self._number
        if number is None:
            return

        def cut() -> str:
            desk = self.review.desk
            is_on = number not in desk.plan.cut_files
            desk.change(tick(desk.plan, "cut_files", number, is_on=is_on))
            return "cut; later test runs count as not runnable" if is_on else "included again"

        self.attempt(cut)

    def action_whole(self) -> None:
        """Toggle whether a file that was only viewed is shared whole."""
        number = self._number
        if number is None:
            return

        def share() -> str:
            desk = self.review.desk
            is_on = number not in desk.plan.whole_files
            desk.change(tick(desk.plan, "whole_files", number, is_on=is_on))
            return "shared whole if it is included" if is_on else "only the lines that were seen"

        self.attempt(share)
