"""Review in the terminal: a dialogue of plain lines.

First the plan is made while looking at the sealed episode; then the episodes it gives are
written, read back, and shown from the bytes that were read, which are the bytes to sign.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.episode.writer import write_episode
from signoff_collector.redaction.texts import named_paths
from signoff_collector.review.apply import apply, entered_texts
from signoff_collector.review.draft import Draft, keep_name, number
from signoff_collector.review.linear import linearise_path
from signoff_collector.review.selection import overlay_paths
from signoff_collector.review.showing import Shown
from signoff_collector.review.storing import SharedFile, remove_shared, store_shared
from signoff_collector.review.to_check import ToCheck
from signoff_collector.review.value_masks import masks_for_value
from signoff_schemas.errors import SignoffError, UsageError
from signoff_schemas.plan import TextMask

if TYPE_CHECKING:
    from signoff_collector.console import Console
    from signoff_collector.episode.content import Episode
    from signoff_collector.home import Home
    from signoff_collector.review.storing import BaseEpisode
    from signoff_schemas.plan import Plan

HELP: Final = """\
look    tasks | files | diff FILE | outputs | out STEP | steps A-B
keep    keep TASK | keep A-B | keep all | drop TASK|A-B|all     (nothing is kept at first)
cut     cut A-B | cut file FILE | cut kind KIND
mask    check           tokens of no known word, which may be secrets;  check N masks one
        mask            asks for a value and masks it wherever it stands
        entered         text that comes in from steps not kept;  hide N masks it
        whole FILE      share a file that was only looked at in full
        overlay         files that differed from the commit, never opened; overlay FILE shares
        paused STEP     share text that was typed while recording was paused
name    repository URL [SPDX]   say which public repository this is, and its commits
times   times 1s | times 100ms | times exact
then    undo | plan | done | quit"""


class Answers(Protocol):
    """Where a person's lines come from."""

    def line(self, prompt: str) -> str | None:
        """Return the next line, or None when there are no more."""
        ...

    def hidden(self, prompt: str) -> str | None:
        """Return a line that is not shown while it is typed."""
        ...


class PlanDialogue:
    """Makes a plan with a person."""

    def __init__(self, home: Home, base: BaseEpisode, console: Console, answers: Answers) -> None:
        self._home = home
        self._base = base
        self._console = console
        self._answers = answers
        self._shown = Shown(base.episode, console)
        self._draft = Draft(base.sha256, base.episode)
        self._entered: list[tuple[int, str]] = []
        self._to_check = ToCheck(home, base)

    def run(self) -> Plan | None:
        """Return the plan, or None when the person leaves."""
        self._console.say(f"review of {self._base.path.name}")
        self._shown.overview()
        headline = self._to_check.headline()
        if headline:
            self._console.say(headline)
        self._console.say("nothing is kept yet; `help` lists what you can say")
        while True:
            line = self._answers.line("review>")
            if line is None or line.strip() in {"quit", "q"}:
                return None
            words = line.split()
            if not words:
                continue
            if words == ["done"]:
                if self._draft.plan.keeps:
                    return self._draft.plan
                self._console.say("nothing is kept: keep a task or steps, or quit")
                continue
            self._obey(words)

    def _obey(self, words: list[str]) -> None:
        commands: dict[str, Callable[[list[str]], str | None]] = {
            "help": lambda _: HELP,
            "?": lambda _: HELP,
            "tasks": lambda _: self._shown.tasks(),
            "files": lambda _: self._shown.file_list(),
            "diff": lambda w: self._shown.difference(number(_one(w), "a file")),
            "outputs": lambda _: self._shown.output_list(),
            "out": lambda w: self._shown.output(number(_one(w), "a step")),
            "steps": self._steps,
            "keep": self._draft.keep,
            "drop": self._draft.drop,
            "cut": self._draft.cut,
            "check": self._check,
            "mask": self._mask,
            "entered": lambda _: self._list_entered(),
            "hide": self._hide,
            "whole": self._whole,
            "overlay": self._overlay,
            "paused": self._paused,
            "repository": self._name_repository,
            "times": self._draft.times,
            "undo": lambda _: "taken back" if self._draft.undo() else "there is nothing to undo",
            "plan": lambda _: self._plan_text(),
        }
        command = commands.get(words[0])
        if command is None:
            self._console.say(f"there is no {words[0]}; `help` lists what you can say")
            return
        try:
            said = command(words[1:])
        except SignoffError as error:
            self._console.say(str(error) if error.hint is None else f"{error}. {error.hint}")
            return
        if said:
            self._console.say_lines(said)

    def _steps(self, words: list[str]) -> None:
        low, _, high = _one(words).partition("-")
        self._shown.steps(number(low, "a step"), number(high or low, "a step"))

    def _mask(self, words: list[str]) -> str:
        if words:
            return "say only `mask`: the value is asked for, and not shown while you type it"
        value = self._answers.hidden("value to mask (not shown):")
        return self._mask_value(value) if value else "nothing is masked"

    def _check(self, words: list[str]) -> str:
        """List what a person should look at, or mask one of it everywhere."""
        match words:
            case [] | ["more"]:
                return self._to_check.listing(is_whole=bool(words))
            case ["all"]:
                said = [self._mask_value(token.value) for token in self._to_check.tokens]
                return "\n".join(said) or "there is nothing to check"
            case _:
                return self._mask_value(self._to_check.value(number(_one(words), "a token")))

    def _mask_value(self, value: str) -> str:
        found = masks_for_value(value, self._base.episode)
        plan = self._draft.plan
        self._draft.set(
            mask_texts=[m.model_dump() for m in (*plan.mask_texts, *found.texts)],
            mask_fields=[m.model_dump() for m in (*plan.mask_fields, *found.fields)],
        )
        said = f"{len(found.texts)} places in files and {len(found.fields)} in other steps masked"
        for path in found.named_paths:
            said += f"\nthe name {linearise_path(path)} holds it: `cut file` takes the file out"
        return said

    def _list_entered(self) -> str:
        plan, episode = self._draft.plan, self._base.episode
        found = [item for keep in plan.keeps for item in entered_texts(plan, episode, keep)]
        self._entered = list(dict.fromkeys(found))
        if not self._entered:
            return "no text comes in from steps that are not kept"
        lines = [
            f"  {place} {linearise_path(path)} as it was at step {seq}"
            for place, (seq, path) in enumerate(self._entered)
        ]
        return "\n".join([*lines, "hide N masks the whole text that comes in"])

    def _hide(self, words: list[str]) -> str:
        if not self._entered:
            self._list_entered()
        place = number(_one(words), "a text")
        if place >= len(self._entered):
            raise UsageError(f"there is no text {place}", hint="`entered` lists them.")
        seq, path = self._entered[place]
        masks = _whole_texts(self._base.episode, seq, path)
        plan = self._draft.plan
        self._draft.set(mask_texts=[m.model_dump() for m in (*plan.mask_texts, *masks)])
        return f"{linearise_path(path)} as it was at step {seq} is masked"

    def _whole(self, words: list[str]) -> str:
        file = self._draft.file(_one(words))
        self._draft.set(whole_files=sorted({*self._draft.plan.whole_files, file}))
        return f"file {file} is shared in full if it is kept"

    def _overlay(self, words: list[str]) -> str:
        """List the base overlay that nobody opened, or share one file of it (THREATS 5)."""
        episode = self._base.episode
        paths = named_paths(episode)
        unseen = {paths.index(path): path for path in overlay_paths(episode)}
        if words:
            file = self._draft.file(_one(words))
            if file not in unseen:
                raise UsageError(f"file {file} is none of them", hint="`overlay` lists them.")
            self._draft.set(overlay_files=sorted({*self._draft.plan.overlay_files, file}))
            return f"file {file} is shared as it was at the start, if something is kept"
        if not unseen:
            return "nothing differed from the commit that was never opened or changed"
        lines = [f"  {file} {linearise_path(path)}" for file, path in sorted(unseen.items())]
        said = "these differed from the commit and were never opened or changed; not shared:"
        return "\n".join([said, *lines, "overlay FILE shares one"])

    def _paused(self, words: list[str]) -> str:
        seq = number(_one(words), "a step")
        self._draft.set(paused_texts=sorted({*self._draft.plan.paused_texts, seq}))
        return f"text that came in at step {seq} is shared although recording was paused"

    def _name_repository(self, words: list[str]) -> str:
        from signoff_collector.review.naming import named_repository

        if len(words) not in (1, 2):
            raise UsageError("say its address", hint="repository https://host/owner/name MIT")
        spdx = words[1] if len(words) == 2 else "NOASSERTION"
        named = named_repository(self._home, self._base.sha256, url=words[0], spdx=spdx)
        self._draft.set(name_repository=named.model_dump())
        return f"{named.url} and {len(named.commits)} commits are named; commits name their authors"

    def _plan_text(self) -> str:
        plan = self._draft.plan
        lines = [self._draft.kept_text()]
        lines += [f"cut: steps {cut.from_seq}-{cut.to_seq}" for cut in plan.cut_ranges]
        lines += [f"cut: file {file}" for file in plan.cut_files]
        lines += [f"cut: kind {kind}" for kind in plan.cut_kinds]
        lines += [f"overlay: file {file}" for file in plan.overlay_files]
        if plan.name_repository is not None:
            lines.append(f"named: {plan.name_repository.url}")
        masks = len(plan.mask_texts) + len(plan.mask_fields)
        lines.append(f"masks: {masks}; times: {plan.time_resolution}")
        return "\n".join(lines)


class FinalLook:
    """Shows the episodes that a plan gives, from the bytes that would be signed."""

    def __init__(self, home: Home, base: BaseEpisode, console: Console, answers: Answers) -> None:
        self._home = home
        self._base = base
        self._console = console
        self._answers = answers

    def run(self, plan: Plan) -> list[tuple[SharedFile, Shown]]:
        """Write, read back and show each episode; return those the person accepts."""
        accepted: list[tuple[SharedFile, Shown]] = []
        episodes = apply(plan, self._base.episode)
        for keep, episode in zip(plan.keeps, episodes, strict=True):
            shared = store_shared(self._home, plan, write_episode(episode))
            shown = Shown(shared.episode, self._console)
            self._console.say("")
            self._console.say(f"final: {keep_name(keep)}, as it would be signed", style="bold")
            self._console.say(f"  sha256   {shared.sha256}")
            self._console.say(f"  size     {shared.size_bytes} bytes in {shared.path}")
            shown.overview()
            if self._look(shown):
                accepted.append((shared, shown))
            else:
                remove_shared(shared)
        return accepted

    def _look(self, shown: Shown) -> bool:
        self._console.say("look: all | diff FILE | outputs | out STEP | steps A-B; then yes or no")
        while True:
            line = self._answers.line("this is what may be shared? (yes/no)>")
            words = (line or "no").split()
            match words:
                case ["yes"] | ["y"]:
                    if shown.unseen:
                        self._console.say(f"you have not looked at {shown.unseen}")
                        sure = self._answers.line("is it right all the same? (yes/no)>")
                        if (sure or "no").strip() not in {"yes", "y"}:
                            continue
                    return True
                case ["no"] | ["n"] | ["quit"] | ["q"]:
                    return False
                case _:
                    self._show(shown, words)

    def _show(self, shown: Shown, words: list[str]) -> None:
        try:
            match words:
                case ["all"]:
                    shown.everything()
                case ["diff", word]:
                    shown.difference(number(word, "a file"))
                case ["files"]:
                    shown.file_list()
                case ["outputs"]:
                    shown.output_list()
                case ["out", word]:
                    shown.output(number(word, "a step"))
                case ["steps", word]:
                    low, _, high = word.partition("-")
                    shown.steps(number(low, "a step"), number(high or low, "a step"))
                case _:
                    self._console.say("all | diff FILE | outputs | out STEP | steps A-B | yes | no")
        except SignoffError as error:
            self._console.say(str(error))


def _one(words: list[str]) -> str:
    if len(words) != 1:
        raise UsageError("say one number", hint="`help` shows how.")
    return words[0]


def _whole_texts(episode: Episode, seq: int, path: str) -> list[TextMask]:
    """Return masks over the whole of every text of a file at a moment."""
    from signoff_collector.redaction.texts import DISK, TextStates

    states = TextStates(episode)
    for step, _ in states.walk():
        if step.seq == seq:
            break
    return [
        TextMask(
            after_seq=seq,
            file=key.file,
            buffer=None if key.buffer == DISK else key.buffer,
            start=0,
            length=len(text.chars),
        )
        for key, text in sorted(states.texts.items())
        if states.paths[key.file] == path and text.chars
    ]
