"""What edits spell one after another is found, wherever in a long stream it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import random_secret
from tests.support.typist import Typist

from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.texts import streams
from signoff_collector.redaction.texts.shown import Masks
from signoff_collector.redaction.texts.texts import TextStates
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable

SECRET = random_secret(41, 16)
BLANKS = st.text(" \t\n\u00a0\u3000", max_size=3)
OTHERS = st.text(".: \né😀\ud800", max_size=400)


@given(data=st.data())
def test_a_value_is_masked_wherever_windows_end(data: st.DataObject) -> None:
    """Windows as short as can be, and streams of many; masked is the value and nothing else."""
    typist = Typist()
    typist.open("a.py", "")
    copies = data.draw(st.integers(1, 4))
    for _ in range(copies):
        typist.edit("a.py", 0, 0, data.draw(OTHERS))
        at = 0
        while at < len(SECRET):
            size = data.draw(st.integers(1, len(SECRET)))
            typist.edit("a.py", 0, 0, SECRET[at : at + size] + data.draw(BLANKS))
            typist.edit("a.py", 0, 0, data.draw(BLANKS))
            at += size
        typist.edit("a.py", 0, 0, data.draw(OTHERS) + ".")
    episode = typist.episode()
    table = SecretsTable(IdentityPatterns(Identities()))
    group = table.learn("SECRET", SECRET, is_exact=True)
    states = TextStates(episode)
    list(states.walk())
    masks = Masks(states.id_count, lambda _: "")
    found = streams.streams_of(episode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_WINDOW", data.draw(st.integers(1, 100)))
        assert streams.mark_streams(found, masks, table)
    inserted = found[0]
    hidden = masks.blanked(inserted.chars, inserted.ids, "\0")
    masked = [char for char, shown in zip(inserted.chars, hidden, strict=True) if shown == "\0"]
    assert "".join(masked) == SECRET * copies
    assert set(masks.groups) == {0, group}


def test_streams_without_ids_are_the_same_characters() -> None:
    typist = Typist()
    typist.open("a.py", "one\n")
    typist.edit("a.py", 1, 2, "né")
    typist.edit("a.py", 0, 1, "")
    typist.edit("a.py", 0, 0, "😀 ")
    for full, bare in zip(
        streams.streams_of(typist.episode()),
        streams.streams_of(typist.episode(), with_ids=False),
        strict=True,
    ):
        assert bare == full._replace(ids=bare.ids)
        assert len(full.ids) == len(full.chars)
        assert not bare.ids
