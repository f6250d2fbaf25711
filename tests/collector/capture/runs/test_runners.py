"""Test runners are recognised by the words of a command, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.runs.runners import recognise
from signoff_collector.text.command_lines import MAX_LINE, split_line

RUNNERS = {
    "pytest -q": "pytest",
    "py.test": "pytest",
    "/opt/venv/bin/pytest tests/": "pytest",
    "python -m pytest": "pytest",
    "python3.11 -Im pytest x": "pytest",
    "python -X dev -m unittest discover": "unittest",
    "python manage.py test": "django",
    "./manage.py test shop": "django",
    "python setup.py test": "unittest",
    "coverage run --source x -m pytest -q": "pytest",
    "python -m coverage run -m unittest": "unittest",
    "tox -e py": "tox",
    "python -m nox": "nox",
    "go test ./...": "go",
    "gotestsum --junitfile a.xml": "go",
    "cargo t": "cargo",
    "cargo +nightly test": "cargo",
    "cargo nextest run": "nextest",
    "npm test": "npm",
    "npm run test:unit": "npm",
    "pnpm test": "pnpm",
    "yarn test": "yarn",
    "npx vitest run": "vitest",
    "pnpm exec vitest run": "vitest",
    "node node_modules/.bin/jest --ci": "jest",
    "node --test": "node",
    "ctest --test-dir build": "ctest",
    "cmake --build . --target test": "cmake",
    "ninja test": "ninja",
    "make -j4 test": "make",
    "make check": "make",
    "make test-unit CI=1": "make",
    "just test": "just",
    "./mvnw -q test": "maven",
    "mvn verify": "maven",
    "./gradlew :app:testDebugUnitTest": "gradle",
    "gradle check": "gradle",
    "bundle exec rspec": "rspec",
    "vendor/bin/phpunit": "phpunit",
    "php artisan test": "artisan",
    "bazel test //...": "bazel",
    "dotnet test": "dotnet",
    "mix test": "mix",
    "uv run --with x pytest -x": "pytest",
    "poetry run python -m pytest": "pytest",
    "conda run -n env pytest": "pytest",
    "env -u A B=1 pytest": "pytest",
    "timeout -k 1 5 pytest": "pytest",
    "time -p pytest": "pytest",
    "bash -lc 'cd x; pytest -k \"a b\"'": "pytest",
    "sh -c 'sh -c \"pytest\"'": "pytest",
    'FOO="a b" pytest "tests/🎉 𝄞.py"': "pytest",
    "pytest\\\n  -q": "pytest",
}
NONE = [
    "", "#pytest", "echo pytest", "grep pytest x", "git commit -m 'pytest; pytest'", "vim test",
    "pytest --version", "pytest --co", "go vet", "go test -c", "go test -list=.", "cargo build",
    "cargo test --no-run", "ctest -N", "make", "make -n test", "make check-format", "mvn install",
    "mvn -DskipTests verify", "gradle build", "npm run build", "npm install test",
    "python test_shop.py", "python -c 'import pytest'", "f() { pytest; }", "f () { pytest; }",
    "A=(pytest)", "bash run.sh",
    "cat <<EOF\npytest\nEOF", "ls <<-'X' # pytest\npytest\nX", "signoff run -- pytest",
    "echo 'pytest", "sh -c", "env", "timeout 5", "python -m", "> pytest", "node", "🎉 𝄞",
]  # fmt: skip


@pytest.mark.parametrize("line", RUNNERS)
def test_a_line_that_runs_tests_names_its_runner(line: str) -> None:
    found = recognise(line)
    assert found is not None
    assert found.framework == RUNNERS[line]
    assert recognise(["sh", "-c", line]) == found


def test_what_runs_no_test_is_no_runner() -> None:
    assert [line for line in NONE if recognise(line) is not None] == []


@pytest.mark.parametrize(
    ("line", "of_success", "of_failure"),
    [
        ("pytest", 0, 1),
        ("cd x && pytest", 0, 1),
        ("(cd x && pytest)", 0, 1),
        ("yes | pytest > log 2>&1", 0, 1),
        ("make build; pytest", 0, 1),
        ("make build && pytest", 0, None),
        ("pytest && echo ok", 0, None),
        ("set -e; make build; pytest", 0, None),
        ("pytest | tee log", None, None),
        ("pytest; echo", None, None),
        ("pytest || true", None, None),
        ("a || pytest", None, None),
        ("pytest &", None, None),
        ("! pytest", None, None),
        ("if pytest; then ls; fi", None, None),
        ("echo $(pytest)", None, None),
        ("sh -c 'pytest | cat' && ls", None, None),
        ("vitest --watch", None, None),
    ],
)
def test_the_exit_code_is_told_only_where_it_is_the_runners(
    line: str, of_success: int | None, of_failure: int | None
) -> None:
    found = recognise(line)
    assert found is not None
    assert (found.exit_code(0), found.exit_code(1)) == (of_success, of_failure)
    assert found.exit_code(None) is None


def test_words_come_unquoted_and_without_what_stands_before_the_runner() -> None:
    found = recognise('A=1 nice -n 5 pytest \'a b\'"c\\"d" e\\ f -k "x\'y" 2>err >out')
    assert found is not None
    assert found.argv == ("pytest", 'a bc"d', "e f", "-k", "x'y")


def test_the_report_a_runner_was_told_to_write_is_named() -> None:
    for line, report in {
        "ctest --output-junit a.xml": "a.xml",
        "pytest --junitxml=b.xml": "b.xml",
        "npx vitest run --outputFile=c.xml": "c.xml",
        "gotestsum --jsonfile d.json ./...": "d.json",
        "pytest --junitxml": None,
        "go test -json ./...": None,
    }.items():
        found = recognise(line)
        assert found is not None
        assert found.report == report
    found = recognise("go test -json ./...")
    assert found is not None
    assert found.writes_json


_PIECES = st.sampled_from(
    [
        "pytest",
        " ",
        "&&",
        "|",
        "$(",
        ")",
        "'",
        '"',
        "\\",
        "\n",
        "<<",
        "#",
        "sh -c ",
        "A=",
        "🎉",
        "if ",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=40).map("".join)))
def test_any_line_is_taken_apart_without_a_fault(line: str) -> None:
    recognise(line)
    recognise(line.split(" "))
    for command in split_line(line):
        assert command.words


def test_a_long_line_is_looked_at_to_a_limit() -> None:
    assert recognise("x " * MAX_LINE + "; pytest") is None
    assert split_line("'" * 3 * MAX_LINE) is not None
