"""Encodes the text of a buffer as the bytes that its editor saved.

Editors do not report a byte order mark, an encoding, CRLF line endings and the last line
ending with the text. A `DiskForm` names them, so that the bytes of a save can be computed
from its text. The form is found by trying candidates against the recorded hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import product
from typing import Final

from signoff_collector.episode.content import encode_text
from signoff_schemas.errors import DamagedError
from signoff_schemas.values import DiskForm

PLAIN: Final = DiskForm()
"""The text as UTF-8 and nothing else."""
_MARKS: Final = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
_ENCODINGS: Final = (
    ("utf-8", False),
    ("utf-8", True),
    ("latin-1", False),
    ("utf-16-le", True),
    ("utf-16-be", True),
)


def encode_form(text: str, form: DiskForm | None) -> bytes:
    """Return the bytes of a text in a form; None means `PLAIN`.

    Raises:
        DamagedError: the text cannot be written in the form's encoding.
    """
    if form is None or form == PLAIN:
        return encode_text(text)
    spelled = _spelled(text, form)
    if form.encoding == "utf-8":
        return (_MARKS["utf-8"] if form.bom else b"") + encode_text(spelled)
    mark = _MARKS.get(form.encoding, b"") if form.bom else b""
    try:
        return mark + spelled.encode(form.encoding)
    except UnicodeEncodeError as error:
        raise DamagedError(
            f"a text of {len(text)} characters cannot be written in {form.encoding}"
        ) from error


def find_form(text: str, sha256: str, *, likely: DiskForm | None = None) -> DiskForm | None:
    """Return the form in which the bytes of a text have this hash, or None.

    Costs one hash where `likely` or the plain form fits, some thirty where none does.
    """
    for form in _candidates(text, likely):
        try:
            content = encode_form(text, form)
        except DamagedError:
            continue
        if hashlib.sha256(content).hexdigest() == sha256:
            return form
    return None


def _candidates(text: str, likely: DiskForm | None) -> Iterator[DiskForm]:
    if likely is not None:
        yield likely
    yield PLAIN
    eols = ("kept", "crlf")
    lasts = ("kept", "without", "with") if text.endswith(("\n", "\r")) else ("kept", "with")
    for eol, last_line, (encoding, bom) in product(eols, lasts, _ENCODINGS):
        fields = {"last_line": last_line, "eol": eol, "encoding": encoding, "bom": bom}
        yield DiskForm.model_validate(fields)


def _spelled(text: str, form: DiskForm) -> str:
    """Return the text with the line endings it has on disk."""
    if form.last_line == "without":
        text = text.removesuffix("\n").removesuffix("\r")
    elif form.last_line == "with":
        text += "\n"
    if form.eol == "crlf":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return text
