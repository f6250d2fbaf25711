"""The companion as a person meets it: commands, statusline, health, help, other servers."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    enable,
    folded,
    lsp_records,
    records,
    saves,
    sessions,
    wait_for_records,
)
from tests.support.deadline import deadline, wait_until
from tests.support.editors import COMPANION, Neovim, is_gone, need, neovim, neovim_program

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.editors

OTHER = Path(__file__).resolve().parents[1] / "support" / "other_server.py"


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return folder


def start_other(editor: Neovim, log: Path) -> None:
    """Attach another server to the current buffer; it speaks utf-16 as most do."""
    editor.lua(
        """
        local capabilities = vim.lsp.protocol.make_client_capabilities()
        capabilities.general.positionEncodings = { 'utf-16' }
        vim.lsp.start({ name = 'other', cmd = { ... }, capabilities = capabilities })
        """,
        sys.executable,
        "-I",
        str(OTHER),
        str(log),
    )
    wait_until(
        lambda: editor.lua(
            "local c = vim.lsp.get_clients({ name = 'other' })[1]"
            " return c ~= nil and c.initialized and c.attached_buffers[1] ~= nil"
        ),
        "the other server",
    )


def health(editor: Neovim, *names: str) -> str:
    """Run health checks and return what they say."""
    editor.command(f"checkhealth {' '.join(names)}")
    return editor.text()


def test_another_server_keeps_its_rhythm_and_health_has_no_warning(
    workspace: Path, tmp_path: Path
) -> None:
    file, log = workspace / "a.txt", tmp_path / "other.log"
    file.write_text("x\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        start_other(editor, log)
        editor.lua("for n = 1, 20 do vim.api.nvim_buf_set_text(0, 0, 0, 0, 0, { ... }) end", EMOJI)
        wait_until(log.exists, "the other server to hear of it")
        editor.settle()
        said = health(editor, "vim.lsp", "signoff")
        editor.quit()
    assert [json.loads(line)[1] for line in log.read_text().splitlines()] == [20]
    assert len(lsp_records("textDocument/didChange")) == 20
    assert "WARNING" not in said
    assert "ERROR" not in said
    assert f"{workspace}: recording" in said


def test_without_a_bridge_health_says_what_to_do(workspace: Path) -> None:
    nowhere = "{ '/nowhere/signoff' }"
    options = f"require('signoff').setup({{ cmd = {nowhere}, cli = {nowhere} }})"
    with neovim(workspace, options=options) as editor:
        said = health(editor, "signoff")
    assert "/nowhere/signoff cannot be run" in said


@pytest.mark.parametrize("seed", range(3))
def test_random_changes_of_lines_are_replayed(workspace: Path, seed: int) -> None:
    print("seed", seed)  # noqa: T201 shown when it fails
    chance = random.Random(seed)  # noqa: S311 a repeatable stream
    ending = ["\n", "\r\n", "\n"][seed]
    file = workspace / "a.txt"
    text = ending.join(["one", "one", EMOJI, "", "z\xe9", "z\xe8"])
    file.write_bytes((text + ending * (seed < 2)).encode())
    with neovim(workspace, options="vim.o.fixendofline = false") as editor:
        editor.edit(file)
        for _ in range(150):
            count = editor.call("nvim_buf_line_count", 0)
            first = chance.randint(0, count)
            last = min(count, first + chance.randint(0, 3))
            lines = chance.choices(["one", "", EMOJI, "z\xe9", "z\xe8", "\xe9\xe8"], k=3)
            editor.call("nvim_buf_set_lines", 0, first, last, False, lines[: chance.randint(0, 3)])
        for keys in ("ggVGd", f"i{EMOJI}<Esc>", "u", "2u", ":undo 5<CR>", "ggyGGp", "ddGdd"):
            editor.press(keys)
        shown = editor.text()
        editor.command("write")
        editor.settle()
        editor.quit()
    assert [save["matches"] for save in saves()] == [True]
    replayed = folded(file.as_uri(), Encoding.UTF16)
    assert replayed is not None
    assert replayed.replace("\r\n", "\n").removesuffix("\n") == shown


def test_a_file_opened_and_changed_in_one_breath_opens_with_the_text_it_had(
    workspace: Path,
) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (workspace / name).write_text(f"old {EMOJI}\n", "utf-8")
    (workspace / "only_searched.py").write_text("nothing\n")
    with neovim(workspace) as editor:
        editor.edit(workspace / "a.py")
        editor.command(f"silent vimgrep /old/ {workspace}/*.py")
        editor.command("silent cdo substitute/old/new/ | update")
        editor.settle()
        editor.quit()
    opened = {
        params["textDocument"]["uri"].rpartition("/")[2]: params["textDocument"]["text"]
        for _, params in lsp_records("textDocument/didOpen")
    }
    assert opened == dict.fromkeys(("a.py", "b.py", "c.py"), f"old {EMOJI}\n")
    for name in opened:
        uri = (workspace / name).as_uri()
        assert folded(uri, Encoding.UTF16) == f"new {EMOJI}\n"
    assert [save["matches"] for save in saves()] == [True] * 3


def test_a_final_newline_that_only_the_file_gets_is_no_mismatch(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("one")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press(f"A{EMOJI}<Esc>")
        editor.command("write")
        wait_for_records(RecordKind.SAVE, 1)
        editor.command("set fileformat=dos")
        editor.press("oend<Esc>")
        editor.command("write")
        editor.settle()
        editor.quit()
    assert file.read_bytes() == f"one{EMOJI}\r\nend\r\n".encode()
    assert [save["matches"] for save in saves()] == [True, True]


def test_the_statusline_counts_and_its_sign_changes_only_on_a_problem(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("one\n")
    with neovim(workspace) as editor:
        editor.edit(file)

        def shows(start: str) -> None:
            wait_until(
                lambda: editor.lua("return require('signoff').status()").startswith(start),
                f"the statusline to show {start!r}",
            )

        editor.press(f"A{EMOJI}<Esc>")
        shows("● signoff ")
        assert editor.lua("return require('signoff').status()").rpartition(" ")[2].isdigit()
        editor.command("Signoff pause")
        shows("● signoff paused")
        editor.command("Signoff resume")
        wait_until(lambda: editor.lua("return vim.g.signoff_state") == "recording", "going on")
        elsewhere = workspace.parent / "elsewhere.txt"
        elsewhere.write_text("x\n")
        editor.command(f"edit {elsewhere}")
        assert editor.lua("return require('signoff').status()") == ""
        editor.command("buffer 1")
        for end in ("● signoff ", "▲ signoff ended"):
            bridge = editor.bridge_pid()
            editor.lua("vim.uv.kill(..., 'sigkill')", bridge)
            wait_until(lambda bridge=bridge: is_gone(bridge), "the end of the bridge")
            wait_until(lambda: editor.lua("return vim.g.signoff_state") == "lost", "its loss")
            if end.startswith("●"):
                attached = "return require('signoff').is_attached(0)"
                wait_until(lambda: editor.lua(attached), "another bridge")  # noqa: B023
            shows(end)


def test_commands_note_task_and_stop(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("one\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press(f"A{EMOJI}<Esc>")
        editor.command(f"Signoff task mend {EMOJI}")
        editor.command("Signoff note seen")
        wait_for_records(RecordKind.STEP, 2)
        editor.command("Signoff stop")
        wait_until(
            lambda: not list(sessions()[0].folder.glob("bridge-*.json")),
            "the bridge to let go of the session",
        )
        editor.command("Signoff nonsense")
        editor.quit()
    steps = [record.fields for record in records(RecordKind.STEP)]
    assert [(step["kind"], step["text"]) for step in steps] == [
        ("task", f"mend {EMOJI}"),
        ("note", "seen"),
    ]


def test_enable_is_asked_by_the_program_itself_in_a_terminal(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    file = folder / "a.txt"
    file.write_text("one\n")
    with neovim(folder) as editor:
        editor.edit(file)
        editor.command("Signoff enable --yes")
        assert editor.lua("return vim.bo.buftype") == ""
        editor.command("Signoff enable")
        assert editor.lua("return vim.bo.buftype") == "terminal"
        wait_until(lambda: "?" in editor.text(), "the question")
        assert str(folder) in editor.text().replace("\n", "")
        editor.command("bwipeout!")
        editor.settle()
        assert editor.lua("return vim.g.signoff_state") != "recording"
        editor.quit()
    assert sessions() == []


def test_the_help_has_its_tags(tmp_path: Path) -> None:
    program = need(neovim_program(), "Neovim 0.10 or newer")
    shutil.copytree(COMPANION / "doc", tmp_path / "doc")
    (tmp_path / "doc" / "tags").unlink()
    subprocess.run(
        [program, "--headless", "--clean", "-c", f"helptags {tmp_path / 'doc'}", "-c", "qa!"],
        timeout=deadline(),
        check=True,
        capture_output=True,
    )
    made = (tmp_path / "doc" / "tags").read_text()
    assert made == (COMPANION / "doc" / "tags").read_text()
    verbs = ("status", "pause", "resume", "task", "note", "stop", "enable", "forget", "review")
    help_text = (COMPANION / "doc" / "signoff.txt").read_text()
    assert [verb for verb in verbs if f":Signoff {verb}" not in help_text] == []


def test_every_lua_file_is_read_without_an_error() -> None:
    program = need(neovim_program(), "Neovim 0.10 or newer")
    files = sorted(str(path) for path in COMPANION.rglob("*.lua"))
    assert len(files) >= 8
    checked = subprocess.run(
        [program, "--headless", "--clean", "-l", "/dev/stdin", *files],
        input=b"for _, f in ipairs(arg) do assert(loadfile(f)) end",
        timeout=deadline(),
        check=False,
        capture_output=True,
    )
    assert checked.returncode == 0, checked.stderr.decode()
    if (linter := shutil.which("luacheck")) is not None:
        linted = subprocess.run(
            [linter, "--no-color", "--globals", "vim", "--", *files],
            timeout=deadline(),
            check=False,
            capture_output=True,
        )
        assert linted.returncode == 0, linted.stdout.decode()
