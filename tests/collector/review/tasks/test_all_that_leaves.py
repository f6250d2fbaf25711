"""Whatever a person can read in a shared episode is in something that review lists."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.review.applying.apply import apply
from signoff_collector.review.tasks.file_moments import Looked
from signoff_schemas.plan import Plan, RangeKeep
from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CreateStep,
    DeleteStep,
    DiagnosticsStep,
    FilesStep,
    GitStep,
    NoteStep,
    RenameStep,
    ResyncStep,
    SearchStep,
    TestsStep,
)

ASTRAL = "\U0001f600\U00010348"
PATHS = ("a.py", "b.py")


@dataclass
class Day:
    """A day in which everything that is written can be told apart."""

    typist: Typist = field(default_factory=Typist)
    marks: list[str] = field(default_factory=list[str])

    def mark(self) -> str:
        """Return a text that stands nowhere else and is in no other."""
        self.marks.append(f"{ASTRAL}m{len(self.marks):03}m")
        return self.marks[-1]

    def lines(self, draw: st.DrawFn, old: str) -> str:
        """Return a text made of some lines of another, with some new ones."""
        kept = [line for line in old.split("\n") if line and draw(st.booleans())]
        at = draw(st.integers(0, len(kept)))
        fresh = [self.mark() for _ in range(draw(st.integers(0, 2)))]
        end = draw(st.sampled_from(["\n", "\r\n"]))
        return end.join([*kept[:at], *fresh, *kept[at:], ""])

    def blob(self, text: str) -> dict[str, object]:
        content = text.encode()
        sha256 = hashlib.sha256(content).hexdigest()
        return {"sha256": sha256, "size_bytes": len(content), "blob": self.typist.blob(content)}


def _act(draw: st.DrawFn, day: Day) -> None:  # one case per act
    typist, path = day.typist, draw(st.sampled_from(PATHS))
    is_open = path in typist.versions
    match draw(st.integers(0, 9)):
        case 0 | 1 if is_open:
            typist.edit(path, draw(st.sampled_from([0, len(typist.texts[path])])), 0, day.mark())
        case 2 if is_open:
            there = [mark for mark in day.marks if mark in typist.texts[path]]
            for mark in draw(st.lists(st.sampled_from(there), max_size=1)) if there else ():
                typist.edit(path, typist.texts[path].index(mark), len(mark), "")
        case 3 if is_open:
            typist.save(path)
        case 4 if is_open:
            typist.close(path)
            del typist.versions[path]
        case 5 if is_open:
            new = day.lines(draw, typist.texts[path])
            fields = {"path": path, "buffer": 0, "target": "buffer", "reason": "external"}
            typist.add(ResyncStep, **fields, blob=typist.blob(new.encode()))
            typist.texts[path] = new
        case 6 | 7:
            new = day.lines(draw, typist.disk.get(path, ""))
            item = {"path": path, **day.blob(new)}
            match draw(st.integers(0, 3)):
                case 0:
                    typist.command(["make"], day.mark(), disk=(item,))
                case 1:
                    blob = {"blob": item["blob"]}
                    typist.add(ResyncStep, path=path, target="disk", reason="git", **blob)
                case 2:
                    typist.add(CreateStep, path=path, blob=item["blob"])
                case _:
                    typist.add(FilesStep, changed=(item,))
            typist.disk[path] = new
        case 8 if path in typist.disk:
            if draw(st.booleans()):
                typist.add(DeleteStep, path=path)
            else:
                typist.add(RenameStep, path=f"{path}.old", old_path=path)
            del typist.disk[path]
        case 9:
            _tell(draw, day)
        case _ if not is_open:
            typist.open(path, day.lines(draw, typist.disk.get(path, "")))
            typist.disk.setdefault(path, typist.texts[path])
    typist.wait(draw(st.sampled_from([0, 300, 5_000, 3_600_000])))


def _tell(draw: st.DrawFn, day: Day) -> None:
    typist, one = day.typist, day.mark()
    match draw(st.integers(0, 7)):
        case 0:
            chosen = draw(st.sampled_from([None, one]))
            typist.add(SearchStep, query=day.mark(), scope="workspace", chosen=chosen)
        case 1:
            offered = (one, draw(st.sampled_from(day.marks)))
            typist.add(AssistStep, feature="completion", offered=offered, inserted=day.mark())
        case 2:
            found = {"severity": "error", "message": one}
            fields = {draw(st.sampled_from(["appeared", "cleared"])): (found,)}
            typist.add(DiagnosticsStep, path=PATHS[0], **fields)
        case 3:
            typist.add(AgentStep, tool="t", event="prompt", text=one, line=day.mark())
        case 4:
            typist.add(GitStep, operation="commit", message=one)
        case 5:
            case = {"id": f"t::{day.mark()}", "outcome": "failed", "message": one}
            argv = ("pytest", day.mark())
            fields = {"framework": "pytest", "argv": argv, "run_id": "r"}
            typist.add(TestsStep, **fields, cases=(case,))
        case 6:
            typist.command(["echo", day.mark()], draw(st.sampled_from([one, ""])))
        case _:
            typist.add(NoteStep, text=one)


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Draw a day: buffers and the disk change, with and without each other."""
    day = Day()
    day.typist.begin_task(day.mark())
    for _ in range(draw(st.integers(1, 25))):
        _act(draw, day)
    return day


def shared_of(day: Day) -> Episode:
    """Return the whole day as it would be shared."""
    episode = day.typist.episode()
    keep = RangeKeep(from_seq=0, to_seq=episode.step_count - 1)
    (shared,) = apply(Plan(base_sha256="0" * 64, seed="ab" * 32, keeps=(keep,)), episode)
    return shared


def readable(shared: Episode) -> str:
    """Return every text of an episode that its reader finds."""
    strings = (text for step in shared.steps for _, text in strings_of(step))
    blobs = (blob.decode() for blob in shared.blobs)
    return "\n\0".join([*blobs, *shared.edits.texts(), *strings])


def listed(looked: Looked) -> str:
    """Return all that review shows when a person opens every item of its list."""
    files = (text for one in looked.files for text in (one.first, one.last))
    deleted = (one.text for texts in looked.deleted.values() for one in texts)
    outputs = (text for one in looked.outputs for text in (one.title, one.text))
    return "\n\0".join([*files, *deleted, *outputs])


@settings(max_examples=150, deadline=None)
@given(day=days())
def test_every_text_that_leaves_is_listed(day: Day) -> None:
    shared = shared_of(day)
    leaves, shown = readable(shared), listed(Looked(shared))
    assert [mark for mark in day.marks if mark in leaves and mark not in shown] == []


@settings(max_examples=100, deadline=None)
@given(day=days())
def test_nothing_is_left_unseen_where_every_item_was_opened(day: Day) -> None:
    looked = Looked(shared_of(day))
    looked.see(
        files=[one.file for one in looked.files],
        outputs=[one.seq for one in looked.outputs],
        deleted=looked.deleted,
    )
    assert looked.unseen == ""
