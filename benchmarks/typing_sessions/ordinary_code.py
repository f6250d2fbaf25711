"""Real code to stand around secrets: pieces of Python's standard library.

The modules are named here, and nothing that happens to be installed counts: one release of
Python gives the same text on every machine.
"""

from __future__ import annotations

import random
import sysconfig
from functools import cache
from pathlib import Path
from typing import Final

_LEAST_LINES: Final = 60
_MODULES: Final = """
    _collections_abc _markupbase _py_abc _strptime _threading_local _weakrefset abc ast
    base64 bdb bisect bz2 calendar cmd code codecs codeop colorsys compileall configparser
    contextlib copy copyreg csv dataclasses difflib dis enum filecmp fileinput fnmatch
    fractions ftplib functools genericpath getopt getpass gettext glob graphlib gzip hashlib heapq
    hmac imaplib io ipaddress keyword linecache locale lzma mailbox mimetypes modulefinder netrc
    ntpath numbers opcode operator optparse os pdb pickle pickletools pkgutil platform plistlib
    poplib posixpath pprint pstats pty py_compile pyclbr queue quopri random reprlib
    rlcompleter runpy sched secrets selectors shelve shlex shutil signal smtplib socket
    socketserver ssl stat statistics stringprep subprocess symtable tabnanny tarfile
    tempfile textwrap threading timeit token tokenize trace traceback tracemalloc types typing uuid
    warnings wave weakref webbrowser zipapp zipimport
    asyncio/base_events asyncio/events asyncio/futures asyncio/locks asyncio/queues asyncio/runners
    asyncio/sslproto asyncio/staggered asyncio/streams asyncio/subprocess asyncio/tasks
    asyncio/transports asyncio/unix_events collections/__init__ concurrent/futures/_base
    concurrent/futures/process concurrent/futures/thread ctypes/__init__ ctypes/util dbm/dumb
    email/_parseaddr email/charset email/feedparser email/generator email/header
    email/headerregistry email/message email/parser email/policy email/utils
    html/parser http/client http/cookiejar http/cookies http/server importlib/abc importlib/util
    json/decoder json/encoder json/scanner json/tool logging/config logging/handlers
    multiprocessing/connection multiprocessing/context multiprocessing/heap
    multiprocessing/managers multiprocessing/pool multiprocessing/process multiprocessing/queues
    multiprocessing/reduction multiprocessing/shared_memory multiprocessing/synchronize
    sqlite3/dump tomllib/_parser unittest/async_case unittest/case unittest/loader unittest/main
    unittest/mock unittest/result unittest/runner unittest/suite urllib/error urllib/parse
    urllib/request urllib/response urllib/robotparser wsgiref/handlers wsgiref/headers
    wsgiref/simple_server wsgiref/util wsgiref/validate xml/dom/expatbuilder xml/dom/minidom
    xml/dom/pulldom xml/etree/ElementPath xml/etree/ElementTree xml/sax/expatreader
    xml/sax/handler xml/sax/saxutils xml/sax/xmlreader xmlrpc/client xmlrpc/server
    zoneinfo/_common zoneinfo/_tzpath zoneinfo/_zoneinfo
"""
"""Each has a file and many lines in every release since 3.11; one that a later release took out
is left out."""


@cache
def _files() -> tuple[Path, ...]:
    folder = Path(sysconfig.get_path("stdlib"))
    return tuple(path for name in _MODULES.split() if (path := folder / f"{name}.py").is_file())


@cache
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())


def some_code(source: random.Random, count: int) -> str:
    """Return so many lines of a real file, from the start of some block."""
    while True:
        lines = _lines(source.choice(_files()))
        if len(lines) < _LEAST_LINES:
            continue
        start = source.randrange(0, max(1, len(lines) - count))
        return "\n".join(lines[start : start + count]) + "\n"
