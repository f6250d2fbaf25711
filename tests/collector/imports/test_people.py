"""What a recording names of its own people and machines is known to the masking of that import."""

from __future__ import annotations

import json

import pytest
from tests.support.imports import ASTRAL, ATIF, csv_text, imported, lines

from signoff_collector.imports.formats import Given, read_foreign
from signoff_collector.imports.people import MAX_NAMES, Named
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import FilesStep

COLUMNS = ["Sequence", "Time", "File", "RangeOffset", "RangeLength", "Text", "Language", "Type"]
HOMES = [
    ("/home/jdoe", "/home/jdoe"),
    ("/Users/jdoe", "/Users/jdoe"),
    ("/var/home/jdoe", "/var/home/jdoe"),
    ("C:\\Users\\jdoe", "/Users/jdoe"),
    ("/mnt/c/Users/jdoe", "/mnt/c/Users/jdoe"),
    ("file:///home/jdoe", "/home/jdoe"),
    ("file:///c%3A/Users/jdoe", "/c%3A/Users/jdoe"),
    ("\\\\wsl$\\Ubuntu\\home\\jdoe", "/wsl$/Ubuntu/home/jdoe"),
    ("vscode-remote://ssh-remote+box/home/jdoe", "/ssh-remote+box/home/jdoe"),
]


def crowd_1(*names: str) -> bytes:
    """Return a recording that opens files."""
    rows = [[at, at, name, 0, 0, f"{ASTRAL}{at}", "", "tab"] for at, name in enumerate(names)]
    return csv_text(COLUMNS, *rows, [99, 99, "TERMINAL", 0, 0, "", "", "terminal_focus"]).encode()


def crowd_2(*names: str) -> bytes:
    """Return a recording of version 2 that makes files, sees one and takes a snapshot of one."""
    made = [
        {"kind": "file_change", "changeType": "create", "file": name, "source": "user"}
        for name in names[:-2]
    ]
    seen = {"viewport": {"file": names[-2], "startLine": 0, "endLine": 0}}
    snapshot = {"kind": "workspace_snapshot", "files": {names[-1]: ASTRAL}}
    events: list[dict[str, object]] = [
        *({"timestamp": 1, "type": "action", "action": one} for one in (*made, snapshot)),
        {"timestamp": 2, "type": "observation", "observation": seen},
    ]
    return json.dumps({"version": "2.0", "startTime": 1, "events": events}).encode()


def cast(env: object, *output: str) -> bytes:
    """Return a terminal's recording."""
    header = {"version": 2, "width": 80, "height": 24, "env": env}
    return lines(header, *([0.1, "o", text] for text in output))


def claude(cwd: str, *names: str) -> bytes:
    """Return a transcript that writes files."""
    blocks = [
        {"type": "tool_use", "id": name, "name": "Write",
         "input": {"file_path": name, "content": ASTRAL}}
        for name in names
    ]  # fmt: skip
    return lines({"type": "assistant", "cwd": cwd, "message": {"content": blocks}})


def named(format_name: str, content: bytes) -> Named:
    """Return whom a recording names."""
    return read_foreign(format_name, Given(content=content)).named


@pytest.mark.parametrize(("written", "home"), HOMES)
def test_files_below_a_home_folder_name_its_user_and_lie_below_what_they_share(
    written: str, home: str
) -> None:
    slash = "\\" if "\\" in written else "/"
    names = [slash.join((written, "secret-client", *rest)) for rest in (("src", "app.py"), ("x",))]
    content = crowd_1(*names)
    assert imported("crowd-code", content).files == ("src/app.py", "x")
    found = named("crowd-code", content)
    assert (found.users, found.homes) == (("jdoe",), (home,))
    [alone] = imported("crowd-code", crowd_1(names[0])).files
    assert alone == "app.py"


def test_the_second_version_of_crowd_code_begins_in_what_all_its_files_share() -> None:
    names = [f"/home/jdoe/secret-client/{name}" for name in ("a.py", "src/b.py", "src/c.py")]
    content = crowd_2(*names)
    told = {step.path for step in imported("crowd-code", content).steps if step.kind == "view"}  # type: ignore[union-attr]
    assert told == {"src/b.py"}
    assert named("crowd-code", content).users == ("jdoe",)


def test_a_trajectory_begins_in_what_all_files_that_it_writes_share() -> None:
    content = json.dumps(ATIF).replace("cart.py", "/home/jdoe/secret-client/cart.py").encode()
    changed = {one.path for step in imported("atif", content).steps if isinstance(step, FilesStep)
               for one in step.changed}  # fmt: skip
    assert changed == {"cart.py"}
    assert named("atif", content).users == ("jdoe",)


def test_what_lies_in_several_homes_or_beside_relative_names_loses_its_home_alone() -> None:
    several = crowd_1("/home/jdoe/a/x.py", "/home/eve/b/x.py", "/opt/x.py")
    assert imported("crowd-code", several).files == ("a/x.py", "b/x.py", "opt/x.py")
    assert named("crowd-code", several).users == ("eve", "jdoe")
    mixed = crowd_1("x.py", "/home/jdoe/a/x.py")
    assert imported("crowd-code", mixed).files == ("x.py", "a/x.py")


def test_a_folder_of_routes_or_a_file_in_home_names_nobody() -> None:
    content = crowd_1("/srv/app/users/views/x.py", "/home/readme.txt")
    assert named("crowd-code", content) == Named()
    assert imported("crowd-code", content).files == ("srv/app/users/views/x.py", "home/readme.txt")


def test_a_terminal_names_its_users_and_hosts_in_its_environment() -> None:
    env = {
        "USER": "jdoe",
        "LOGNAME": "jd",
        "HOME": "/data/people/jdoe1/",
        "HOSTNAME": "bighost.example.org",
        "SHELL": "/bin/sh",
        "HOST": 7,
    }
    assert named("asciicast", cast(env)) == Named(
        users=("jd", "jdoe", "jdoe1"),
        hosts=("bighost", "bighost.example.org"),
        homes=("/data/people/jdoe1",),
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "jdoe@bighost:~$ ls",
        "[jdoe@bighost ~]$ ls",
        "jdoe@bighost ~ % ls",
        "\x1b[01;32mjdoe@bighost\x1b[00m:\x1b[01;34m/srv\x1b[00m$ ls",
    ],
)
def test_a_prompt_of_a_user_who_is_known_names_the_host(prompt: str) -> None:
    content = cast({"USER": "jdoe"}, f"{ASTRAL}\r\n{prompt}\r\n")
    assert named("asciicast", content).hosts == ("bighost",)
    assert named("asciicast", cast({"USER": "eve"}, prompt)).hosts == ()
    mail = "mail jdoe@example.org now, clone jdoe@example.org:shop.git"
    assert named("asciicast", cast({"USER": "jdoe"}, mail)).hosts == ()


def test_a_transcript_names_the_folders_it_worked_in() -> None:
    content = claude("/home/jdoe/secret-client", "/home/jdoe/secret-client/a.py", "/home/jdoe/b.py")
    found = named("claude-code", content)
    assert found == Named(
        users=("jdoe",), homes=("/home/jdoe",), folders=("/home/jdoe/secret-client",)
    )


@pytest.mark.parametrize("name", ["", "\ud83d", "a\0b", "x" * 5000, "\x1b[2J", "/", "\\"])
def test_names_that_are_none_are_left_out(name: str) -> None:
    env = {"USER": name, "HOME": name, "HOSTNAME": name}
    content = cast(env, f"{ASTRAL}{name}@box:~$ ")
    found = named("asciicast", content)
    assert all(one.isprintable() and 0 < len(one) <= 256 for one in (*found.users, *found.homes))
    assert named("claude-code", claude(f"/home/{name}/a", f"/home/{name}/b")).hosts == ()


def test_more_people_than_anybody_has_are_refused() -> None:
    names = [f"/home/u{number}/a.py" for number in range(MAX_NAMES + 1)]
    with pytest.raises(DamagedError, match="more than 1000 users"):
        named("crowd-code", crowd_1(*names))
