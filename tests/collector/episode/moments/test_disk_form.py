"""What editors hide of a file's bytes can be made again from its text."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.episode.moments.disk_form import PLAIN, encode_form, find_form
from signoff_schemas.errors import DamagedError
from signoff_schemas.values import DiskForm

ODD = "naïve 😀🦊"
FORMS = st.builds(
    DiskForm,
    last_line=st.sampled_from(["kept", "without", "with"]),
    eol=st.sampled_from(["kept", "crlf"]),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
) | st.sampled_from(
    [
        DiskForm(bom=True),
        DiskForm(encoding="utf-16-le", bom=True),
        DiskForm(encoding="utf-16-be", bom=True, eol="crlf"),
    ]
)


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (DiskForm(), f"{ODD}\nb\n".encode()),
        (DiskForm(bom=True), b"\xef\xbb\xbf" + f"{ODD}\nb\n".encode()),
        (DiskForm(eol="crlf"), f"{ODD}\r\nb\r\n".encode()),
        (DiskForm(last_line="without"), f"{ODD}\nb".encode()),
        (DiskForm(last_line="with", eol="crlf"), f"{ODD}\r\nb\r\n\r\n".encode()),
        (DiskForm(encoding="utf-16-le", bom=True), f"\ufeff{ODD}\nb\n".encode("utf-16-le")),
    ],
)
def test_each_form_writes_its_bytes(form: DiskForm, content: bytes) -> None:
    text = f"{ODD}\nb\n"
    assert encode_form(text, form) == content
    assert find_form(text, hashlib.sha256(content).hexdigest()) == form


@given(text=st.text("ab\n\r é", max_size=12), form=FORMS)
def test_a_form_that_is_found_gives_the_very_bytes(text: str, form: DiskForm) -> None:
    content = encode_form(text, form)
    found = find_form(text, hashlib.sha256(content).hexdigest())
    assert found is not None
    assert encode_form(text, found) == content
    assert find_form(text, hashlib.sha256(content).hexdigest(), likely=form) is not None


def test_other_bytes_have_no_form_and_lone_surrogates_stay() -> None:
    assert find_form(ODD, hashlib.sha256(b"something else").hexdigest()) is None
    assert encode_form("\ud83d", None) == encode_form("\ud83d", PLAIN) == b"\xed\xa0\xbd"


def test_a_text_its_encoding_lacks_is_damage_and_no_crash() -> None:
    with pytest.raises(DamagedError):
        encode_form(ODD, DiskForm(encoding="latin-1"))
