"""Terminal transcripts, as JSON lines: for models that know no tools.

A record is a part of the work. `messages` alternate: the assistant says a block of bash, or the
words of a note; the user says what came back between `<stdout>` and `</stdout>`, behind it how the
command ended (`[exit 1]`), or what happened without anybody's line, with the block of bash that
does the same between `<changed>` and `</changed>`. Messages of the assistant have an integer
`weight`.

`steps` say the same in order for programs: `kind` (`edit`, `look`, `run`, `say`, `changed`), `seq`,
`weight`, and `bash`. Running the `bash` of every `edit` and `changed` in the files at the start
gives the recorded files; of a `run`, `changed` follows with what it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_datasets.actions.changes import carry_out
from signoff_datasets.actions.trace import trace
from signoff_datasets.exports.calls import ending_of, happened, is_call, printed_by, shown, words_of
from signoff_datasets.exports.chat import json_lines
from signoff_datasets.exports.conversation import parts
from signoff_datasets.exports.interface import Format
from signoff_datasets.exports.shell_lines import looking_line, quoted, shell_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_datasets.actions.action import Action, Change, FileState
    from signoff_datasets.exports.interface import Source

EXPORT_VERSION: Final = 2
MOST_CHARACTERS: Final = 120_000
"""Of a part."""
_GO_ON: Final = "<go on>"
Json = dict[str, object]


def transcript_rows(source: Source) -> Iterator[Json]:
    """Yield a record for each part.

    Raises:
        DamagedError: an edit of the episode does not fit its text.
        UsageError: there is no such task.
    """
    found = trace(source.episode, base=source.base, task=source.task)
    files = dict(found.start)
    for part in parts(found, MOST_CHARACTERS):
        record = _Record(files)
        record.say("user", part.opening)
        for action in part.actions:
            record.take(action)
        yield {
            "messages": record.messages,
            "steps": record.steps,
            **source.provenance(EXPORT_VERSION, part.first, part.last),
        }


class _Record:
    def __init__(self, files: dict[str, FileState]) -> None:
        self.messages: list[Json] = []
        self.steps: list[Json] = []
        self._files = files

    def take(self, action: Action) -> None:
        """Tell one action."""
        if action.kind == "message":
            self.say("assistant", words_of(action), action.weight)
            self._step("say", action, "")
        elif action.kind == "task":
            self.say("user", shown(action.text))
            self._step("say", action, "")
        elif not is_call(action):
            self._changed(action, happened(action))
        elif action.kind == "bash":
            cwd = action.cwd or "."
            into = "" if cwd == "." else f"cd {quoted(cwd)} && "
            self._call("run", action, into + shown(action.text))
            self._changed(action, "")
        elif action.kind in {"open_file", "search"}:
            self._call("look", action, looking_line(action))
        else:
            self._call("edit", action, self._done(action.changes))

    def say(self, role: str, content: str, weight: int = 0) -> None:
        """Add words; those of one side are one message, so that both take turns."""
        last = self.messages[-1] if self.messages else None
        if last is not None and last["role"] == role:
            if role == "user" or last["weight"] == weight:
                last["content"] = f"{last['content']}\n{content}"
                return
            self.messages.append({"role": "user", "content": _GO_ON})
        message: Json = {"role": role, "content": content}
        self.messages.append(message if role == "user" else {**message, "weight": weight})

    def _call(self, kind: str, action: Action, bash: str) -> None:
        self.say("assistant", _block(bash), action.weight)
        said = [_marked("stdout", "" if kind == "edit" else printed_by(action)), ending_of(action)]
        self.say("user", "\n".join(one for one in said if one))
        self._step(kind, action, bash)

    def _changed(self, action: Action, words: str) -> None:
        bash = self._done(action.changes)
        said = [words] if words else []
        if bash:
            said.append(_marked("changed", _block(bash)))
        if said:
            self.say("user", "\n".join(said))
            self._step("changed", action, bash)

    def _done(self, changes: Sequence[Change]) -> str:
        """Return the lines that do some changes, and do them."""
        lines: list[str] = []
        for change in changes:
            lines.append(shell_line(change, self._files.get(change.path)))
            carry_out(self._files, change)
        return "\n".join(lines)

    def _step(self, kind: str, action: Action, bash: str) -> None:
        self.steps.append(
            {
                "kind": kind,
                "seq": [action.seq_first, action.seq_last],
                "weight": action.weight if kind != "changed" else 0,
                "bash": bash,
            }
        )


def _block(bash: str) -> str:
    """Return a block of code; its fence is longer than any in it."""
    fence = "```"
    while fence in bash:
        fence += "`"
    return f"{fence}bash\n{bash}\n{fence}"


def _marked(mark: str, text: str) -> str:
    """Return a text between marks; one that reads like the end is spelled apart."""
    return f"<{mark}>\n{text.replace(f'</{mark}', f'< /{mark}')}\n</{mark}>"


FORMAT: Final = Format(
    name="transcript",
    ending=".jsonl",
    version=EXPORT_VERSION,
    write=lambda one: json_lines(transcript_rows(one)),
)
