"""Chapters and red tests in the page: of the very bytes that it shows, masked as they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from tests.collector.review.serving.conftest import Served
from tests.support.episodes import ASTRAL
from tests.support.review_page import CLIENT, PageClient, put_base
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor


def day() -> bytes:
    """Return a task for a customer, whose name stands in every title."""
    test = f"tests/test_app.py::test_{CLIENT}"
    typist = Typist(cursors=True)
    typist.open("src/app.py", f"# {ASTRAL}\n")
    typist.begin_task(f"bill for {CLIENT}")
    run_tests(typist, {test: "failed"})
    typist.type_at_end("src/app.py", "x = 1\n")
    typist.save("src/app.py")
    run_tests(typist, {test: "passed"})
    typist.commit(f"bill {CLIENT}")
    return write_episode(Redactor(RedactionPolicy()).redact_episode(typist.episode()))


def storyline_of(client: PageClient, data: bytes) -> str:
    answer = client.get(f"/api/storyline/{hashlib.sha256(data).hexdigest()}")
    assert answer.status == 200, answer.raw
    told = answer.json()
    assert told["chapters"]
    assert told["red"]
    return json.dumps(told, ensure_ascii=False)


def test_a_mask_of_the_review_is_in_the_titles_of_what_is_shared(
    home: object, serve: Callable[..., Served]
) -> None:
    del home
    served = serve(put_base(day()))
    client = served.open()
    base = client.get("/api/base").body
    assert f"bill for {CLIENT}" in storyline_of(client, base)
    last = served.reviewing.file.base.episode.step_count - 1
    client.put_plan(keeps=[{"from_seq": 0, "to_seq": last}])
    unmasked = client.get("/api/keeps/0/preview").body
    assert CLIENT in storyline_of(client, unmasked)
    assert client.post("/api/mask", {"value": CLIENT}).status == 200
    preview = client.get("/api/keeps/0/preview").body
    assert CLIENT not in storyline_of(client, preview)
    final = str(client.post("/api/keeps/0/final", {}).json()["sha256"])
    content = client.get(f"/api/final/{final}").body
    assert CLIENT not in storyline_of(client, content)


def test_what_was_never_shown_has_no_storyline(home: object, serve: Callable[..., Served]) -> None:
    del home
    client = serve(put_base(day())).open()
    for name in ("0" * 64, "nothing"):
        assert client.get(f"/api/storyline/{name}").status == 404
