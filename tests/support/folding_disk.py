"""A disk in FUSE that takes two spellings for one name, as APFS and NTFS do.

    python tests/support/folding_disk.py BASE MOUNT

Names are kept as they were given (APFS "preserves"), and found in any case and either normal form
of Unicode. Files are those of the folder BASE. Ends when it is unmounted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def folding_disk(folder: Path) -> Iterator[Path]:
    """Mount such a disk below a folder; yield its place. Skipped where there is no FUSE."""
    from tests.support.deadline import wait_until  # the process that serves does not find it

    pytest.importorskip("mfusepy", reason="made by `make e2e-platforms`")
    base, mount = folder / "base", folder / "disk"
    base.mkdir(parents=True)
    mount.mkdir()
    served = subprocess.Popen(
        [sys.executable, __file__, str(base), str(mount)],
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    try:
        wait_until(lambda: os.path.ismount(mount) or served.poll() is not None, "the disk")
        if served.poll() is not None:
            _missing(served)
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=False, capture_output=True)
        served.kill()
        served.communicate()


def _missing(served: subprocess.Popen[bytes]) -> None:
    served.kill()
    text = (served.communicate()[1] or b"").decode("utf-8", "replace")[-400:]
    if os.environ.get("CI"):
        pytest.fail(f"no FUSE: {text}")
    pytest.skip(f"no FUSE: {text}")


def _key(name: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def _serve(base: str, mount: str) -> None:
    import mfusepy as fuse

    class Folding(fuse.Operations):  # type: ignore[misc]
        use_ns = True

        def _own(self, path: str) -> str:
            """Return the path below BASE, each name as it was given when it was made."""
            at = base
            for name in path.strip("/").split("/"):
                if name and not os.path.lexists(f"{at}/{name}"):
                    with contextlib.suppress(OSError):
                        key = _key(name)
                        name = next((n for n in os.listdir(at) if _key(n) == key), name)  # noqa: PTH208, PLW2901
                at = f"{at}/{name}" if name else at
            return at

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            try:
                found = os.lstat(self._own(path))
            except OSError as error:
                raise fuse.FuseOSError(error.errno) from None
            names = ("st_gid", "st_mode", "st_nlink", "st_size", "st_uid", "st_ino")
            times = ("st_atime", "st_ctime", "st_mtime")
            plain = {name: getattr(found, name) for name in names}
            return plain | {name: getattr(found, f"{name}_ns") for name in times}

        def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, int], int]]:
            with os.scandir(self._own(path)) as entries:
                found = [(e.name, e.stat(follow_symlinks=False)) for e in entries]
            listed = [(n, {"st_ino": s.st_ino, "st_mode": s.st_mode}, 0) for n, s in found]
            return [(".", {"st_ino": 1}, 0), ("..", {"st_ino": 1}, 0), *listed]

        def rename(self, old: str, new: str, flags: int = 0) -> None:
            source, target = self._own(old), self._own(new)
            if source == target:  # another spelling of its own name
                target = os.path.join(os.path.dirname(target), os.path.basename(new))  # noqa: PTH118, PTH119, PTH120
            os.rename(source, target)  # noqa: PTH104

        def create(self, path: str, mode: int, fi: object = None) -> int:
            return os.open(self._own(path), os.O_RDWR | os.O_CREAT, mode)

        def open(self, path: str, flags: int) -> int:
            return os.open(self._own(path), flags & ~os.O_NOFOLLOW)

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return os.pread(fh, size, offset)

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            return os.pwrite(fh, data, offset)

        def truncate(self, path: str, length: int, fh: int | None = None) -> None:
            os.truncate(self._own(path), length)

        def release(self, path: str, fh: int) -> None:
            os.close(fh)

        def fsync(self, path: str, datasync: int, fh: int) -> None:
            os.fsync(fh)

        def flush(self, path: str, fh: int) -> int:
            return 0

        def access(self, path: str, mode: int) -> None:
            if not os.access(self._own(path), mode):
                raise fuse.FuseOSError(errno.EACCES)

        def chmod(self, path: str, mode: int) -> None:
            os.chmod(self._own(path), mode)  # noqa: PTH101

        def chown(self, path: str, uid: int, gid: int) -> None:
            os.lchown(self._own(path), uid, gid)

        def mkdir(self, path: str, mode: int) -> None:
            os.mkdir(self._own(path), mode)  # noqa: PTH102

        def rmdir(self, path: str) -> None:
            os.rmdir(self._own(path))  # noqa: PTH106

        def unlink(self, path: str) -> None:
            os.unlink(self._own(path))  # noqa: PTH108

        def symlink(self, target: str, source: str) -> None:
            os.symlink(source, self._own(target))  # noqa: PTH211

        def readlink(self, path: str) -> str:
            return os.readlink(self._own(path))  # noqa: PTH115

        def link(self, target: str, source: str) -> None:
            os.link(self._own(source), self._own(target))

        def utimens(self, path: str, times: tuple[int, int] | None = None) -> None:
            os.utime(self._own(path), ns=times)

        def statfs(self, path: str) -> dict[str, int]:
            found = os.statvfs(self._own(path))
            names = ("bavail", "bfree", "blocks", "bsize", "favail", "ffree", "files", "frsize")
            return {f"f_{name}": getattr(found, f"f_{name}") for name in (*names, "namemax")}

    fuse.FUSE(
        Folding(), mount, foreground=True, nothreads=True, use_ino=True,
        attr_timeout=0, entry_timeout=0, negative_timeout=0,
    )  # fmt: skip


if __name__ == "__main__":
    _serve(*sys.argv[1:])
