"""What `hub/deploy` starts is the real verb, pinned, unprivileged and on the loopback."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pytest
import yaml

from signoff_hub.commands import hub

DEPLOY = Path(__file__).resolve().parents[2] / "hub" / "deploy"
PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z]+)*")
SERVICES = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
LINES = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()


def said(word: str) -> list[str]:
    """Return what the lines of a Containerfile that begin with a word say."""
    return [line.removeprefix(f"{word} ") for line in LINES if line.startswith(f"{word} ")]


def parsed(words: list[str]) -> argparse.Namespace:
    """Read words as `signoff` does."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    hub.add_arguments(parser.add_subparsers(required=True).add_parser("hub"))
    return parser.parse_args(words)


def test_what_the_containers_start_is_the_real_verb() -> None:
    for words in (SERVICES["hub"]["command"], json.loads(said("CMD")[-1])):
        asked = parsed(words)
        assert asked.part == "serve"
        assert asked.behind_proxy, "the proxy speaks TLS"
        assert (asked.listen, str(asked.data)) == ("0.0.0.0:8443", "/data")
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        parsed(["hub", "serve", "--data", "/data", "--none"])


def test_every_image_is_pinned_by_its_version() -> None:
    images = [*said("FROM"), *(one["image"] for one in SERVICES.values())]
    assert len(images) == 4
    for image in images:
        assert PINNED.fullmatch(image), image


def test_only_the_proxy_is_published_and_on_the_loopback() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert list(published) == ["proxy"]
    assert all(port.startswith("127.0.0.1:") for port in published["proxy"])
    assert SERVICES["database"]["networks"] == ["inside"]


def test_the_node_has_no_rights_but_its_volume() -> None:
    assert said("USER") == ["10001"]
    node = SERVICES["hub"]
    assert (node["read_only"], node["cap_drop"]) == (True, ["ALL"])
    assert node["security_opt"] == ["no-new-privileges:true"]
    assert node["volumes"] == ["hub:/data"]
    assert not any(one.get("privileged") for one in SERVICES.values())


def test_no_secret_stands_in_a_file_or_an_argument() -> None:
    for path in DEPLOY.iterdir():
        assert not re.search(r"://[^/\s:@]+:[^/\s@]+@", path.read_text("utf-8")), path.name
    for one in SERVICES.values():
        for name, value in one.get("environment", {}).items():
            is_secret = re.search("PASS|KEY|TOKEN|SECRET", name) is not None
            assert not is_secret or value.startswith("/run/secrets/"), name


def test_its_health_is_asked_where_the_node_answers() -> None:
    (check,) = re.findall(r"urlopen\(\'([^\']+)", "\n".join(LINES))
    assert check == "http://127.0.0.1:8443/readyz"
    (asked,) = re.findall(r"CMD (\[.*urlopen.*)", "\n".join(LINES))
    assert SERVICES["hub"]["healthcheck"]["test"] == ["CMD", *json.loads(asked)]
