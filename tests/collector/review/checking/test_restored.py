"""Whatever is restored, and however often: each character counts once, for who wrote it first."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import sha256
from tests.support.typist import Typist

from signoff_collector.episode.content import EditTable, Episode
from signoff_collector.levels.writing.shares import shares as levels_shares
from signoff_collector.review.checking.authors import shares_of
from signoff_collector.text.text_ends import shared_head, shared_tail
from signoff_schemas.steps import FilesStep
from signoff_schemas.values import Actor, DiskFile
from signoff_schemas.words import RESTORED, ActorClass

_PATH = "src/a.py"
_AUTHORS = (ActorClass.TYPED, ActorClass.PASTED, ActorClass.ASSISTANT, ActorClass.UNKNOWN)
_WAYS = ("in the editor", "by the verb", "by the verb, which the file watcher told first")
_PLACES = st.floats(0, 1)
_DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(_AUTHORS), _PLACES, st.integers(1, 4)),
        st.tuples(st.just("erase"), _PLACES, st.integers(1, 6)),
        st.tuples(st.just("save")),
        st.tuples(st.just("restore"), _PLACES, st.sampled_from(_WAYS), *[st.booleans()] * 2),
    ),
    max_size=14,
)


class _Day:
    """Writes characters that stand nowhere else, so that each tells who wrote it."""

    def __init__(self) -> None:
        self._fresh = map(chr, count(0x1F300))
        self._typist = Typist()
        self.author: dict[str, ActorClass] = {}
        self._restoring: set[int] = set()
        begun = self._written(ActorClass.PREEXISTING, 3)
        self._typist.open(_PATH, begun)
        self._states = [begun]

    @property
    def texts(self) -> tuple[str, str]:
        """What stands in the editor, and on disk."""
        return self._typist.texts[_PATH], self._typist.disk[_PATH]

    def _written(self, author: ActorClass, size: int) -> str:
        text = "".join(next(self._fresh) for _ in range(size))
        self.author |= dict.fromkeys(text, author)
        return text

    def write(self, author: ActorClass, place: float, size: int) -> None:
        at = int(place * len(self.texts[0]))
        self._typist.edit(_PATH, at, 0, self._written(author, size), author)
        self._states.append(self.texts[0])

    def erase(self, place: float, size: int) -> None:
        at = int(place * len(self.texts[0]))
        self._typist.edit(_PATH, at, min(size, len(self.texts[0]) - at), "")
        self._states.append(self.texts[0])

    def save(self) -> None:
        self._typist.save(_PATH)

    def restore(self, place: float, way: str, is_older: bool, is_whole: bool) -> None:
        """Put an earlier state back, also of before; the editor reads what the verb wrote."""
        typist, old = self._typist, self.texts[0]
        new = self._states[int(place * (len(self._states) - 1))]
        if is_older:
            new = self._written(ActorClass.PREEXISTING, 2)
        if way != "in the editor" and new and new != self.texts[1]:
            files = (DiskFile(path=_PATH, sha256=sha256(new), blob=typist.blob(new.encode())),)
            if way != "by the verb":
                external = Actor.model_validate({"class": "external", "basis": "inferred"})
                typist.add(FilesStep, changed=files, actor=external)
                files = (files[0].model_copy(update={"blob": None}),)
            typist.command(["signoff", "restore", _PATH], disk=files)
            typist.disk[_PATH] = new
        head = 0 if is_whole else shared_head(old, new)
        tail = 0 if is_whole else shared_tail(old, new, head)
        self._restoring.add(typist.seq)
        put = new[head : len(new) - tail]
        typist.edit(_PATH, head, len(old) - head - tail, put, ActorClass.EXTERNAL)
        self._states.append(new)

    def episode(self) -> Episode:
        made = self._typist.episode()
        rows = [row._replace(evidence=int(row.seq in self._restoring)) for row in self._typist.rows]
        return replace(made, edits=EditTable.from_rows(rows, evidence_sets=((), (RESTORED,))))


@given(_DEEDS)
def test_a_restored_character_counts_once_and_for_who_wrote_it_first(
    deeds: list[tuple[str, ...]],
) -> None:
    day = _Day()
    for name, *values in deeds:
        getattr(day, name)(*values)
    written, surviving = Counter[str](), Counter[str]()
    for share in shares_of(day.episode()):
        written[share.actor] += share.written
        surviving[share.actor] += share.surviving
    assert +written == Counter(author.value for author in day.author.values())
    there = {char for text in day.texts for char in text}
    assert +surviving == Counter(day.author[char].value for char in there)


@given(_DEEDS)
def test_levels_count_no_restored_character_as_inserted(deeds: list[tuple[str, ...]]) -> None:
    day = _Day()
    for name, *values in deeds:
        getattr(day, name)(*values)
    episode = day.episode()
    inserted = Counter[str]()
    for share in levels_shares(episode, [(0, episode.step_count - 1)]):
        inserted[share.actor] += share.inserted
    written = [author.value for author in day.author.values() if author in _AUTHORS]
    assert +inserted == Counter(written)
