"""The journals that a bridge and a runner would have written of what was made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal_frames import RecordKind, encode_frame, pack_body
from signoff_collector.episode.content import Edit, decode_text
from signoff_collector.text.line_text import LineText
from signoff_schemas.steps import OpenStep, SaveStep, TestsStep, step_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_schemas.steps import StepBase

ROOT: Final = "/home/ada/project"
START_NS: Final = 10**12
_RUN_BY: Final = frozenset({"command", "tests", "git"})
_OURS: Final = frozenset({"seq", "t_ns", "source"})


def header(writer: str, *, encoding: str = "utf-16") -> bytes:
    """Return the frame that begins the journal of an editor's bridge, or of `run`.

    Columns count code points here, so `utf-16` is right only for texts without pairs.
    """
    fields: dict[str, object] = {
        "journal_version": 1, "writer": writer, "writer_id": f"{writer}-1-abcd", "segment": 0,
        "first_index": 0, "tool_version": "0", "boot_id": "b", "t_boot_ns": START_NS,
        "t_wall_ns": 1_790_000_000 * 10**9, "pid": 1,
    }  # fmt: skip
    if writer == "lsp":
        fields |= {"encoding": encoding, "editor": "trace", "editor_pid": 7}
    return encode_frame(RecordKind.HEADER, pack_body(fields))


def message(t_ns: int, method: str, params: object, kind: int = RecordKind.LSP) -> bytes:
    """Return the frame of a message."""
    raw = json.dumps(params, separators=(",", ":")).encode()
    return encode_frame(kind, pack_body([t_ns, method, raw]))


def opened(t_ns: int, path: str, text: str, language: str) -> bytes:
    """Return the frame of a document that an editor opened."""
    document = {"uri": _uri(path), "languageId": language, "version": 0, "text": text}
    return message(t_ns, "textDocument/didOpen", {"textDocument": document})


def changed(
    t_ns: int, path: str, text: LineText, version: int, edit: tuple[int, int, str]
) -> bytes:
    """Return the frame of one edit (start, deleted, text), and make it in the text."""
    start, deleted, put = edit
    places = [_place(text, offset) for offset in (start, start + deleted)]
    text.replace(start, deleted, put)
    change = {"range": dict(zip(("start", "end"), places, strict=True)), "text": put}
    params = {"textDocument": {"uri": _uri(path), "version": version}, "contentChanges": [change]}
    return message(t_ns, "textDocument/didChange", params)


def evidence(t_ns: int, path: str, version: int) -> bytes:
    """Return the frame in which a companion says that a key made the edit."""
    said = {"uri": _uri(path), "version": version, "reason": "key", "detail": "insert"}
    return message(t_ns, "signoff/evidence", said, RecordKind.COMPANION)


def _uri(path: str) -> str:
    return f"file://{ROOT}/{path}"


def _place(text: LineText, offset: int) -> dict[str, int]:
    line, at = text.place_of(offset)
    return {"line": line, "character": offset - at}


def write_journals(episode: Episode, folder: Path) -> None:
    """Write the journals that sealing turns into an episode like this one."""
    names = ("lsp", "run")
    encoding = "utf-16" if _is_without_pairs(episode) else "utf-32"
    files = {name: (folder / f"{name}-1-abcd.0.journal").open("wb") for name in names}
    for name, file in files.items():
        file.write(header(name, encoding=encoding))
    for name, frame in _frames(episode):
        files[name].write(frame)
    for file in files.values():
        file.close()


def _is_without_pairs(episode: Episode) -> bool:
    return (
        max("".join([episode.edits.text, *map(decode_text, episode.blobs)]), default="") <= "\uffff"
    )


def _frames(episode: Episode) -> Iterator[tuple[str, bytes]]:
    texts: dict[str, LineText] = {}
    for version, step in enumerate(episode.ordered(), 1):
        t_ns = START_NS + step.t_ns
        if isinstance(step, Edit):
            path = episode.files[step.file]
            edit = (step.start, step.deleted, step.text)
            yield "lsp", changed(t_ns, path, texts[path], version, edit)
        elif isinstance(step, OpenStep) and step.path is not None and step.blob is not None:
            content = decode_text(episode.blobs[step.blob])
            texts[step.path] = LineText(content)
            yield "lsp", opened(t_ns, step.path, content, step.language or "")
        elif isinstance(step, SaveStep):
            saved = {"t_boot_ns": t_ns, "uri": _uri(step.path or "")}
            yield "lsp", encode_frame(RecordKind.SAVE, pack_body(saved))
        else:
            fields = _journalled(step, t_ns)
            yield (
                "run" if fields["kind"] in _RUN_BY else "lsp",
                encode_frame(RecordKind.STEP, pack_body(fields)),
            )


def _journalled(step: StepBase, t_ns: int) -> dict[str, object]:
    fields = {name: value for name, value in step_json(step).items() if name not in _OURS}
    if step.path is not None:
        fields["path"] = f"{ROOT}/{step.path}"
    if isinstance(step, TestsStep):
        fields["cases"] = list(step.cases.rows())
    return {"t_boot_ns": t_ns, **fields}
