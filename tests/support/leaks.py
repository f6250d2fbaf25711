"""Searches an episode for what should be gone: 6-character windows, everywhere.

Everywhere is: the bytes of the file, the decompressed stream, every string of every step,
every state of every text, the stream of inserted text, and those without line ends.
"""

from __future__ import annotations

import io
import random
import string
from collections.abc import Iterable

import zstandard

from signoff_collector.episode.content import Episode
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import TextStates
from signoff_schemas.steps import step_json

WINDOW = 6


def random_secret(seed: int, length: int = 24) -> str:
    """Return a secret made from a printed seed: letters and digits, never a word."""
    print(f"secret from seed {seed}, length {length}")  # noqa: T201
    source = random.Random(f"secret {seed}")  # noqa: S311
    letters = string.ascii_letters + string.digits
    while True:
        secret = "".join(source.choice(letters) for _ in range(length))
        if sum(char.isdigit() for char in secret) * 5 >= length:
            return secret


def windows(secret: str) -> set[str]:
    """Return every run of 6 characters of a secret."""
    return {secret[i : i + WINDOW] for i in range(len(secret) - WINDOW + 1)}


def all_states(episode: Episode) -> Iterable[str]:
    """Yield every text after every step that changed it."""
    states = TextStates(episode)
    for _ in states.walk():
        for text in states.texts.values():
            yield text.chars


def leaks_in_episode(episode: Episode, secrets: Iterable[str]) -> list[str]:
    """Return where windows of the secrets are still to be seen."""
    wanted = set().union(*(windows(secret) for secret in secrets))
    seen: set[str] = set()
    found: list[str] = []

    def look(place: str, text: str) -> None:
        if text in seen:
            return
        seen.add(text)
        flat = "".join(text.split())
        found.extend(f"{place}: a window" for one in wanted if one in text or one in flat)

    for state in all_states(episode):
        look("a state", state)
    look("inserted text", episode.edits.text)
    look("reversed edits", "".join(reversed(episode.edits.texts())))
    for step in episode.steps:
        for pointer, text in strings_of(step):
            look(f"step {step.seq}{pointer}", text)
        look(f"step {step.seq}", str(step_json(step)))
    look("header", str(episode.header.model_dump()))
    look("files", "\n".join(episode.files))
    for place, blob in enumerate(episode.blobs):
        look(f"blob {place}", blob.decode("utf-8", "replace"))
    return found


def leaks_in_bytes(data: bytes, secrets: Iterable[str]) -> list[str]:
    """Return the windows of the secrets in a file and in its decompressed stream."""
    with zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(data), read_across_frames=True
    ) as reader:
        plain = reader.read()
    wanted = set().union(*(windows(secret) for secret in secrets))
    return [one for one in sorted(wanted) if one.encode() in plain or one.encode() in data]
