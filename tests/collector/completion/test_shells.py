"""Tab pressed in real shells: each offers and completes what `completion --answer` says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.commands.test_light_verbs import HEAVY
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.shells import SHELLS, SIGNOFF, enabled, lines_of, needs_shell, wait_for_lines
from tests.support.tmux import Tmux

pytestmark = pytest.mark.slow
_RC = {
    "bash": ("rc.bash", "PS1='rea''dy> '\nbind 'set show-all-if-ambiguous on'\n"),
    "zsh": (".zshrc", "autoload -Uz compinit && compinit -u -D\nPS1='rea''dy> '\n"),
    "fish": (
        "fish/config.fish",
        "function fish_prompt; echo -n 'ready> '; end\nfunction fish_greeting; end\n",
    ),
}
_HOOK = {
    "bash": 'eval "$({} shell-init bash)"\n',
    "zsh": 'eval "$({} shell-init zsh)"\n',
    "fish": "{} shell-init fish | source\n",
}


def shell_in(name: str, project: Path, config: Path) -> Tmux:
    """Start a shell with the hook in its own file, in a terminal of 100 columns."""
    file, lines = _RC[name]
    rc = config / file
    rc.parent.mkdir(parents=True)
    rc.write_text(lines + _HOOK[name].format(SIGNOFF))
    program = needs_shell(name)
    words = {
        "bash": [program, "--noprofile", "--rcfile", str(rc), "-i"],
        "zsh": [program, "-d", "-i"],
        "fish": [program, "-i"],
    }[name]
    variables = {"ZDOTDIR": str(config), "XDG_CONFIG_HOME": str(config)}
    variables |= {one: os.environ[one] for one in ("HOME", "SIGNOFF_HOME") if one in os.environ}
    shell = Tmux(
        config, words, term="xterm-256color", size=(100, 40), cwd=project, variables=variables
    )
    shell.wait_for("ready>")
    return shell


@pytest.mark.parametrize("name", SHELLS)
def test_tab_completes_verbs_options_choices_ids_settings_and_paths(
    name: str, home: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    enabled(home, project)
    (project / "lost_words.txt").write_text("x\n")
    (project / "only_folder").mkdir()
    signoff("note", "begun", cwd=project)
    rows = [json.loads(line) for line in signoff("list", "--json").out.splitlines()]
    (session,) = (row["id"] for row in rows if row["kind"] == "session")
    with shell_in(name, project, tmp_path / "config") as shell:
        for typed, line in [
            ("signoff resto", "signoff restore"),
            ("signoff restore --dry", "signoff restore --dry-run"),
            ("signoff enable --owner emp", "signoff enable --owner employer"),
            ("signoff settings comm", "signoff settings commands.ignore"),
            ("signoff seal 2", f"signoff seal {session}"),
            ("signoff restore los", "signoff restore lost_words.txt"),
            ("signoff enable only", "signoff enable only_folder/"),
            ("signoff find x --in los", "signoff find x --in lost_words.txt"),
            ("signoff run -- dircolo", "signoff run -- dircolors"),
            ("signoff run -- cat lost_w", "signoff run -- cat lost_words.txt"),
        ]:
            shell.write(typed)
            shell.press("Tab")
            shell.write("@")  # behind what Tab has put there, not behind what a shell proposes
            shell.wait_for(f"ready> {line}{'' if line.endswith('/') else ' '}@")
            shell.press("C-u", "C-l")


@pytest.mark.parametrize("name", SHELLS)
def test_tab_lists_what_there_is_and_is_recorded_as_nothing(
    name: str, home: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    there = enabled(home, project)
    with shell_in(name, project, tmp_path / "config") as shell:
        shell.write("true")
        shell.press("Enter")
        wait_for_lines(there, "true")
        shell.write("signoff re")
        shell.press("Tab")  # once: the shell takes no keys while it asks for what there is
        shell.wait_for("resume", "restore", "replay", "review")
        shell.press("C-u")
        wait_until(lambda: "ready>" in map(str.strip, shell.screen().splitlines()), "no words")
        shell.write("echo still''-here")
        shell.press("Enter")
        shell.wait_for("still-here")
        wait_for_lines(there, "echo still''-here")
    assert lines_of(there) == ["true", "echo still''-here"]


def test_an_answer_imports_nothing_heavy(home: Path, tmp_path: Path) -> None:
    enabled(home, tmp_path / "project")
    for words in (["show", ""], ["enable", "--"], [""]):
        program = (
            "import sys\nfrom signoff_collector.cli import main\n"
            f"main(['completion', '--answer', '{len(words) - 1}', '--', *sys.argv[1:]])\n"
            f"print('loaded:', sorted({{*sys.modules}} & {{*{HEAVY!r}}}), file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, *words],
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=True,
        )
        assert "loaded: []" in done.stderr
        assert done.stdout.startswith("word\t")


def test_without_a_home_tab_says_nothing_wrong_and_makes_nothing(
    home: Path, tmp_path: Path
) -> None:
    asked = ("completion", "--answer", "1", "--", "show", "")
    said = signoff(*asked, cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("word\tlast\t")
    assert not home.exists()
    inside = tmp_path / "repository"
    (inside / ".git").mkdir(parents=True)
    said = signoff(*asked, cwd=inside, SIGNOFF_HOME=str(inside / "home"))
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(
    "words", [(), ("tcsh",), ("bash", "zsh"), ("x" * 10_000,), ("\x1b[2J",)], ids=len
)
def test_a_shell_that_is_not_known_is_refused_with_a_hint(words: tuple[str, ...]) -> None:
    said = signoff("completion", *words)
    assert said.code == 2
    assert "name one shell: bash, zsh, fish" in said.err
    assert len(said.err) < 1000
