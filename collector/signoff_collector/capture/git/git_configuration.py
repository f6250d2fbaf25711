"""Build a private git configuration for our calls, from the settings that name no program.

A repository's configuration, the files it includes, and its attributes can change between any two
calls, so no list of the programs that they name stays current. Therefore git reads those files only
to list settings: for every other call it gets a private common folder with our own configuration
(docs/decisions/0022-git-without-configuration.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from signoff_collector.own_files.scratch import scratch_folder
from signoff_schemas.errors import ChildFailedError

LIST_SETTINGS: Final = ("config", "--list", "--show-origin", "-z")
"""Lists each setting with the file it comes from; `git config` starts no program."""

_KEPT: Final = re.compile(
    r"""
    core\.(autocrlf|bigfilethreshold|checkroundtripencoding|checkstat|eol|filemode|ignorecase
          |longpaths|precomposeunicode|protecthfs|protectntfs|sparsecheckout|sparsecheckoutcone
          |symlinks|trustctime)
    | index\.sparse
    | sparse\.expectfilesoutsideofpatterns
    | branch\..+\.(merge|remote)
    | remote\..+\.fetch
    """,
    re.VERBOSE | re.DOTALL,
)
"""Allow-list of settings: how files are compared, and where a branch's upstream is. A setting may
be added only when no value of it makes git start a program or open a connection.
"""
_FORMAT: Final = re.compile(
    r"core\.repositoryformatversion|extensions\.(?!worktreeconfig$|partialclone$).+", re.DOTALL
)
"""Settings of the repository format; git reads these from the repository's own file alone. Without
`partialclone` git does not fetch objects; without `worktreeconfig` it reads no second file.
"""
_INCLUDES: Final = re.compile(r"include\.path|includeif\..+\.path", re.DOTALL)
_LINKED: Final = ("info", "logs", "packed-refs", "refs", "reftable", "shallow", "worktrees")
"""What git looks for in the common folder, besides objects and the configuration."""
_ESCAPED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


class Settings(NamedTuple):
    """The settings in force for a repository, from all its configuration files."""

    config: bytes
    """The content of a configuration file with the settings that are kept."""
    files: tuple[Path, ...]
    """All files that were read or included, existing or not."""


def keep_settings(listing: bytes, own_file: Path, home: Path) -> Settings:
    """Select the settings to keep from the output of `LIST_SETTINGS`.

    Args:
        listing: pairs of origin and `name LF value`, each ended by NUL.
        own_file: the configuration file of the repository.
        home: what `~` stands for.
    """
    fields = listing.decode("utf-8", "surrogateescape").split("\0")
    lines: list[str] = []
    files: dict[Path, None] = {}
    for origin, setting in zip(fields[::2], fields[1::2], strict=False):
        kind, _, place = origin.partition(":")
        if kind != "file":
            continue
        file = Path(os.path.normpath(place))  # from a linked work tree it is named with `..`
        files[file] = None
        name, equals, value = setting.partition("\n")
        is_format = _FORMAT.fullmatch(name) is not None and file == own_file
        if _INCLUDES.fullmatch(name):
            files[file.parent / re.sub(r"^~(?=/)", lambda _: str(home), value)] = None
        if is_format or _KEPT.fullmatch(name):
            lines.append(_as_line(name, value if equals else "true"))
    config = "".join(lines).encode("utf-8", "surrogateescape")
    return Settings(config=config, files=tuple(files))


def as_configuration(settings: Mapping[str, str]) -> bytes:
    """Write settings as the content of a configuration file."""
    lines = (_as_line(name, value) for name, value in settings.items())
    return "".join(lines).encode("utf-8", "surrogateescape")


def _as_line(name: str, value: str) -> str:
    section, _, rest = name.partition(".")
    subsection, _, key = rest.rpartition(".")
    head = f'{section} "{subsection.translate(_ESCAPED)}"' if subsection else section
    return f'[{head}]\n\t{key} = "{value.translate(_ESCAPED)}"\n'


@contextmanager
def private_common_dir(common_dir: Path, config: bytes) -> Generator[dict[str, str]]:
    """Create the private folder for one call of git; yield the variables that make git use it.

    Raises:
        ChildFailedError: it cannot be created.
    """
    with scratch_folder("signoff-git-", what="git") as name:
        folder = Path(name)
        try:
            (folder / "config").write_bytes(config)
            for linked in _LINKED:
                (folder / linked).symlink_to(common_dir / linked)
        except OSError as error:
            raise ChildFailedError(f"cannot write to {folder}: {error.strerror}") from error
        yield {
            "GIT_COMMON_DIR": name,
            "GIT_OBJECT_DIRECTORY": str(common_dir / "objects"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": name,
            "XDG_CONFIG_HOME": name,
        }
