"""Commands that prepare test runs are found, with the run that came next; others are not."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.typist import Typist

from signoff_collector.levels.telling import level_lines
from signoff_collector.levels.test_runs.set_up_words import What, sets_up
from signoff_collector.levels.test_runs.set_ups import set_ups
from signoff_schemas.steps import AgentStep, CommandStep, TestsStep

LINES = {
    "pip install -r requirements.txt": "packages",
    "python3.12 -m pip install -e '.[test]' && pytest": "packages",
    "cd app; sudo apt-get install -y libpq-dev": "packages",
    "PIP_NO_CACHE=1 uv pip install x": "packages",
    "uv sync --frozen": "packages",
    "npm ci": "packages",
    "yarn": "packages",
    "python -m venv .venv": "environment",
    "conda env create -f environment.yml": "environment",
    "docker compose -f dev.yml up -d db": "services",
    "docker-compose up": "services",
    "systemctl --user start postgresql": "services",
    "sudo service redis-server start": "services",
    "redis-server --port 6379 &": "services",
    "alembic -c conf/alembic.ini upgrade head": "database",
    "python manage.py migrate": "database",
    "poetry run python ./manage.py migrate": "database",
    "npx prisma migrate dev": "database",
    "bundle exec rake db:migrate": "database",
    "make -j2 setup": "project",
    "npm run setup": "project",
}
OTHERS = [
    "pytest", "pip list", "npm test", "npm run build", "docker compose logs -f", "docker ps",
    "python -m pytest", "python install.py", "make", "make test", "git add install", "uv",
    "echo pip install", "vim requirements.txt", "yarn test", "poetry run pytest", "", "&& 🎉𝄞",
    "grep -rn 'npm ci' .",
]  # fmt: skip


@pytest.mark.parametrize(("line", "what"), LINES.items())
def test_a_command_that_sets_something_up_is_known_by_its_words(line: str, what: str) -> None:
    assert sets_up(line) == what


@pytest.mark.parametrize("line", OTHERS)
def test_other_commands_set_nothing_up(line: str) -> None:
    assert sets_up(line) is None


@given(st.lists(st.sampled_from(["npx", "uv", "run", "python", "-m", "sudo", "&&", "'", "x"])))
def test_any_words_are_read(words: list[str]) -> None:
    assert sets_up(" ".join(words)) in {None, *get_args(What)}
    assert sets_up(" ".join(words) + " npx" * 2_000) in {None, *get_args(What)}


def test_each_set_up_names_the_next_test_run_and_the_last_ones_name_none() -> None:
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    first = typist.add(CommandStep, argv=("pip", "install", "-e", "."), exit_code=1)
    agent = typist.add(AgentStep, tool="claude-code", event="tool_call", line="npm ci")
    run = typist.add(TestsStep, run_id="1", framework="pytest")
    own = typist.add(CommandStep, line="pip install x && pytest", run_ids=("1",), exit_code=0)
    last = typist.add(CommandStep, line="docker compose up -d", exit_code=0)
    typist.add(AgentStep, tool="claude-code", event="tool_result", line="npm ci")
    found = [(one.seq, one.what, one.before, one.exit_code) for one in set_ups(typist.episode())]
    assert found == [
        (first.seq, "packages", run.seq, 1),
        (agent.seq, "packages", run.seq, None),
        (own.seq, "packages", run.seq, 0),
        (last.seq, "services", None, 0),
    ]
    told = "\n".join(level_lines(typist.episode()))
    assert f"step {first.seq}, before test run {run.seq}, exit 1" in told
    assert f"services, step {last.seq}, after the last test run" in told
