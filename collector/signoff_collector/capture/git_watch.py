"""Notice what git did in one work tree, by looking; nothing is installed and nothing waits for us.

A look costs a few `stat` calls. Only when one of them differs are reflogs and refs read and git
plumbing asked, through the one safe `Git`. See `docs/git.md`.
"""

from __future__ import annotations
