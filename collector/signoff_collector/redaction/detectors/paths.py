r"""Detect absolute paths in every spelling: POSIX, Windows, WSL, UNC, `file:` URLs, escaped.

Home and workspace are found by exact value in all texts. In strings (outputs, messages,
commands) any other absolute path that reveals the layout of a machine is shortened to its
harmless tail: `<TMP>/x`, `<ABS>/site-packages/requests/api.py`. Folders that every machine has
(`/usr`, `/etc`) stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

_SEPARATOR: Final = r"(?:[\\/]{1,4}|%2[Ff]|%5[Cc])"
_FIRST: Final = r"(?:\\{1,4}|\\?/|%2[Ff]|%5[Cc])"
_DRIVE: Final = re.compile(r"([A-Za-z]):[\\/]")
_IN_WSL: Final = (
    rf"(?:wsl(?:\$|%24|\.localhost){_SEPARATOR}[\w.-]{{1,40}}|wsl(?:\+|%2[Bb])[\w.-]{{1,40}})"
)
OTHER_HOME: Final = (
    rf"(?:(?:(?<![\w.-])|(?:{_IN_WSL}))(?:{_FIRST}(?:var{_SEPARATOR}|export{_SEPARATOR})?"
    rf"(?:home|Users){_SEPARATOR})"
    rf"|(?:\b[A-Za-z](?::|%3[Aa])|(?:{_SEPARATOR}mnt)?{_SEPARATOR}[a-z])"
    rf"{_SEPARATOR}(?i:Users){_SEPARATOR})(?P<other>[^\W_](?:[\w.-]|%20| (?=[\w.-]+\\)){{0,62}}\w)"
)
"""Any user's home folder; the group `other` is the user name."""
_PART: Final = r"[^\s\\/:*?\"'<>|()\[\]{},;=]"
_TEMPORARY: Final = re.compile(
    rf"(?<![\w.>-])(?:/private)?(?:/tmp|/var/tmp|/dev/shm|/var/folders/{_PART}+/{_PART}+/[TC0])(?=[/\s\"':,;)\]]|$)"
    rf"|(?i:[a-z]:[\\/]+(?:Windows[\\/]+)?Temp)(?=[\\/])"
    rf"|(?<=[\\/])(?i:AppData[\\/]+Local[\\/]+Temp)(?=[\\/])"
    rf"|(?<![\w.>-])/run/user/[0-9]+(?=[/\s\"':,;)\]]|$)"
)
_ROOTS: Final = (
    r"mnt|media|srv|opt|Volumes|export|nfs|net|scratch|data\d*|projects?|repos?|workspaces?|work"
    r"|builds?|code|app|apps|storage|nix|snap|Applications|Library"
)
_KEPT_TAIL: Final = (
    r"(?:site-packages|dist-packages|node_modules|lib(?:64)?[\\/]+python3?[\d.]*|bin)(?=[\\/])"
)
_ELSEWHERE: Final = re.compile(
    rf"(?:(?<![\w.>:/\\-])/(?:{_ROOTS})(?=/{_PART})"
    rf"|(?<![\w])[A-Za-z]:[\\/]{{1,2}}(?=[\w.])(?!(?i:windows|program files|users)\b)"
    rf"|(?<![\w\\:])\\\\{{1,3}}(?!wsl)[\w.-]+\\{{1,2}}[\w$.-]+(?=\\)"
    rf")(?P<rest>(?:[\\/]{{0,4}}{_PART}+)*)"
)
_BEHIND_HOST: Final = re.compile(r"://[^\s/]*\Z")


def folder_pattern(folder: str) -> str:
    """Return a regular expression for all spellings of an absolute folder."""
    drive = _DRIVE.match(folder)
    parts = [part for part in re.split(r"[\\/]", folder[2:] if drive else folder) if part]
    spelled = [f"(?:{'|'.join(dict.fromkeys(map(re.escape, (p, quote(p)))))})" for p in parts]
    tail = _SEPARATOR.join(spelled) + r"(?![\w-]|\.\w)"
    if drive is None:
        apart = r"(?<![\w.-])" if len(parts) < 2 else ""
        return rf"(?:{_IN_WSL}|{apart}){_FIRST}{tail}"
    letter = drive[1]
    start = (
        rf"(?:(?<![\w])[{letter.upper()}{letter.lower()}](?::|%3[Aa])"
        rf"|(?:{_SEPARATOR}(?:mnt|cygdrive))?{_SEPARATOR}{letter.lower()})"
    )
    return rf"(?i:{start}{_SEPARATOR}{tail})"


def find_folders(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield start, end, kind and value of paths that reveal the layout of a machine.

    For strings only: in source code an absolute path is as likely the route of a web service.
    """
    if "/" not in text and "\\" not in text:
        return
    for match in _TEMPORARY.finditer(text):
        yield *match.span(), "TMP", "tmp"
    for match in _ELSEWHERE.finditer(text):
        if _BEHIND_HOST.search(text[max(0, match.start() - 256) : match.start()]):
            continue
        end = _kept_from(match[0])
        yield match.start(), match.start() + end, "ABS", match[0][:end].lower()


def _kept_from(path: str) -> int:
    """Return the offset of the tail of a path that does not depend on this machine."""
    known = re.search(rf"[\\/]+{_KEPT_TAIL}", path)
    if known is not None:
        return known.start()
    return max(path.rstrip("\\/").rfind("/"), path.rstrip("\\/").rfind("\\"))
