"""Episodes for tests: one with every kind of step, and strategies for random ones."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import strategies as st

from signoff_collector.episode.content import (
    INTEGER_COLUMNS,
    NONE,
    Edit,
    EditTable,
    Episode,
    decode_text,
    encode_text,
)
from signoff_collector.episode.file import parts
from signoff_collector.episode.file.writer import write_episode
from signoff_schemas.cases import Cases
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.steps import (
    CheckpointStep,
    CloseStep,
    CommandStep,
    CreateStep,
    DeleteStep,
    FilesStep,
    GapStep,
    GitStep,
    NoteStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    StepBase,
    TaskStep,
    TestsStep,
    parse_step,
)
from signoff_schemas.values import DiskFile, Output, TestCase
from signoff_schemas.words import ACTOR_CLASSES, BASES, TIME_KINDS, GapReason

MS = 1_000_000
SOURCE = "bridge:1"
ASTRAL = "\U0001f642\U00010348"
"""Two characters beyond the basic plane: one hides encoding bugs."""


def sha256(text: str) -> str:
    return hashlib.sha256(encode_text(text)).hexdigest()


def header(**fields: object) -> EpisodeHeader:
    return EpisodeHeader.model_validate(
        {"session": "s-1", "workspace": "w-1", "sources": (SOURCE, "git"), **fields}
    )


def edit(seq: int, start: int, deleted: int, text: str, *, t_ms: int = 0, **more: int) -> Edit:
    known = {"file": 0, "buffer": 1, "actor": 0, "basis": 0, **more}
    return Edit(seq=seq, t_ns=t_ms * MS, start=start, deleted=deleted, text=text, **known)


def table(*edits: Edit) -> EditTable:
    return EditTable.from_rows(edits, evidence_sets=((), ("key",)))


def sample_episode() -> Episode:
    """Return a small episode in which a file is opened, edited, saved, run and committed."""
    path, other = "src/app.py", "notes.txt"
    opened = f"a = 1  # {ASTRAL}\n"
    saved = opened + "b = 2\n"
    end = len(opened)
    edits = [
        edit(2 + i, end + i, 0, char, t_ms=100 + 90 * i, txn=i) for i, char in enumerate("b = 3")
    ]
    edits += [
        edit(7, end + 4, 1, "", t_ms=900, txn=5),
        edit(8, end + 4, 0, "2\n", t_ms=1000, txn=6, cursor=end + 6, evidence=1),
    ]
    common: dict[str, object] = {"source": SOURCE, "path": path, "buffer": 1}
    steps: list[StepBase] = [
        TaskStep(seq=0, t_ns=0, source=SOURCE, text=f"fix it {ASTRAL}"),
        OpenStep.model_validate(
            {**common, "seq": 1, "t_ns": 50 * MS, "blob": 0, "text_sha256": sha256(opened)}
        ),
        SaveStep.model_validate(
            {**common, "seq": 9, "t_ns": 1100 * MS, "text_sha256": sha256(saved), "matched": True}
        ),
        TestsStep(
            seq=10,
            t_ns=2000 * MS,
            source="run",
            run_id="r1",
            framework="pytest",
            exit_code=1,
            cases=Cases(
                [TestCase(id="t::a", outcome="failed"), TestCase(id="t::b", outcome="passed")]
            ),
        ),
        CommandStep(
            seq=11, t_ns=2100 * MS, source="run", argv=("ls", "-l"), output=Output(head="x\n")
        ),
        FilesStep(
            seq=12,
            t_ns=2200 * MS,
            source="files",
            changed=(DiskFile(path=other, sha256=sha256("hello"), blob=1, mode="100755"),),
        ),
        GitStep(seq=13, t_ns=2300 * MS, source="git", operation="commit", message="all\n"),
        CheckpointStep(
            seq=14, t_ns=2300 * MS, source="git", disk=(DiskFile(path=path, sha256=sha256(saved)),)
        ),
        CloseStep.model_validate({**common, "seq": 15, "t_ns": 2400 * MS}),
        CreateStep(seq=16, t_ns=2500 * MS, source="files", path="new.bin", blob=2),
        RenameStep(seq=17, t_ns=2500 * MS, source="files", path="moved.txt", old_path=other),
        DeleteStep(seq=18, t_ns=2600 * MS, source="files", path="new.bin"),
        GapStep(seq=19, t_ns=2700 * MS, source=SOURCE, reason=GapReason.PAUSED, duration_ns=MS),
        ResyncStep(
            seq=20, t_ns=2800 * MS, source=SOURCE, path=path, reason="git", target="disk", blob=3
        ),
        NoteStep(seq=21, t_ns=2900 * MS, source=SOURCE, text="done"),
    ]
    return Episode(
        header=header(edits=len(edits), steps=22, duration_ns=2900 * MS, started_wall_ns=10**18),
        files=(path,),
        steps=tuple(steps),
        edits=table(*edits),
        blobs=(encode_text(opened), b"hello", b"\xff\x00", encode_text("from git\n")),
    )


def written_apart(episode: Episode) -> bytes:
    """Return a file with every array and every column in a frame of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "COLUMN_BYTES", 0)
        patch.setattr(parts, "PART_BYTES", 0)
        return write_episode(episode)


def later_episode() -> Episode:
    """Return an episode with a kind of a later release, and fields of it that sound known."""
    item = {"path": "a.txt", "blob": 1}
    sounding = {"path": "a.txt", "buffer": 1, "blob": 1, "target": "disk", "old_path": "a.txt"}
    rows: tuple[dict[str, object], ...] = (
        {"kind": "open", "path": "a.txt", "buffer": 1, "blob": 0},
        {"kind": "later", **sounding, "disk": [item], "changed": [item], "text": ASTRAL},
        {"kind": "note", "text": ASTRAL, "disk": [item], "changed": [item]},
        {"kind": "gap", "reason": "away", **sounding, "disk": [item]},
        {"kind": "command", "path": "a.txt", "changed": [item], "disk": [{**item, "path": "b"}]},
        {"kind": "files", "disk": [item], "changed": [{**item, "path": "c"}]},
    )
    steps = tuple(
        parse_step({"seq": seq, "t_ns": seq * MS, "source": SOURCE, **row})
        for seq, row in enumerate(rows)
    )
    return Episode(
        header=header(),
        files=("a.txt",),
        steps=steps,
        edits=table(edit(len(rows), 1, 0, "!", t_ms=9)),
        blobs=(encode_text(f"a{ASTRAL}"), b"not by this\n"),
    )


HARD_NAMES = (
    "Makefile", "makefile", "aux.c", "a:b", "end.", "x\ny", "caf\u00e9", "cafe\u0301",
    "\u732b" * 80, "\u732b" * 100, "\u00dcber/con", "\u00fcber/con", "fine/caf\u00e9.py",
)  # fmt: skip
"""Paths of one tree that not every system can hold, or not beside one another."""


def hard_names_episode() -> Episode:
    """Return an episode whose last tree has `HARD_NAMES`, each file with a text of its own."""
    texts = [f"{number} {ASTRAL}\n" for number in range(len(HARD_NAMES))]
    items = [
        {"path": path, "sha256": sha256(text), "blob": number}
        for number, (path, text) in enumerate(zip(HARD_NAMES, texts, strict=True))
    ]
    step = {"kind": "files", "seq": 0, "t_ns": 0, "source": "files", "changed": items}
    return Episode(
        header=header(steps=1),
        files=(),
        steps=(parse_step(step),),
        blobs=tuple(map(encode_text, texts)),
    )


def jumping_episode() -> Episode:
    """Return an episode in which two places of one text, and two files, are edited in turn."""
    edits: list[Edit] = []
    first, second = 0, 6
    for number in range(80):
        for place in (first, second + number + 1):
            char = ASTRAL[number % 2] if number % 5 == 0 else "ab \n"[number % 4]
            seq = 2 + len(edits)
            edits.append(edit(seq, place, 0, char, t_ms=1000 + 37 * len(edits), version=seq))
        first, second = first + 1, second + 1
        if number % 9 == 0:
            seq = 2 + len(edits)
            t_ms = 1000 + 37 * len(edits)
            edits.append(edit(seq, number // 9, 0, "\ud83d", t_ms=t_ms, file=1, buffer=2, actor=1))
    steps = tuple(
        OpenStep(seq=n, t_ns=0, source=SOURCE, path=path, buffer=n + 1, blob=blob)
        for n, (path, blob) in enumerate((("a.txt", 0), ("b.txt", None)))
    )
    return Episode(
        header=header(),
        files=("a.txt", "b.txt"),
        steps=steps,
        edits=table(*edits),
        blobs=(b"opened",),
    )


TEXTS = st.text(alphabet=st.sampled_from(f"ab \n{ASTRAL}é\ud83d\udc4d"), max_size=6)
"""Texts with lone halves of surrogate pairs among them."""


@st.composite
def edit_tables(draw: st.DrawFn, *, max_size: int = 25) -> EditTable:
    """Draw any table a writer accepts, sensible or not."""
    count = draw(st.integers(0, max_size))
    small = st.integers(0, 3)
    rows = []
    t_ms = 0
    for seq in range(count):
        t_ms += draw(st.sampled_from([0, 1, 120, 9_999, 1 << 33]))
        start, deleted = draw(st.integers(0, 1 << 30)), draw(st.sampled_from([0, 0, 1, 1, 7]))
        start, deleted, text = draw(
            st.one_of(
                st.just((start, deleted, draw(TEXTS))),
                st.just((rows[-1].start + len(rows[-1].text), 0, "x") if rows else (0, 0, "x")),
                st.just((max(rows[-1].start - 1, 0), 1, "") if rows else (5, 1, "")),
            )
        )
        rows.append(
            Edit(
                seq=seq,
                t_ns=t_ms * MS,
                file=draw(small),
                buffer=draw(small),
                start=start,
                deleted=deleted,
                text=text,
                actor=draw(st.integers(0, len(ACTOR_CLASSES) - 1)),
                basis=draw(st.integers(0, len(BASES) - 1)),
                txn=draw(st.sampled_from([NONE, seq, 3])),
                version=draw(st.sampled_from([NONE, seq, 1 << 31])),
                cursor=draw(st.sampled_from([NONE, start + len(text), 0])),
                batch_ns=draw(st.sampled_from([0, 150 * MS])),
                task=draw(st.sampled_from([NONE, 2])),
                source=draw(st.integers(0, 1)),
                evidence=draw(st.integers(0, 1)),
                t_kind=draw(st.integers(0, len(TIME_KINDS) - 1)),
            )
        )
    return EditTable.from_rows(rows, evidence_sets=((), ("key", "paste")))


@st.composite
def typing(draw: st.DrawFn, *, max_size: int = 60) -> tuple[str, list[Edit], list[str]]:
    """Draw an opened text, edits that fit it, and the text after each of them."""
    text = opened = draw(TEXTS)
    edits, states = list[Edit](), list[str]()
    cursor = 0
    for number in range(draw(st.integers(0, max_size))):
        match draw(st.sampled_from(["type", "type", "type", "erase", "erase", "cut", "jump"])):
            case "type":
                start, deleted, put = cursor, 0, draw(st.sampled_from(f"xyz{ASTRAL}"))
            case "erase":
                start, deleted, put = max(cursor - 1, 0), min(cursor, 1), ""
            case "cut":
                start, deleted, put = cursor, min(len(text) - cursor, 1), ""
            case _:
                start = draw(st.integers(0, len(text)))
                deleted, put = draw(st.integers(0, len(text) - start)), draw(TEXTS)
        text = text[:start] + put + text[start + deleted :]
        cursor = start + len(put)
        edits.append(edit(number + 1, start, deleted, put, t_ms=number * 70))
        states.append(text)
    return opened, edits, states


def open_episode(opened: str, edits: list[Edit]) -> Episode:
    """Return an episode that opens one text and edits it."""
    step = OpenStep(seq=0, t_ns=0, source=SOURCE, path="a.txt", buffer=1, blob=0)
    return Episode(
        header=header(),
        files=("a.txt",),
        steps=(step,),
        edits=EditTable.from_rows(edits),
        blobs=(encode_text(opened),),
    )


def same_tables(first: EditTable, second: EditTable) -> bool:
    return first == second and all(
        np.array_equal(getattr(first, name), getattr(second, name)) for name in INTEGER_COLUMNS
    )


_PATHS = ("a.txt", "b/c.py", f"{ASTRAL[0]}.md")
_FORMS = ({"eol": "crlf"}, {"last_line": "with", "bom": True}, {"last_line": "without"})


@st.composite
def episodes(draw: st.DrawFn, *, max_size: int = 40) -> Episode:
    """Draw an episode of several files, opened, edited in turn, saved, moved and written."""
    steps, edits, blobs = list[StepBase](), list[Edit](), list[bytes]()
    begins: dict[tuple[int, int], str] = {}
    """How the text of each open buffer begins; what is not known may follow."""
    for seq in range(draw(st.integers(0, max_size))):
        file, buffer = key = draw(st.tuples(st.integers(0, 2), st.integers(0, 1)))
        if key in begins and draw(st.integers(0, 4)):
            text = begins[key]
            start = draw(st.integers(0, len(text)))
            deleted = draw(st.integers(0, min(2, len(text) - start)))
            put = draw(st.one_of(st.sampled_from(f"xy{ASTRAL}"), TEXTS))
            begins[key] = text[:start] + put + text[start + deleted :]
            more = {"file": file, "buffer": buffer, "txn": seq // 3}
            edits.append(edit(seq, start, deleted, put, t_ms=seq * 70, **more))
            continue
        if draw(st.booleans()):
            blobs.append(encode_text(draw(TEXTS)))
        blob = draw(st.sampled_from([None, len(blobs) - 1])) if blobs else None
        fields = _drawn_fields(draw, blob, is_open=key in begins)
        replaced = fields["kind"] == "resync" and fields["target"] == "buffer"
        if fields["kind"] == "open" or replaced:
            begins[key] = "" if blob is None else decode_text(blobs[blob])
        if fields["kind"] == "close" or (replaced and blob is None):
            begins.pop(key, None)
        own = {"seq": seq, "t_ns": seq * 70 * MS, "source": SOURCE, "buffer": buffer}
        steps.append(parse_step({"path": _PATHS[file], **own, **fields}))
    edited = EditTable.from_rows(edits, evidence_sets=((), ("key",)))
    return Episode(
        header=header(), files=_PATHS, steps=tuple(steps), edits=edited, blobs=tuple(blobs)
    )


def _drawn_fields(draw: st.DrawFn, blob: int | None, *, is_open: bool) -> dict[str, object]:
    """Draw a step that changes a file: its kind and the fields that belong to it."""
    form: dict[str, object] = draw(st.sampled_from([{}, {}, *({"form": f} for f in _FORMS)]))
    item: dict[str, object] = {"path": draw(st.sampled_from(_PATHS)), "blob": blob}
    seen: dict[str, object] = draw(
        st.sampled_from([{}, {"sha256": "0" * 64}, {"without_content": True}])
    )
    resync: dict[str, object] = {"kind": "resync", "reason": "git", "blob": blob}
    of_buffer: list[dict[str, object]] = [{"kind": "open", "blob": blob, **form}]
    if is_open:
        of_buffer.extend(({"kind": "save", **form}, {"kind": "close"}))
        of_buffer.append({**resync, "target": "buffer"})
    of_disk: list[dict[str, object]] = [
        {"kind": "create", "blob": blob},
        {"kind": "rename", "old_path": draw(st.sampled_from(_PATHS))},
        {"kind": "delete"},
        {**resync, "target": "disk"},
        {"kind": "files", "path": None, "changed": [{**item, **seen}]},
        {"kind": draw(st.sampled_from(["checkpoint", "command"])), "disk": [{**item, **seen}]},
        {"kind": "tests", "run_id": "r", "framework": "f", "disk": [{**item, **seen}]},
        {"kind": "git", "operation": "stash", "path": None, "disk": [{**item, **seen}]},
        {"kind": "gap", "reason": "cut", "path": None},
        {
            "kind": draw(st.sampled_from(["later", "note"])),
            "text": "x",
            "disk": [item],
            "changed": [item],
            "target": "buffer",
            "blob": blob,
            "old_path": _PATHS[0],
        },
        {"kind": "open", "reason": "anchor", "blob": blob, **form},
    ]
    return draw(st.sampled_from([*of_buffer, *of_buffer, *of_disk]))
