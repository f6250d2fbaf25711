"""Ways in which a secret shows without being typed into a document.

Each takes the person, a path of an open document, a line that holds the secret, and it.
"""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Callable
from typing import Final

from .person import Person
from .secret import Secret

Channel = Callable[[Person, str, str, Secret], None]


def _flat(secret: Secret) -> str:
    """Return the secret on one line, without what a path cannot hold."""
    return secret.text.replace("\n", "")


def _in_path(secret: Secret) -> str:
    return "".join(char if char.isalnum() or char in "._-" else "_" for char in _flat(secret))[:90]


def _output(person: Person, text: str, *argv: str) -> None:
    person.recorder.step(
        "run", "command", argv=list(argv) or ["./check"], exit_code=1, output_state="full",
        output={"head": text}, output_bytes=len(text.encode()),
    )  # fmt: skip


def output(person: Person, path: str, line: str, secret: Secret) -> None:
    """A program prints it."""
    del path, secret
    _output(person, f"starting\n{line}done 😀\n")


def wrapped_output(person: Person, path: str, line: str, secret: Secret) -> None:
    """A terminal wraps it at 80 columns."""
    del path, secret
    text = "  " * person.random.randint(0, 30) + line
    rows = [row[at : at + 80] for row in text.split("\n") for at in range(0, len(row) or 1, 80)]
    _output(person, person.random.choice(["\n", "\r\n", "\n    "]).join(rows) + "\n")


def coloured_output(person: Person, path: str, line: str, secret: Secret) -> None:
    """Colours change in the middle of it."""
    del path
    cut = person.random.randint(1, max(1, len(secret.text) - 1))
    inside = f"\x1b[1;31m{secret.text[:cut]}\x1b[0m\x1b[32m{secret.text[cut:]}\x1b[m"
    _output(person, line.replace(secret.text, inside))


def difference(person: Person, path: str, line: str, secret: Secret) -> None:
    """A diff shows it come and go."""
    text = "".join(f"-{row}\n" for row in line.splitlines())
    text += "".join(f"+{row}\n" for row in line.replace(secret.text, "other").splitlines())
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n"
    _output(person, head + text, "git", "diff")


def encoded(person: Person, path: str, line: str, secret: Secret) -> None:
    """Base64 of it, with any number of characters before it."""
    del path, line
    before = person.random.choice(["", "a", "ab", "user:"])
    inner = base64.b64encode(f"{before}{secret.text}".encode()).decode()
    _output(person, f"Authorization: Basic {inner}\n")


def json_output(person: Person, path: str, line: str, secret: Secret) -> None:
    """A log in JSON repeats the line."""
    del path, secret
    _output(person, json.dumps({"level": "debug", "text": line, "n": 1}) + "\n")


def percent_output(person: Person, path: str, line: str, secret: Secret) -> None:
    """An URL holds it."""
    del path, line
    value = urllib.parse.quote(secret.text, safe="")
    _output(person, f"GET https://api.example.org/v1?x=1&access_token={value}&y=2 403\n")


def traceback(person: Person, path: str, line: str, secret: Secret) -> None:
    """An exception shows the source line and its message."""
    _output(
        person,
        f'Traceback (most recent call last):\n  File "/home/ada/project/{path}", line 7, in f\n'
        f"    {line.strip()}\n    ^^^^^\nValueError: bad value {secret.text!r}\n",
        "python",
        path,
    )


def cut_output(person: Person, path: str, line: str, secret: Secret) -> None:
    """A long output is cut in the middle of it."""
    del path
    at = line.find(secret.text)
    cut = at + person.random.randint(3, max(3, len(secret.text) - 3))
    person.recorder.step(
        "run", "command", argv=["make"], exit_code=2, output_state="head_tail",
        output={"head": "x\n" + line[:cut], "tail": line[cut:] + "y\n", "middle_bytes": 5000,
                "middle_lines": 70},
        output_bytes=9000,
    )  # fmt: skip


def arguments(person: Person, path: str, line: str, secret: Secret) -> None:
    """A program gets it as an argument."""
    del path, line
    value, name = _flat(secret), secret.names[0].lower().replace("_", "-")
    words = person.random.choice(
        [["deploy", f"--{name}", value], ["deploy", f"--{name}={value}"],
         ["curl", "-H", f"Authorization: Bearer {value}", "https://x.example"],
         ["curl", "-u", f"me:{value}", "https://x.example"], ["env", f"{name}={value}", "make"]]
    )  # fmt: skip
    person.recorder.step("run", "command", argv=words, exit_code=0, output_state="none")


def shell_line(person: Person, path: str, line: str, secret: Secret) -> None:
    """A line of a shell holds it: a variable before a command, an export, a pipe."""
    del path, line
    name, value = secret.names[0].upper(), _flat(secret)
    words = person.random.choice(
        [f"{name}={value} make test", f"export {name}='{value}'", f'echo "{value}" | gh auth login '
         "--with-token", f"http POST :8000/login password={value}", f"set -x {name} {value}"]
    )  # fmt: skip
    person.recorder.step("run", "command", line=words, exit_code=0)


def commit_message(person: Person, path: str, line: str, secret: Secret) -> None:
    """A commit speaks of it."""
    del path
    text = person.random.choice([f"commit: use {secret.text} for now", f"commit: add\n\n{line}",
                                 f"commit: {line.strip()}"])  # fmt: skip
    person.recorder.step("git", "git", operation="commit", head_after="12" * 20, message=text,
                         branch="refs/heads/main")  # fmt: skip


def branch_name(person: Person, path: str, line: str, secret: Secret) -> None:
    """A branch is named after it."""
    del path, line
    name = _in_path(secret)
    person.recorder.step("git", "git", operation="checkout", branch=f"refs/heads/fix/{name}",
                         message=f"checkout: moving from main to fix/{name}")  # fmt: skip


def file_name(person: Person, path: str, line: str, secret: Secret) -> None:
    """A file is named after it, opened, written and renamed."""
    del path
    name = f"out/{_in_path(secret)}.txt"
    person.recorder.open(name, "one 😀🚀\n")
    person.type(name, 0, "x")
    if person.random.random() < 0.5:
        person.paste(name, 1, line)
    person.recorder.save(name)
    person.recorder.close(name)


def diagnostic(person: Person, path: str, line: str, secret: Secret) -> None:
    """A linter repeats it."""
    at = person.random.randint(6, max(6, len(secret.text)))
    messages = [f"unused literal {secret.text!r}", f"line too long: {line.strip()}",
                f"could be a secret: {secret.text[:at]}..."]  # fmt: skip
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    items = [{"range": place, "message": person.random.choice(messages), "source": "lint",
              "code": "X1", "severity": 2}]  # fmt: skip
    person.recorder.companion("diagnostics", path, items=items)


def completion_labels(person: Person, path: str, line: str, secret: Secret) -> None:
    """Completions offer overlapping pieces of it."""
    del line
    text = _flat(secret)
    starts = range(0, max(1, len(text) - 5), 3)
    offered = [text[at : at + 9] for at in starts][:9] or [text]
    person.recorder.companion(
        "assist", path, feature="completion", provider="words", offered=offered,
        chosen=offered[0], outcome="rejected",
    )  # fmt: skip


def search_query(person: Person, path: str, line: str, secret: Secret) -> None:
    """It is searched for."""
    del line
    person.recorder.companion("search", path, query=_flat(secret), scope="workspace", hits=1,
                              chosen=f"config.py: {_flat(secret)}")  # fmt: skip


def note(person: Person, path: str, line: str, secret: Secret) -> None:
    """A note or a task names it."""
    del path
    kind = person.random.choice(["note", "task"])
    text = person.random.choice([line.strip(), f"rotate {_flat(secret)} tomorrow"])
    person.recorder.step("run", kind, text=text)


def test_failure(person: Person, path: str, line: str, secret: Secret) -> None:
    """A test fails and shows it, in its message and in its name."""
    message = f"assert {secret.text!r} == None\n  where {line.strip()}"
    person.recorder.step(
        "run", "tests", run_id="1", framework="pytest", exit_code=1, argv=["pytest", "-k", "login"],
        cases=[{"id": f"test_a.py::test_login[{_in_path(secret)}]", "outcome": "failed",
                "message": message, "frame": {"path": path, "line": 3, "function": "f"}}],
    )  # fmt: skip


def agent_words(person: Person, path: str, line: str, secret: Secret) -> None:
    """An agent is told it, runs a line with it and says it."""
    value = _flat(secret)
    common = {"tool": "claude-code", "agent_session": "s1"}
    tell = person.recorder.step
    tell("agent", "agent", event="prompt", text=f"please use this: {line}", **common)
    tell("agent", "agent", event="tool_call", tool_name="Bash", call_id="c1",
         line=f"{secret.names[0]}={value} make", **common)  # fmt: skip
    tell("agent", "agent", event="tool_result", tool_name="Bash", call_id="c1",
         text=json.dumps({"stdout": line, "path": path}), failed=False, **common)  # fmt: skip


def changed_behind(person: Person, path: str, line: str, secret: Secret) -> None:
    """A program writes a file that holds it, and removes it."""
    del path, secret
    recorder = person.recorder
    recorder.files({"made/settings.txt": f"a\n{line}b\n"})
    recorder.wait(5_000)
    recorder.files({"made/settings.txt": "a\nb\n"})


def renamed_file(person: Person, path: str, line: str, secret: Secret) -> None:
    """The file with it gets another name."""
    del path, secret
    recorder = person.recorder
    old = "drafts/plan.txt"
    recorder.open(old, "plan\n")
    person.paste(old, 0, line)
    recorder.save(old)
    recorder.close(old)
    recorder.step("files", "rename", path="drafts/kept.txt", old_path=old)


def already_there(person: Person, path: str, line: str, secret: Secret) -> None:
    """A file is opened that holds it; it is taken out."""
    del path, secret
    recorder = person.recorder
    name = "legacy/config.txt"
    recorder.open(name, f"one 😀🚀\n{line}two\n")
    person.pause()
    person.change(name, len("one 😀🚀\n"), len(line), "")
    recorder.save(name)
    recorder.close(name)


def never_saved(person: Person, path: str, line: str, secret: Secret) -> None:
    """A buffer that is closed without being saved."""
    del path, secret
    name = "scratch.txt"
    person.recorder.open(name, "")
    person.type(name, 0, line)
    person.recorder.close(name)


def searched_as_typed(person: Person, path: str, line: str, secret: Secret) -> None:
    """A search that is told after every key."""
    del line
    text = _flat(secret)
    for end in range(1, min(len(text), 24) + 1):
        person.recorder.companion("search", path, query=text[:end], scope="file", hits=1)
        person.recorder.wait(120)


def offered_in_slices(person: Person, path: str, line: str, secret: Secret) -> None:
    """Labels of four characters that overlap by three."""
    del line
    text = _flat(secret)
    for low in range(0, min(len(text), 30) - 3, 8):
        offered = [text[at : at + 4] for at in range(low, low + 8)]
        person.recorder.companion(
            "assist", path, feature="completion", offered=[one for one in offered if one]
        )


def typed_by_a_terminal(person: Person, path: str, line: str, secret: Secret) -> None:
    """A shell echoes it key by key, with backspaces and a redrawn line."""
    del path, line
    text = _flat(secret)
    half = len(text) // 2
    _output(person, f"$ export K={text[:half]}xx\x08 \x08\x08 \x08{text[half:]}\r\n"
                    f"\x1b[2K\r$ export K={text}\r\n")  # fmt: skip


def numbered_lines(person: Person, path: str, line: str, secret: Secret) -> None:
    """A pager numbers the lines, another one shows a hexadecimal dump."""
    del path
    rows = "".join(f"{number:6d}\t{row}\n" for number, row in enumerate(line.splitlines(), 1))
    data = secret.text.encode()
    dump = "".join(f"{at:08x}  {data[at : at + 16].hex(' ')}  |{_printable(data[at : at + 16])}|\n"
                   for at in range(0, len(data), 16))  # fmt: skip
    _output(person, person.random.choice([rows, dump]))


def _printable(data: bytes) -> str:
    return "".join(chr(one) if 32 <= one < 127 else "." for one in data)


def quoted_in_yaml(person: Person, path: str, line: str, secret: Secret) -> None:
    """A tool prints its settings, with the value folded at 40 columns."""
    del path, line
    text = _flat(secret)
    folded = "\n".join("    " + text[at : at + 40] for at in range(0, len(text), 40))
    _output(person, f"settings:\n  {secret.names[0]}: >-\n{folded}\n")


def environment_printed(person: Person, path: str, line: str, secret: Secret) -> None:
    """The environment is printed, sorted, with other variables around."""
    del path, line
    _output(person, f"EDITOR=vi\nLANG=C.UTF-8\n{secret.names[0]}={_flat(secret)}\nTERM=xterm\n",
            "env")  # fmt: skip


def masked_half(person: Person, path: str, line: str, secret: Secret) -> None:
    """A tool hides one half of it with asterisks."""
    del path, line
    text = _flat(secret)
    cut = len(text) // 2
    _output(person, f"token: {text[:cut]}{'*' * 8}\ntoken: {'*' * 8}{text[cut:]}\n")


def file_made_and_moved(person: Person, path: str, line: str, secret: Secret) -> None:
    """A program writes it into two files, one named after it."""
    del path
    recorder = person.recorder
    recorder.files({f"dump/{_in_path(secret)}.log": line, "dump/b.log": f"x\n{line}"})
    recorder.wait(3_000)
    recorder.files({"dump/b.log": None, "dump/c.log": f"x\n{line}"})


def merge_conflict(person: Person, path: str, line: str, secret: Secret) -> None:
    """Two versions of the line between the markers of a conflict."""
    other = line.replace(secret.text, "unset")
    text = f"<<<<<<< HEAD\n{other}=======\n{line}>>>>>>> fix\n"
    person.paste(path, person.line_start(path), text)


CHANNELS: Final[tuple[Channel, ...]] = (
    output, wrapped_output, coloured_output, difference, encoded, json_output, percent_output,
    traceback, cut_output, arguments, shell_line, commit_message, branch_name, file_name,
    diagnostic, completion_labels, search_query, note, test_failure, agent_words, changed_behind,
    renamed_file, already_there, never_saved, searched_as_typed, offered_in_slices,
    typed_by_a_terminal, numbered_lines, quoted_in_yaml, environment_printed, masked_half,
    file_made_and_moved, merge_conflict,
)  # fmt: skip
