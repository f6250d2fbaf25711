"""What does not hold a value and could still tell of it: counts, times, overlaps, cuts."""

from __future__ import annotations

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret, windows
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_schemas.steps import AgentStep, AssistStep, DiagnosticsStep, ViewStep
from signoff_schemas.values import Diagnostic, LineSpan, Output, Position, Range

START = 'first = "😀🚀"\n'


def twin(seed: int, length: int, key_ms: int) -> Episode:
    """Return a session around a secret of a length, typed at a speed, with an editor's remarks."""
    secret = "7q" + random_secret(seed + length, length - 2)
    typist = Typist(cursors=True)
    typist.open("a.py", START)
    typist.type_at_end("a.py", 'db_password = "')
    typist.key_ms = key_ms
    told: tuple[Diagnostic, ...] = ()
    for place, key in enumerate(secret):
        typist.type_at_end("a.py", key)
        if place % 3 == 0:
            told = remark(typist, told, place)
    typist.wait(500 - key_ms)
    typist.key_ms = 100
    typist.type_at_end("a.py", '"\nafter = 2\n')
    typist.save("a.py")
    typist.type("a.py", 0, "# end\n")
    typist.command(["pytest"], f"{len(secret) * 0}ok\n", exit_code=0)
    return typist.episode()


def remark(typist: Typist, told: tuple[Diagnostic, ...], place: int) -> tuple[Diagnostic, ...]:
    """Let the language server say something about the half-typed line, and complete it."""
    end = Position(line=1, column=15 + place + 1)
    found = (
        Diagnostic(message="unclosed", range=Range(start=Position(line=1, column=14), end=end)),
    )
    version = typist.versions["a.py"]
    typist.add(
        DiagnosticsStep, path="a.py", buffer=0, version=version, appeared=found, cleared=told
    )
    piece = typist.texts["a.py"][-3:]
    typist.add(AssistStep, path="a.py", buffer=0, feature="completion", offered=(piece, "other"))
    typist.add(ViewStep, path="a.py", buffer=0, visible=(LineSpan(first=0, last=1),))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_length_and_tempo_are_in_no_version_count_cursor_time_or_size(seed: int) -> None:
    files = [
        write_episode(Redactor(RedactionPolicy()).redact_episode(twin(seed, length, key_ms)))
        for length, key_ms in ((8, 40), (60, 310))
    ]
    assert files[0] == files[1]


def glued(value: str, template: str, key_ms: int) -> bytes:
    """Return the file of a session that types a known value in front of a word."""
    typist = Typist()
    typist.open("a.py", f"{START}x = 1\n")
    typist.key_ms = 100
    place = len(START)
    before, _, after = template.partition("{}")
    for text, tempo in ((before, 100), (value, key_ms), (f"{after}\n", 100), ("done\n", 100)):
        typist.wait(3_000)
        typist.key_ms = tempo
        place = typist.type("a.py", place, text)
    typist.save("a.py")
    policy = RedactionPolicy(exact_values=of_values([value]))
    return Redactor(policy).seal_episode(typist.episode())[1]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "template",
    ["creds admin:{}", "CREATE USER app WITH PASSWORD '{}';", "app.token={}", "--from-literal=n={}",
     "VALUES ('a@example.org', '{}');", 'auth=("admin", "{}")'],
)  # fmt: skip
def test_what_is_masked_beside_a_known_value_does_not_tell_its_letters(
    template: str, seed: int
) -> None:
    """While it is typed it is one token with what follows, which names and shapes then judge."""
    values = ["".join("aB3dE6fGh8"[(seed + at * step) % 10] for at in range(length))
              for length, step in ((8, 7), (60, 3))]  # fmt: skip
    assert glued(values[0], template, 40) == glued(values[1], template, 310)


def assembled(pieces: list[str], secret: str) -> int:
    """Return the longest run of a secret that visible pieces of three or more spell together."""
    covered = [False] * len(secret)
    for low in range(len(secret)):
        for high in range(low + 3, len(secret) + 1):
            if any(secret[low:high] in piece for piece in pieces):
                covered[low:high] = [True] * (high - low)
    runs = "".join("x" if one else " " for one in covered).split()
    return max(map(len, runs), default=0)


@pytest.mark.parametrize("seed", range(6))
def test_pieces_that_overlap_do_not_add_up(seed: int) -> None:
    """Completions offer, and edits put in, five characters at a time (threat 15)."""
    secret = random_secret(300 + seed, 24)
    typist = Typist()
    typist.open("a.py", START)
    typist.type_at_end("a.py", f"token = '{secret}")
    pieces = [secret[place : place + 5] for place in range(0, 20, 2)]
    for piece in pieces:
        offered = (piece, f"{piece}…", "other")
        typist.add(AssistStep, feature="completion", offered=offered, chosen=piece, inserted=piece)
    typist.type_at_end("a.py", "'\n")
    typist.save("a.py")
    policy = RedactionPolicy(exact_values=of_values([secret]))
    redacted = Redactor(policy).redact_episode(typist.episode())
    assert leaks_in_episode(redacted, [secret]) == []
    said = [text for step in redacted.steps for _, text in strings_of(step)]
    assert assembled(said, secret) < 6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("side", ["head", "tail"])
def test_half_a_secret_at_the_cut_of_an_output_is_gone(seed: int, side: str) -> None:
    """The other half lies in the middle that was not kept: no shape is left (threat 17)."""
    secret = random_secret(400 + seed, 40)
    lines = "".join(f"line {number} 😀🚀\n" for number in range(50))
    half = secret[:17] if side == "head" else secret[-17:]
    head = f"{lines}using {half}" if side == "head" else lines
    tail = f"{half} was used\n{lines}" if side == "tail" else lines
    typist = Typist()
    typist.open("a.py", START)
    output = Output(head=head, tail=tail, middle_bytes=70_001)
    typist.command(["deploy"])
    typist.steps[-1] = typist.steps[-1].model_copy(
        update={"output": output, "output_state": "head_tail", "output_bytes": 90_000}
    )
    redacted, data = Redactor(RedactionPolicy()).seal_episode(typist.episode())
    assert leaks_in_episode(redacted, [half]) == []
    assert leaks_in_bytes(data, [half]) == []
    shown = redacted.steps[-1]
    assert shown.model_dump()["output"]["middle_bytes"] % 1024 == 0
    assert "line 49" in str(shown)


@pytest.mark.parametrize("seed", range(4))
def test_what_an_agent_was_told_is_masked_as_everything_else(seed: int) -> None:
    known, shaped = random_secret(500 + seed, 22), "ghp_" + random_secret(600 + seed, 36)
    typist = Typist()
    typist.open("a.py", START)
    typist.add(AgentStep, tool="t", event="prompt", text=f"😀🚀 use {known} and {shaped}")
    typist.add(AgentStep, tool="t", event="tool_call", tool_name="Bash", line=f"curl -u me:{known}")
    typist.add(AgentStep, tool="t", event="tool_result", text=f'{{"token":"{shaped}","n":1}}')
    policy = RedactionPolicy(exact_values=of_values([known]))
    redacted, data = Redactor(policy).seal_episode(typist.episode())
    assert leaks_in_episode(redacted, [known, shaped]) == []
    assert leaks_in_bytes(data, [known, shaped]) == []
    said = "".join(text for step in redacted.steps for _, text in strings_of(step))
    assert "use REDACTED_" in said
    assert not windows(known) & windows(said)
