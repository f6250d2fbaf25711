"""A second verifier of a hub's log, from RFC 9162 and docs/hub/log.md; imports nothing of ours.

mirror FOLDER KEY | proof PROOF KEY | receipt RECEIPT RECEIPT.sig PROOF KEY | grown PROOF OLD NEW
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


class Bad(Exception):  # noqa: N818
    pass


def expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise Bad(what)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def mth(leaves: list[bytes]) -> bytes:
    """2.1.1: the root over leaf hashes, level by level; an odd one at the end moves up as it is."""
    level = list(leaves)
    while len(level) > 1:
        odd = level[len(level) // 2 * 2 :]
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha(b"\1", one, two) for one, two in pairs] + odd
    return level[0] if level else sha()


def root_by_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """2.1.3: the other way round than PATH(m, D[n]) is defined, consuming the path from its end."""
    if size == 1:
        expect(not path, "the path is too long")
        return leaf
    expect(bool(path), "the path is too short")
    half, beside = 1 << (size - 1).bit_length() - 1, path[-1]
    if index < half:
        return sha(b"\1", root_by_path(leaf, index, half, path[:-1]), beside)
    return sha(b"\1", beside, root_by_path(leaf, index - half, size - half, path[:-1]))


def roots_by_path(old: int, new: int, whole: bool, path: list, old_root: bytes) -> tuple:
    """2.1.4.1: the roots of both trees, as SUBPROOF(m, D[n], b) is defined, read backwards."""
    if old == new:
        expect(len(path) == (0 if whole else 1), "the path has another length")
        return (old_root, old_root) if whole else (path[0], path[0])
    expect(bool(path), "the path is too short")
    half, beside = 1 << (new - 1).bit_length() - 1, path[-1]
    if old <= half:
        one, two = roots_by_path(old, half, whole, path[:-1], old_root)
        return one, sha(b"\1", two, beside)
    one, two = roots_by_path(old - half, new - half, False, path[:-1], old_root)
    return sha(b"\1", beside, one), sha(b"\1", beside, two)


def hashes(text: str) -> list[bytes]:
    raw = base64.b64decode(text, validate=True)
    expect(len(raw) % 32 == 0, "a path holds half a hash")
    return [raw[at : at + 32] for at in range(0, len(raw), 32)]


def signed(content: bytes, signature: bytes, key: str, namespace: str) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "allowed").write_text(f"hub {key}\n")
        (pathlib.Path(folder) / "sig").write_bytes(signature)
        asked = f"ssh-keygen -Y verify -n {namespace} -I hub -f allowed -s sig".split()
        done = subprocess.run(asked, input=content, cwd=folder, capture_output=True, check=False)
    expect(done.returncode == 0, f"no good signature in {namespace}")
    return json.loads(content)


def inclusion(proof: dict, key: str) -> dict:
    head = signed(proof["head"].encode(), proof["signature"].encode(), key, "signoff-log-v1")
    committed = bytes.fromhex(proof["commitment"] or "")
    if proof["commitment"] is None:
        committed = sha(bytes.fromhex(proof["salt"]), proof["entry"].encode())
    expect(0 <= proof["leaf"] < head["size"], "the leaf is not in this tree")
    leaf = sha(b"\0", committed)
    found = root_by_path(leaf, proof["leaf"], head["size"], hashes(proof["path"]))
    expect(found.hex() == head["root"], "the path does not lead to the head")
    return json.loads(proof["entry"] or "{}")


def receipt(content: bytes, signature: bytes, proof: dict, key: str) -> None:
    body = signed(content, signature, key, "signoff-receipt-v1")
    entry = inclusion(proof, key)
    is_it = entry["kind"] == "admitted" and entry["subject"] == body["statement_sha256"]
    expect(is_it and proof["leaf"] == body["log_index"], "the leaf is not this admission")


def grown(proof: dict, old: dict, new: dict) -> None:
    sizes = proof["first"], proof["second"]
    expect(sizes == (old["size"], new["size"]) and 0 < sizes[0] <= sizes[1], "other sizes")
    roots = roots_by_path(*sizes, True, hashes(proof["path"]), bytes.fromhex(old["root"]))
    expect([one.hex() for one in roots] == [old["root"], new["root"]], "the log was changed")


def mirror(folder: pathlib.Path, key: str) -> int:
    heads, levels = {}, {}
    for file in folder.glob("heads/*.json"):
        signature = file.with_name(f"{file.name}.sig").read_bytes()
        head = signed(file.read_bytes(), signature, key, "signoff-log-v1")
        heads[head["size"]] = head["root"]
        expect(file.name == f"{head['size']}.json", f"{file.name} is another head")
    expect(bool(heads), "there is no head")
    for file in (one for one in folder.glob("tile/**/*") if one.is_file()):
        name, content = file.relative_to(folder / "tile").as_posix(), file.read_bytes()
        kind, _, rest = name.partition("/")
        index, _, width = rest.partition(".p/")
        step = 34 if kind == "entries" else 32
        expect(len(content) == step * int(width or 256), f"{name} has another length")
        first = int(index.replace("/", "").replace("x", "")) * 256
        for at in range(int(width or 256)):
            one = content[at * step : (at + 1) * step]
            known = levels.setdefault(kind, {}).setdefault(first + at, one)
            expect(known == one, f"{name} is not what another tile says")
    entries = [levels["entries"][n] for n in range(max(heads))]
    expect(all(one[:2] == b"\0\x20" for one in entries), "a bundle holds something else")
    nodes, level = [sha(b"\0", one[2:]) for one in entries], 0
    for size, root in heads.items():
        expect(mth(nodes[:size]).hex() == root, f"the head of {size} has another root")
    while nodes:
        held = levels.get(str(level), {})
        expect([held.get(n) for n in range(len(nodes))] == nodes, f"level {level} differs")
        whole = range(0, len(nodes) - 255, 256)
        nodes, level = [mth(nodes[at : at + 256]) for at in whole], level + 1
    return max(heads)


if __name__ == "__main__":
    what, *names = sys.argv[1:]
    if what == "mirror":
        mirror(pathlib.Path(names[0]), pathlib.Path(names[1]).read_text().strip())
    else:
        read = [pathlib.Path(name).read_bytes() for name in names]
        if what == "grown":
            grown(*map(json.loads, read))
        elif what == "proof":
            inclusion(json.loads(read[0]), read[1].decode().strip())
        else:
            receipt(read[0], read[1], json.loads(read[2]), read[3].decode().strip())
