"""What a window shows that was loaded again: words, and nothing of the review.

The bearer token lives in the memory of the page alone (threat 32), so a reload loses it. This page
is the same for everybody who gets it.
"""

from __future__ import annotations

from typing import Final

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width"><title>Signoff</title>
<style nonce="@NONCE@">
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 12vh auto 0; padding: 0 1.5rem; }
code { font-family: ui-monospace, monospace; }
</style></head>
<body><main>
<h1>This page was loaded again, and is empty now</h1>
<p>What you decided is saved, and what you signed is signed. Nothing was sent.</p>
<p>Only the page that was open could ask for the review: what it needed for that was in its memory
alone, so that nobody else can open it.</p>
<h2>Go on</h2>
<ul>
<li>Press Enter in the terminal where <code>signoff review</code> runs. It opens the review
where you left it.</li>
<li>Is there no such terminal? Start the review again: <code>signoff review</code>, or
<em>Review</em> in your editor.</li>
</ul>
</main></body></html>
"""


def loaded_again(nonce: str) -> bytes:
    """Return the page as UTF-8; the nonce is of its style."""
    return _PAGE.replace("@NONCE@", nonce).encode()
