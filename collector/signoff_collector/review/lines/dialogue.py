"""Review by lines: for a screen reader, and for terminals that hold no screens.

It uses the same desk as the full screens. First the plan is made from the recording; then the final
file of each keep is written, read back, and shown from the bytes that were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.review.base_tree.answering import base_answer
from signoff_collector.review.lines.asking import ask
from signoff_collector.review.lines.dialogue_masking import MaskingDialogue
from signoff_collector.review.lines.dialogue_signing import SigningDialogue
from signoff_collector.review.lines.showing import Shown
from signoff_collector.review.notes.asking_words import NO_MOMENT, moment_lines, noted_words
from signoff_collector.review.plan.draft import (
    file_number,
    is_range,
    keep_name,
    number,
    resolution,
    step_range,
    task_number,
)
from signoff_collector.review.plan.plan_edits import (
    cut_range,
    drop_all,
    drop_keep,
    keep_spans,
    keep_task,
    resolve_times,
    tell_day,
    tick,
    tick_kind,
)
from signoff_collector.review.tasks.summary_lines import summary_lines, task_lines
from signoff_collector.text.linear import linearise
from signoff_schemas.errors import OutdatedError, SignoffError, UsageError
from signoff_schemas.plan import RangeKeep, StepSpan, TaskKeep

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.final.final_look import FinalLook
    from signoff_collector.screen.console import Console
    from signoff_schemas.plan import Keep

HELP: Final = """\
look    tasks | files | diff FILE | deleted | outputs | out STEP | all | steps A-B | summary
include include TASK | include A-B | include all | drop TASK|A-B|all  (nothing is at first)
cut     cut A-B | cut file FILE | cut kind KIND
mask    check           groups to look at;  check N shows one, check N find WORDS
        check N mask | check N accept | check N cut_file
        check N.M mask | accept | cut_file      one item;  check rest mask | accept
        mask            asks for a value and masks it everywhere
        entered         text from steps that are not included;  hide N masks it
        whole FILE      share a file that was only looked at in full
        overlay         files that differed from the commit, never opened; overlay FILE shares
        paused STEP     share text that was typed while recording was paused
notes   notes [N]               what were you thinking? asked at three moments at most
        note STEP WORDS         about the moment after a step;  note STEP  takes it away
name    repository URL [SPDX]   say which public repository this is, and its commits
base    base | base take | base drop | base out FILE | base in FILE
                        the files of the base commit, listed before they are shared
times   times 1s | times 100ms | times exact;  day tell | day drop  (the date it began)
then    undo | plan | done | quit      (the plan is saved as you make it)"""


class Dialogue:
    """Lets a person make a plan, view its results and sign them."""

    def __init__(self, desk: Desk, finals: FinalLook, console: Console) -> None:
        self._desk = desk
        self._console = console
        self._signing = SigningDialogue(desk, finals, console)
        self._shown = Shown(desk.base, console)
        self._masking = MaskingDialogue(desk)

    def run(self) -> int:
        """Read commands until the person has signed or quits; return the exit code."""
        self._console.say(f"review of {self._desk.name}: {self._desk.origin}")
        self._shown.overview()
        self._console.say(f"{self._kept()}; `help` lists the commands")
        while True:
            line = ask("review>")
            if line is None or line.strip() in {"quit", "q"}:
                self._console.say("nothing is signed; the plan is saved")
                return 0
            words = line.split()
            if words == ["done"]:
                if self._desk.plan.keeps:
                    return self._signing.run()
                self._console.say("nothing is included: include a task or steps, or quit")
            elif words:
                self._obey(words)

    def _obey(self, words: list[str]) -> None:
        commands: dict[str, Callable[[list[str]], str]] = {
            "help": lambda _: HELP,
            "?": lambda _: HELP,
            "tasks": lambda _: "\n".join(self._tasks()),
            "summary": self._summary,
            "include": self._keep,
            "keep": self._keep,
            "drop": self._drop,
            "cut": self._cut,
            "day": self._day,
            "check": self._masking.check,
            "mask": self._masking.mask,
            "entered": lambda _: self._masking.list_entered(),
            "hide": self._masking.hide,
            "whole": self._masking.whole,
            "overlay": self._masking.overlay,
            "paused": self._masking.paused,
            "repository": self._name_repository,
            "base": lambda w: base_answer(self._desk, w),
            "times": self._times,
            "notes": self._notes,
            "note": self._note,
            "undo": lambda _: "undone" if self._desk.undo() else "there is nothing to undo",
            "plan": lambda _: self._plan_text(),
        }
        command = commands.get(words[0])
        try:
            if command is not None:
                said = command(words[1:])
            elif self._shown.look(words):
                return
            else:
                said = f"{' '.join(words)}: not understood; `help` lists the commands"
        except OutdatedError:
            said = "another window changed the plan; `plan` shows it; repeat the command"
        except SignoffError as error:
            said = str(error) if error.hint is None else f"{error}. {error.hint}"
        self._console.say_lines(said)

    # Looking

    def _tasks(self) -> list[str]:
        return task_lines(self._desk.rows(), self._desk.standings())

    def _summary(self, words: list[str]) -> str:
        places = range(len(self._desk.plan.keeps))
        if not places:
            return "nothing is included"
        chosen = [number(word, "an included task") for word in words] or list(places)
        lines: list[str] = []
        for place in chosen:
            if place not in places:
                raise UsageError(f"there is no included task {place}", hint="They count from 0.")
            self._desk.place = place
            lines += [
                keep_name(self._desk.plan.keeps[place]),
                *summary_lines(self._desk.overview()),
            ]
        return "\n".join(lines)

    # Keeping and cutting

    def _keep(self, words: list[str]) -> str:
        desk = self._desk
        if not words:
            raise UsageError("name a task or steps", hint="include 0   or   include 12-340")
        plan = desk.plan
        for word in words:
            if word == "all" or is_range(word):
                low, high = self._range(word)
                plan = keep_spans(plan, [StepSpan(from_seq=low, to_seq=high)])
            else:
                plan = keep_task(plan, task_number(word, desk.base))
        desk.change(plan)
        return f"{self._kept()}; `notes` asks what you were thinking, at three moments at most"

    def _drop(self, words: list[str]) -> str:
        plan = drop_all(self._desk.plan)
        if words and words != ["all"]:
            plan = self._desk.plan
            for word in words:
                keep = self._named(word)
                if keep in plan.keeps:
                    plan = drop_keep(plan, plan.keeps.index(keep))
        self._desk.change(plan)
        return self._kept()

    def _named(self, word: str) -> Keep:
        if is_range(word):
            low, high = self._range(word)
            return RangeKeep(from_seq=low, to_seq=high)
        return TaskKeep(task=number(word, "a task"))

    def _range(self, word: str) -> tuple[int, int]:
        if word == "all":
            return 0, self._desk.base.step_count - 1
        return step_range(word, self._desk.base)

    def _cut(self, words: list[str]) -> str:
        desk = self._desk
        match words:
            case ["file", word]:
                file = file_number(word, desk.paths)
                desk.change(tick(desk.plan, "cut_files", file, is_on=True))
                return f"file {file} is cut; later test runs count as not runnable"
            case ["kind", kind]:
                desk.change(tick_kind(desk.plan, kind, is_on=True))
                return f"{kind} steps are cut"
            case [word] if word[:1].isdigit():
                low, high = step_range(word, desk.base)
                desk.change(cut_range(desk.plan, low, high))
                return f"steps {low} to {high} are cut; their text still in files stays"
            case _:
                raise UsageError("name what to cut", hint="cut 12-40, cut file 2 or cut kind view")

    def _times(self, words: list[str]) -> str:
        chosen = resolution(words)
        self._desk.change(resolve_times(self._desk.plan, chosen))
        if chosen == "1s":
            return "times are rounded to one second"
        return f"times are {chosen}: the rhythm of your keys can identify you"

    def _day(self, words: list[str]) -> str:
        if words not in (["tell"], ["drop"]):
            raise UsageError("say whether to tell it", hint="day tell or day drop")
        is_on = words == ["tell"]
        self._desk.change(tell_day(self._desk.plan, is_on=is_on))
        return f"the day is {'told, in UTC' if is_on else 'not told'}; the time of day never is"

    # Naming

    def _name_repository(self, words: list[str]) -> str:
        if len(words) not in (1, 2):
            raise UsageError("give its address", hint="repository https://host/owner/name MIT")
        spdx = words[1] if len(words) == 2 else "NOASSERTION"
        count = self._desk.name_repository(words[0], spdx)
        return f"{words[0]} and {count} commits are named; commits name their authors"

    # Notes

    def _notes(self, words: list[str]) -> str:
        """Ask at the moments of one included task, or of all; an empty answer skips."""
        places = range(len(self._desk.plan.keeps))
        chosen = [number(word, "an included task") for word in words] or list(places)
        noted = asked = 0
        for place in chosen:
            if place not in places:
                raise UsageError(f"there is no included task {place}", hint="They count from 0.")
            self._desk.place = place
            rows = self._desk.moments()
            asked += len(rows)
            for at, row in enumerate(rows, start=1):
                self._console.say_lines("\n".join(moment_lines(row, at, len(rows))))
                before = str(row["text"])
                kept = f" (empty keeps: {linearise(before)})" if before else ""
                answer = ask(f"empty skips{kept}>")
                if answer is None:
                    return noted_words(noted)
                if answer.strip():
                    noted += self._desk.note(int(str(row["after_seq"])), answer)
        return noted_words(noted) if asked else NO_MOMENT

    def _note(self, words: list[str]) -> str:
        if not words:
            raise UsageError("name a step", hint="note 120 the cache was not the cause")
        seq = number(words[0], "a step")
        return noted_words(self._desk.note(seq, " ".join(words[1:])))

    def _kept(self) -> str:
        keeps = self._desk.plan.keeps
        return "included: " + ", ".join(map(keep_name, keeps)) if keeps else "nothing is included"

    def _plan_text(self) -> str:
        plan = self._desk.plan
        lines = [self._kept()]
        lines += [f"cut: steps {cut.from_seq}-{cut.to_seq}" for cut in plan.cut_ranges]
        lines += [f"cut: file {file}" for file in plan.cut_files]
        lines += [f"cut: kind {kind}" for kind in plan.cut_kinds]
        lines += [f"overlay: file {file}" for file in plan.overlay_files]
        lines += [f"note after step {one.after_seq}: {linearise(one.text)}" for one in plan.notes]
        if plan.name_repository is not None:
            lines.append(f"named: {plan.name_repository.url}")
        if plan.with_base is not None:
            lines.append("the base tree is included; `base` lists it")
        masks = len(plan.mask_texts) + len(plan.mask_fields)
        lines.append(f"masks: {masks}; times: {plan.time_resolution}")
        lines += ["the day is told"] if plan.wall_clock else []
        return "\n".join(lines)
