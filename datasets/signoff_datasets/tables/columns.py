"""The tables of a data set and their columns, once: docs/datasets.md lists them from here.

All text is valid Unicode: half of a surrogate pair, which editors do send, became U+FFFD, one code
point for one, so that offsets stay right; `edits.halves` says what stood there. Times are
milliseconds since the start of the episode, never finer than was signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

TABLES_VERSION: Final = 2
"""Rises when the same episode gives other rows."""

Kind = Literal["text", "texts", "number", "numbers", "flag"]
"""Arrow: string, list of strings, int64, list of int64, boolean. Every column may be null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    what: str


def _table(text: str) -> tuple[Column, ...]:
    """Return the columns that are written as `name kind what it is`, one a line."""
    rows = [line.split(None, 2) for line in text.strip().split("\n")]
    return tuple(Column(name=name, kind=_KINDS[kind], what=what) for name, kind, what in rows)


_KINDS: Final[Mapping[str, Kind]] = {
    "text": "text", "texts": "texts", "number": "number", "numbers": "numbers", "flag": "flag",
}  # fmt: skip

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "episodes": _table("""
episode             text    SHA-256 of the signed episode
statement           text    SHA-256 of the sign-off under which it is here
split               text    train, validation or test
shard               text    the shard that all its rows are in
contributor         text    who it is by; this data set's own name for them
repository          text    which repository; this data set's own name for it
licence             text    of the contribution: SPDX, or NOASSERTION
repository_licence  text    of the code it shows: SPDX, or NOASSERTION
purposes            texts   what its author allows
prohibited_uses     texts   what its author forbids
expires             text    when the sign-off ends: RFC 3339
size_bytes          number  of the signed episode
format_version      number  of the signed episode
captured_on         text    UTC date, where its author shares it
time_resolution     text    how fine its times are: exact, 100ms, 1s, none
duration_ms         number  from its first to its last step
steps               number  recorded steps, edits among them
edits               number  single edits
files               number  files that were edited, opened or changed
languages           texts   as the editor named them
editors             texts   names of the editors
repository_url      text    where its author names it
base_commit         text    the commit it began at; a pseudonym unless the repository is named
checkpoints         number  file hashes that its replay was compared with
matched             number  how many of them agreed
resyncs             number  places where the recording had missed a change
blind_spans         number  stretches in which changes may be missing
inserted            number  characters that were inserted in editors
inserted_person     number  of these, by the person: typed, pasted, completed
inserted_assistant  number  of these, by an assistant
inserted_tool       number  of these, by tools: formatters, git, other programs
inserted_unknown    number  of these, by nobody knows whom
masks               number  values that were masked before signing
levels_version      number  of the rules behind task, attempt, burst, phase, chapter
observability       text    JSON: what each source could see
"""),
    "steps": _table("""
episode             text    SHA-256 of the signed episode
step                number  number of this row in its episode, from 0
seq_first           number  first recorded step that it covers
seq_last            number  last one; a burst of edits is one row
kind                text    edit for a burst, else the kind of the recorded step
author              text    class of who caused it: typed, pasted, assistant, unknown, …
author_basis        text    how that is known: observed, inferred, none
t_ms                number  when it began
pause_ms            number  since the end of the row before, no finer than was signed
duration_ms         number  how long it took, where known, no finer than was signed
is_first            flag    whether it is the first row of its episode
is_last             flag    whether it is the last one
task                number  number of the task, from 0
task_title          text    its title
attempt             number  number of the attempt: what lies between two verifications
attempt_label       text    improved, regressed, same, unknown
phase               text    localise, patch, validate, other
burst               number  number of the burst; null for other rows
chapter             text    the innermost chapter
labels              texts   null_edit, dead_end, reverted, repair, breaking
path                text    the file that it is about
old                 text    whole lines that the burst replaced; they stand once in the file
new                 text    what took their place
inserted            number  characters that the burst inserted
deleted             number  characters that it deleted
edits               number  how many edits it has
tokens              number  words and signs that it left
surviving           number  of these, that still stood at the end of the task
content             text    text of a file that was opened, created or set anew
says                text    words: of a task, a note, a prompt, a commit, a search, a finding
command             text    command line
exit_code           number  of a command or a test run
output              text    what it printed, beginning and end
output_left_out     number  bytes of it that are left out in the middle
passed              number  tests that passed
failed              number  tests that failed
state               number  ordinal of the disk's tree after it: equal trees, equal number
details             text    JSON: all other fields of the recorded step
"""),
    "edits": _table("""
episode             text    SHA-256 of the signed episode
seq                 number  number of the recorded step
t_ms                number  when, no finer than was signed: no measure of the rhythm of keys
path                text    the file
buffer              number  the editor's buffer; with the path it names one text
start               number  where, in code points from the beginning of the text
deleted             number  code points that were removed there
text                text    what was inserted there
halves              numbers where half a surrogate pair became U+FFFD: offset in text, code, …
author              text    class of who caused it
author_basis        text    how that is known
cursor              number  offset of the cursor after it, where the editor told
task                number  number of the task
attempt             number  number of the attempt
burst               number  number of the burst
"""),
    "tests": _table("""
episode             text    SHA-256 of the signed episode
seq                 number  number of the recorded test run
t_ms                number  when it was recorded
case                number  number of the test in its run, from 0
framework           text    such as pytest
test                text    its id, as the runner gave it
outcome             text    passed, failed, error, skipped, xfailed, xpassed
duration_ms         number  how long it took, where known
message             text    of a failure
path                text    where it failed, where known
line                number  zero-based line there
task                number  number of the task
attempt             number  number of the attempt
"""),
}
"""Table to columns, both in the order in which they are written."""
