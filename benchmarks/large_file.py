"""Sealing sessions with one large file open: what each edit and each save adds, and memory.

    .venv/bin/python benchmarks/large_file.py

The journal is the one that a bridge would have written, without evidence. Redaction runs
with the names of a person and two exact values. Each sealing runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from signoff_collector.capture.journal.journal_frames import RecordKind, encode_frame, pack_body

URI: Final = "file:///home/ada/project/large.txt"
START_NS: Final = 10**12
EMOJI: Final = "\U0001f600\U0001f9ea"
LIMIT_MS_PER_EDIT: Final = 0.3
LIMIT_MB: Final = 64


def long_lines(count: int) -> list[str]:
    """Return lines of 62 characters, 5 MB for 80,000 of them."""
    return [
        f"{n:07d} {n * 0x9E3779B97F4A7C15 % (1 << 64):016x} v_{n % 977} = f({n * 7919})  # line\n"
        for n in range(count)
    ]


def short_lines(count: int) -> list[str]:
    """Return lines of 22 characters, 6 MB for 300,000 of them."""
    return [f"{n:07d} x = f({n % 977}, a)\n" for n in range(count)]


def journal_of(lines: list[str], *, edits: int, saves: int) -> bytes:
    """Return the journal of one editor that edits all over a file and saves it between."""
    header = {
        "journal_version": 1, "writer": "lsp", "writer_id": "lsp-1-abcd", "segment": 0,
        "first_index": 0, "tool_version": "0", "boot_id": "b", "t_boot_ns": START_NS,
        "t_wall_ns": 1_790_000_000 * 10**9, "pid": 1, "encoding": "utf-16", "editor": "made",
        "editor_pid": 7,
    }  # fmt: skip
    text = "".join(lines)
    document = {"uri": URI, "languageId": "text", "version": 0, "text": text}
    frames = [
        encode_frame(RecordKind.HEADER, pack_body(header)),
        _message(START_NS, "textDocument/didOpen", {"textDocument": document}),
    ]
    t_ns = START_NS
    for version in range(1, edits + 1):
        t_ns += 100_000_000
        line = version * 37 % len(lines)
        lines[line] = lines[line][:3] + EMOJI + lines[line][3:]
        place = {"line": line, "character": 3}
        change = {"range": {"start": place, "end": place}, "text": EMOJI}
        named = {"uri": URI, "version": version}
        params = {"textDocument": named, "contentChanges": [change]}
        frames.append(_message(t_ns, "textDocument/didChange", params))
        if version % (edits // saves) == 0:
            frames.append(_save(t_ns, "".join(lines).encode()))
    return b"".join(frames)


def _message(t_ns: int, method: str, params: object) -> bytes:
    return encode_frame(RecordKind.LSP, pack_body([t_ns, method, json.dumps(params).encode()]))


def _save(t_ns: int, content: bytes) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    body = {
        "t_boot_ns": t_ns, "uri": URI, "disk_sha256": digest, "text_sha256": digest,
        "size_bytes": len(content), "matches": True, "text": None,
    }  # fmt: skip
    return encode_frame(RecordKind.SAVE, pack_body(body))


SEALING: Final = """
import sys, time, json
from pathlib import Path
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.seal.assemble import Assembly
from signoff_collector.seal.gathering.gathered import Gathered
from signoff_collector.capture.journal.writers import read_writers
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
times = [time.process_time()]
def note():
    times.append(time.process_time())
writers, _ = read_writers(Path(sys.argv[1]))
gathered = Gathered(session="20260922T000000Z-0badcafe", root="/home/ada/project", boot_id="b",
                    seed=bytes(32))
episode = Assembly(writers, gathered, lambda _: None).run()
note()
names = Identities(home_paths=("/home/ada",), user_names=("ada",), host_names=("lovelace",))
values = of_values(["correct7horse8Battery9staple", "zk3Jq0Lm5Rv8Ty1Uw6Xb"])
episode = Redactor(RedactionPolicy(exact_values=values, identities=names)).redact_episode(episode)
note()
data = write_episode(episode)
note()
sealed = peak()
strict_check(data)
note()
parts = [after - before for before, after in zip(times, times[1:])]
print(json.dumps({"assemble": parts[0], "redact": parts[1], "write": parts[2], "check": parts[3],
    "peak": sealed, "bytes": len(data)}))
"""


def measure(journal: bytes) -> dict[str, float]:
    """Seal a journal in a fresh process and return what each part cost."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "lsp-1-abcd.0.journal").write_bytes(journal)
        done = subprocess.run(
            [sys.executable, "-c", SEALING, name], capture_output=True, check=True, timeout=600
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Print one line per case; exit 1 when a target is missed."""
    print(
        f"large_file: {platform.machine()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    redact: dict[tuple[int, int], float] = {}
    worst_excess = 0.0
    for lines, edits, saves in (
        (long_lines(80_000), 20, 2),
        (long_lines(80_000), 1_020, 2),
        (short_lines(300_000), 1_020, 2),
        (short_lines(300_000), 1_020, 20),
    ):
        count, size = len(lines), sum(map(len, lines))
        found = measure(journal_of(lines, edits=edits, saves=saves))
        redact[count * saves, edits] = found["redact"]
        allowed = LIMIT_MB + (30 * size + 60 * edits) / 2**20
        worst_excess = max(worst_excess, found["peak"] - allowed)
        print(
            f"large_file {size / 1e6:.1f} MB in {count} lines, {edits} edits, {saves} saves: CPU "
            f"assemble {found['assemble']:.2f}, redact {found['redact']:.2f}, write "
            f"{found['write']:.2f}, strict check {found['check']:.2f} s; {found['bytes']} B; "
            f"peak {found['peak']:.0f} MB, target {allowed:.0f}"
        )
    few, many = redact[160_000, 20], redact[160_000, 1_020]
    per_edit = many - few  # a thousand edits more: seconds are milliseconds per edit
    per_save = (redact[6_000_000, 1_020] - redact[600_000, 1_020]) / 18
    print(
        f"large_file redaction: {max(per_edit, 0):.2f} ms per edit more, target "
        f"{LIMIT_MS_PER_EDIT}; {per_save * 1000:.0f} ms per save of 300,000 lines more"
    )
    return 1 if per_edit > LIMIT_MS_PER_EDIT or worst_excess > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
