"""Secrets made at random, each with the parts of it that nobody could guess."""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass
from typing import Final

ALPHABETS: Final = {
    "h": string.hexdigits[:16],
    "H": "0123456789ABCDEF",
    "d": string.digits,
    "a": string.ascii_lowercase + string.digits,
    "A": string.ascii_uppercase + string.digits,
    "m": string.ascii_letters + string.digits,
    "u": string.ascii_letters + string.digits + "_-",
    "b": string.ascii_letters + string.digits + "+/",
    "l": string.ascii_lowercase,
    "L": string.ascii_letters,
    "2": string.ascii_uppercase + "234567",
    "8": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "c": "023456789ACDEFGHJKLMNPQRSTUVWXYZ",
    "s": string.ascii_letters + string.digits + "!#%&*+-.:;=?@^_~",
    "S": string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~",
}
"""Letters of templates to the characters that they stand for."""
_WORDS_LIST: Final = (
    "anchor autumn balloon bramble candle cobalt copper dragon ember falcon feather forest"
    " galaxy garnet ginger glacier harbour hazel hollow indigo jasmine jungle kettle lantern"
    " lemon lizard magnet maple marble meadow monsoon nectar nickel oyster panther pebble"
    " pepper pigeon plasma poplar quartz rabbit raven ribbon river rocket saddle saffron"
    " silver summer thunder tiger timber tulip turtle velvet violet walnut willow winter zebra"
)
WORDS: Final = tuple(_WORDS_LIST.split())
_FIELD: Final = re.compile(r"\{([A-Za-z0-9]):(\d+)(?:-(\d+))?\}|\{(word|Word|uuid|leet|key)\}")
_WINDOW: Final = 6


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret, and what of it must not be seen."""

    text: str
    random_parts: tuple[str, ...]
    """Its pieces of 6 and more characters that are not the same for every such secret."""
    kind: str
    family: str
    """What sort of issuer it has; `human` for what people make up."""
    names: tuple[str, ...]
    """What a setting that holds it would be called."""
    is_issued: bool = False
    """Whether its shape alone tells what it is."""
    is_block: bool = False
    """Whether it has several lines."""

    def windows(self) -> set[str]:
        """Return every run of 6 characters that counts as a leak."""
        return {
            part[at : at + _WINDOW]
            for part in self.random_parts
            for at in range(len(part) - _WINDOW + 1)
        }


def fill(template: str, source: random.Random) -> tuple[str, tuple[str, ...]]:
    """Return a template with its fields at random, and its random parts.

    `{h:40}` is 40 characters of `ALPHABETS["h"]`, `{h:30-50}` some number between; `{word}`,
    `{Word}`, `{leet}`, `{uuid}` and `{key}` (a base64 block of 64-character lines) say
    themselves. Fields that touch are one part.
    """
    pieces: list[str] = []
    parts: list[str] = []
    place, joined = 0, False
    for match in _FIELD.finditer(template):
        between = template[place : match.start()]
        pieces.append(between)
        made = _field(match, source)
        pieces.append(made)
        if joined and not between:
            parts[-1] += made
        else:
            parts.append(made)
        place, joined = match.end(), True
    pieces.append(template[place:])
    lines = [line for part in parts for line in part.split("\n")]
    return "".join(pieces), tuple(line for line in lines if len(line) >= _WINDOW)


def _field(match: re.Match[str], source: random.Random) -> str:
    letter, least, most, name = match.groups()
    if letter is not None:
        count = source.randint(int(least), int(most or least))
        return _mixed(ALPHABETS[letter], count, source)
    if name == "uuid":
        whole = _mixed(ALPHABETS["h"], 32, source)
        return "-".join((whole[:8], whole[8:12], "4" + whole[13:16], whole[16:20], whole[20:]))
    if name == "key":
        lines = [_mixed(ALPHABETS["b"], 64, source) for _ in range(source.randint(4, 12))]
        return "\n".join([*lines, _mixed(ALPHABETS["b"], source.randint(7, 60), source)])
    word = source.choice(WORDS)
    if name == "leet":
        spelled = word.translate(str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0"}))
        return spelled.capitalize()
    return word.capitalize() if name == "Word" else word


def _mixed(alphabet: str, count: int, source: random.Random) -> str:
    """Return random characters; long ones hold a digit where the alphabet has any."""
    while True:
        made = "".join(source.choice(alphabet) for _ in range(count))
        has_digit = any(char.isdigit() for char in made)
        if has_digit or count < 16 or not any(char.isdigit() for char in alphabet):
            return made
