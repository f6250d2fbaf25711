"""What redaction makes of the paths of real trees, and of secrets planted in such paths.

    python benchmarks/path_names.py [FOLDER ...]

Walks the folders (without one: the installed packages) and says how many of 100,000 paths get
a mask when they are judged name by name, as sealing does, and when each is read as one line
of text, with the names that are masked most and the cost. Then plants secrets of every kind in
paths of the same trees, from a printed seed, and counts those of which six characters are left.
"""

from __future__ import annotations

import os
import platform
import random
import sys
import sysconfig
import time
from collections import Counter
from pathlib import Path
from typing import Final

from typing_sessions.secret import Secret
from typing_sessions.secret_kinds import KINDS, invented_kind

from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable

PLANTED: Final = 2_000
NAMED: Final = 12
USER: Final = "wilma-roth"


def main() -> None:
    """Measure and print."""
    folders = [Path(one) for one in sys.argv[1:]] or [Path(sysconfig.get_paths()["purelib"])]
    paths = [path for folder in folders for path in _paths_in(folder)]
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(f"{len(paths)} paths, {len({name for one in paths for name in one.split('/')})} names")
    masker = _masker()
    begun = time.process_time()
    by_name = [path for path in paths if masker.mask_path(path) != path]
    cpu_s = time.process_time() - begun
    _say("name by name", by_name, len(paths))
    print(f"  {cpu_s * 1e5 / max(1, len(paths)):.2f} s of CPU for 100,000 paths")
    masker = _masker()
    _say("as one line", [path for path in paths if masker.mask(path) != path], len(paths))
    for name, count in Counter(_masked_names(by_name)).most_common(NAMED):
        print(f"  {count:6} {name}")
    _plant(paths)


def _paths_in(folder: Path) -> list[str]:
    return sorted(
        str((Path(at) / name).relative_to(folder)).encode(errors="replace").decode()
        for at, _, names in os.walk(folder)
        for name in names
    )


def _masker() -> StringMasker:
    return StringMasker(SecretsTable(IdentityPatterns(Identities(user_names=(USER,)))))


def _say(how: str, masked: list[str], total: int) -> None:
    share = len(masked) * 100_000 / max(1, total)
    print(f"{how}: {len(masked)} masked, {share:.0f} of 100,000")


def _masked_names(paths: list[str]) -> list[str]:
    masker = _masker()
    names = [name for path in paths for name in path.split("/")]
    return [name for name in names if masker.mask_path(name) != name]


def _plant(paths: list[str]) -> None:
    seed = random.SystemRandom().randrange(10**6)
    source = random.Random(seed)  # noqa: S311
    issued = [kind for kind in KINDS if kind.is_issued]
    invented = [invented_kind(source) for _ in range(len(KINDS))]
    for called, kinds in (("of issuers", issued), ("of no issuer", invented)):
        planted, by_name, as_texts = 0, 0, 0
        missed: Counter[str] = Counter()
        while planted < PLANTED:
            secret = source.choice(kinds).make(source)
            if "/" in secret.text or "\n" in secret.text:
                continue
            planted += 1
            path = source.choice(WAYS)(source.choice(paths), secret, source)
            pieces = secret.windows()
            named, masker = _masker().mask_path(path), _masker()
            texts = "/".join([masker.mask(name) for name in path.split("/")])
            as_texts += any(one in texts for one in pieces)
            if any(one in named for one in pieces):
                by_name += 1
                missed[secret.kind] += 1
        share = f"to be seen {by_name}; with each name as a text {as_texts}"
        print(f"{planted} secrets {called}, seed {seed}: {share}")
        print(f"  {missed.most_common(NAMED)}")
    path = f"home/{USER}/letters/wilma@roth-works.io.txt"
    print(f"a user and an address: {_masker().mask_path(path)}")


def _as_file(path: str, secret: Secret, source: random.Random) -> str:
    end = source.choice((".txt", ".json", "", ".py", ".bak", ".js", ".png"))
    return f"{path.rpartition('/')[0]}/{secret.text}{end}"


def _as_folder(path: str, secret: Secret, source: random.Random) -> str:
    del source
    return f"{secret.text}/{path}"


def _behind_a_word(path: str, secret: Secret, source: random.Random) -> str:
    word = source.choice(("key-", "token_", "prod.", "user=", "my "))
    return f"{path.rpartition('/')[0]}/{word}{secret.text}.txt"


WAYS: Final = (_as_file, _as_folder, _behind_a_word)

if __name__ == "__main__":
    main()
