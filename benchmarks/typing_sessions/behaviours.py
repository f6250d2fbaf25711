"""Ways in which a line with a secret comes into a document, is changed and goes again.

Each takes the person, a path, the lines and the secret; the lines are whole and may be put at
any line's start. What the person does is what an editor would tell of it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from .person import Person
from .secret import Secret

Behaviour = Callable[[Person, str, str, Secret], None]


def _start(person: Person, path: str) -> int:
    return person.line_start(path)


def typed(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Key by key."""
    del secret
    person.type(path, _start(person, path), lines)


def typed_with_typos(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Key by key, some keys wrong and taken back, some seen only later."""
    del secret
    place = _start(person, path)
    typed_so_far = 0
    while typed_so_far < len(lines):
        if person.random.random() < 0.12:
            ahead = person.random.randint(0, min(4, len(lines) - typed_so_far))
            wrong = person.random.choice("qxzk7") + lines[typed_so_far : typed_so_far + ahead]
            end = person.type(path, place, wrong)
            person.backspace(path, end, len(wrong))
        place = person.type(path, place, lines[typed_so_far])
        typed_so_far += 1


def pasted(person: Person, path: str, lines: str, secret: Secret) -> None:
    """The line typed around a pasted secret, or all of it pasted."""
    start = _start(person, path)
    before, found, after = lines.partition(secret.text)
    if not found or person.random.random() < 0.4:
        person.paste(path, start, lines)
        return
    end = person.type(path, start, before + after)
    place = end - len(after)
    person.pause()
    person.paste(path, place, found)


def value_first(person: Person, path: str, lines: str, secret: Secret) -> None:
    """The bare secret first; what says that it is one comes later, maybe after a save."""
    start = _start(person, path)
    before, found, after = lines.partition(secret.text)
    if not found:
        person.type(path, start, lines)
        return
    person.paste(path, start, found)
    if person.random.random() < 0.5:
        person.recorder.save(path)
    person.pause()
    person.type(path, start + len(found), after)
    person.type(path, start, before)


def pasted_in_parts(person: Person, path: str, lines: str, secret: Secret) -> None:
    """In pieces, in any order."""
    del secret
    count = min(len(lines), person.random.randint(2, 6))
    cuts = sorted(person.random.sample(range(1, len(lines)), count - 1)) if count > 1 else []
    ends = [0, *cuts, len(lines)]
    pieces = [(low, lines[low:high]) for low, high in pairwise(ends)]
    if person.random.random() < 0.7:
        person.random.shuffle(pieces)
    start, done = _start(person, path), []
    for low, piece in pieces:
        place = start + sum(len(text) for at, text in done if at < low)
        person.paste(path, place, piece)
        done.append((low, piece))
        if person.random.random() < 0.3:
            person.pause()


def undone_and_redone(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed or pasted, undone in steps, redone in others, maybe undone for good."""
    del secret
    start = _start(person, path)
    if person.random.random() < 0.5:
        person.type(path, start, lines)
    else:
        person.paste(path, start, lines)
    for _ in range(person.random.randint(1, 2)):
        left = len(lines)
        while left:
            count = person.random.randint(1, left)
            person.change(path, start + left - count, count, "", "undo")
            left -= count
        while left < len(lines):
            count = person.random.randint(1, len(lines) - left)
            person.change(path, start + left, 0, lines[left : left + count], "redo")
            left += count
    if person.random.random() < 0.5:
        person.change(path, start, len(lines), "", "undo")


def given_up(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed up to somewhere inside the secret, then removed or left as it is."""
    at = lines.find(secret.text)
    least = max(1, at + 1)
    stop = person.random.randint(least, max(least, len(lines) - 1))
    start = _start(person, path)
    end = person.type(path, start, lines[:stop])
    person.pause()
    match person.random.randrange(3):
        case 0:
            person.backspace(path, end, stop)
        case 1:
            person.change(path, start, stop, "", "undo")
        case _:
            person.type(path, end, "\n")


def retyped(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Given up half-way, with a look at something else between, and typed anew."""
    given_up(person, path, lines, secret)
    person.pause()
    person.type(path, _start(person, path), lines)


def split_over_strings(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Broken into two string literals after it was typed."""
    start = _start(person, path)
    person.paste(path, start, lines)
    at = lines.find(secret.text)
    if at < 0 or len(secret.text) < 16:
        return
    middle = start + at + person.random.randint(8, len(secret.text) - 8)
    person.pause()
    quote = lines[at - 1] if at and lines[at - 1] in "\"'`" else '"'
    person.type(path, middle, person.random.choice([f"{quote} {quote}", f"{quote} + {quote}",
                                                    f"{quote}\n    {quote}", "\\\n"]))  # fmt: skip


def middle_outwards(person: Person, path: str, lines: str, secret: Secret) -> None:
    """From the middle of the secret, keys to the left and to the right in turn."""
    at = max(0, lines.find(secret.text))
    low = high = at + len(secret.text) // 2
    start = _start(person, path)
    while low > 0 or high < len(lines):
        is_left = low > 0 and (high == len(lines) or person.random.random() < 0.5)
        if is_left:
            low -= 1
            person.change(path, start, 0, lines[low])
        else:
            person.change(path, start + high - low, 0, lines[high])
            high += 1


def backwards(person: Person, path: str, lines: str, secret: Secret) -> None:
    """From its last character to its first."""
    del secret
    start = _start(person, path)
    for char in reversed(lines):
        person.change(path, start, 0, char)


def edited_inside(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed with other characters inside, which are set right one by one."""
    start = _start(person, path)
    at = lines.find(secret.text)
    if at < 0:
        person.type(path, start, lines)
        return
    places = person.random.sample(range(len(secret.text)), min(4, len(secret.text)))
    wrong = list(lines)
    for place in places:
        if wrong[at + place] != "\n":
            wrong[at + place] = person.random.choice("qxzk7Q")
    person.paste(path, start, "".join(wrong))
    person.pause()
    for place in places:
        person.change(path, start + at + place, 1, lines[at + place])
        if person.random.random() < 0.3:
            person.pause()


def slowly(person: Person, path: str, lines: str, secret: Secret) -> None:
    """With pauses, saves and test runs in the middle of it."""
    del secret
    place = _start(person, path)
    for char in lines:
        place = person.type(path, place, char)
        match person.random.randrange(40):
            case 0:
                person.recorder.save(path)
            case 1:
                person.recorder.wait(30_000)
            case 2:
                person.recorder.save(path)
                person.recorder.step("run", "command", argv=["make"], exit_code=1,
                                     output_state="full", output={"head": "failed\n"})  # fmt: skip
            case _:
                pass


def moved(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed, cut and put elsewhere."""
    del secret
    start = _start(person, path)
    person.type(path, start, lines)
    person.change(path, start, len(lines), "", "key")
    person.pause()
    person.paste(path, _start(person, path), lines)


def overtyped(person: Person, path: str, lines: str, secret: Secret) -> None:
    """A stand-in first, then the secret over it, at once or character by character."""
    at = lines.find(secret.text)
    start = _start(person, path)
    if at < 0:
        person.paste(path, start, lines)
        return
    stand_in = person.random.choice(["CHANGEME", "xxxx", "your-key-here", "TODO", "***"])
    person.type(path, start, lines.replace(secret.text, stand_in))
    person.pause()
    place, old = start + at, len(stand_in)
    if person.random.random() < 0.5:
        person.change(path, place, old, secret.text, "paste")
        return
    for number, char in enumerate(secret.text):
        person.change(path, place + number, 1 if number < old else 0, char)
    if len(secret.text) < old:
        person.change(path, place + len(secret.text), old - len(secret.text), "")


def in_three_places(person: Person, path: str, lines: str, secret: Secret) -> None:
    """With three cursors at once."""
    del secret
    start = _start(person, path)
    gap = "    pass\n"
    person.paste(path, start, gap * 3)
    for typed_so_far, char in enumerate(lines):
        step = len(gap) + typed_so_far
        changes = [(start + at * step + at + typed_so_far, 0, char) for at in range(3)]
        person.recorder.change(path, changes, None if person.is_silent else "key")
        person.recorder.wait(90)


def reformatted(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed, then the whole text is sent anew with other blanks."""
    del secret
    person.type(path, _start(person, path), lines)
    text = person.text(path)
    person.recorder.replace_all(path, text.replace("    ", "\t"))
    person.pause()
    person.recorder.replace_all(path, text)


def auto_closed(person: Person, path: str, lines: str, secret: Secret) -> None:
    """The editor closes each quote and bracket as it is opened."""
    del secret
    place = _start(person, path)
    closing = {'"': '"', "'": "'", "(": ")", "[": "]", "{": "}", "`": "`"}
    waiting: list[str] = []
    for char in lines:
        if waiting and char == waiting[-1]:
            waiting.pop()
            place += 1
            continue
        if char == "\n" and waiting:
            place += len(waiting)
            waiting.clear()
        if char in closing:
            person.change(path, place, 0, char + closing[char])
            waiting.append(closing[char])
        else:
            person.change(path, place, 0, char)
        place += 1


def swept_away(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Pasted and taken back key by key, from the end or from the front."""
    start = _start(person, path)
    at = lines.find(secret.text)
    person.paste(path, start, lines)
    if at < 0:
        return
    person.pause()
    count = person.random.randint(1, len(secret.text))
    if person.random.random() < 0.5:
        person.backspace(path, start + at + len(secret.text), count)
    else:
        for _ in range(count):
            person.change(path, start + at, 1, "")


def transposed(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Two neighbours the wrong way round, set right after a save."""
    at = lines.find(secret.text)
    start = _start(person, path)
    if at < 0 or len(secret.text) < 4:
        person.type(path, start, lines)
        return
    place = at + person.random.randrange(1, len(secret.text) - 1)
    turned = lines[:place] + lines[place + 1] + lines[place] + lines[place + 2 :]
    person.type(path, start, turned)
    person.recorder.save(path)
    person.pause()
    person.change(path, start + place, 2, lines[place : place + 2])


def beside_ordinary_edits(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed, with the line indented, commented out, doubled and renamed around it."""
    del secret
    start = _start(person, path)
    end = person.type(path, start, lines)
    for prefix in ("    ", "# "):
        person.change(path, start, 0, prefix)
        end += len(prefix)
    person.change(path, start + 4, 2, "")
    end -= 2
    person.change(path, end, 0, person.text(path)[start:end], "paste")
    person.pause()
    person.change(path, start, 4, "")


def lines_joined(person: Person, path: str, lines: str, secret: Secret) -> None:
    """A line break inside the secret, taken out again."""
    at = lines.find(secret.text)
    if at < 0 or len(secret.text) < 4:
        person.type(path, _start(person, path), lines)
        return
    start = _start(person, path)
    middle = at + person.random.randint(1, len(secret.text) - 1)
    person.type(path, start, lines[:middle] + "\n" + lines[middle:])
    person.pause()
    person.change(path, start + middle, 1, "")


def found_and_replaced(person: Person, path: str, lines: str, secret: Secret) -> None:
    """A name stands for it in several lines; one action puts the secret into all."""
    at = lines.find(secret.text)
    start = _start(person, path)
    if at < 0:
        person.paste(path, start, lines)
        return
    stand_in = "SECRET_GOES_HERE"
    one = lines.replace(secret.text, stand_in)
    person.paste(path, start, one + "\n" + one)
    changes: list[tuple[int, int, str]] = []
    second = start + len(one) + 1 + at
    changes.append((second, len(stand_in), secret.text))
    changes.append((start + at, len(stand_in), secret.text))
    person.recorder.change(path, changes, None)


def completed(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Begun by hand, ended by a completion that offers it."""
    at = lines.find(secret.text)
    start = _start(person, path)
    if at < 0:
        person.paste(path, start, lines)
        return
    begun = at + person.random.randint(0, max(0, len(secret.text) // 2))
    end = person.type(path, start, lines[:begun])
    rest = lines[begun:]
    person.recorder.companion(
        "assist", path, feature="completion", provider="made",
        offered=[secret.text, secret.text[:9], rest.strip(), "other"], chosen=secret.text,
        outcome="accepted",
    )  # fmt: skip
    person.change(path, end, 0, rest, "completion")


def partly_accepted(person: Person, path: str, lines: str, secret: Secret) -> None:
    """An inline suggestion taken word by word, with labels that overlap."""
    start = _start(person, path)
    place, taken = start, 0
    while taken < len(lines):
        count = min(person.random.randint(3, 7), len(lines) - taken)
        label = lines[taken : taken + count]
        person.recorder.companion(
            "assist", path, feature="inline_suggestion", provider="made",
            offered=[lines[max(0, taken - 2) : taken + count + 2].strip() or "x"],
            chosen=label, outcome="partly",
        )  # fmt: skip
        person.change(path, place, 0, label, "completion")
        place += count
        taken += count
    del secret


def name_changed(person: Person, path: str, lines: str, secret: Secret) -> None:
    """A name that says nothing first; renamed to one that does, here and elsewhere."""
    name = next((one for one in secret.names if one in lines), None)
    start = _start(person, path)
    if name is None:
        person.paste(path, start, lines)
        return
    plain = lines.replace(name, "x1")
    person.type(path, start, plain)
    person.recorder.save(path)
    person.pause()
    places = [at for at in range(len(plain)) if plain.startswith("x1", at)]
    changes = [(start + at, 2, name) for at in reversed(places)]
    person.recorder.change(path, changes, "rename")


def line_moved(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed, then moved up and down line by line, as one action each time."""
    del secret
    place = _start(person, path)
    person.type(path, place, lines)
    for _ in range(3):
        text = person.text(path)
        above = text.rfind("\n", 0, max(0, place - 1)) + 1
        if above >= place:
            break
        moved_line = text[above:place]
        person.recorder.change(
            path, [(above, place - above, ""), (above + len(lines), 0, moved_line)], None
        )
        place = above


def over_two_files(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Begun in one file, cut out there, and ended in another."""
    del secret
    recorder = person.recorder
    half = len(lines) // 2
    start = _start(person, path)
    person.type(path, start, lines[:half])
    person.pause()
    person.change(path, start, half, "", "key")
    if "other.txt" not in recorder.texts:
        recorder.open("other.txt", "😀🚀\n")
    end = person.paste("other.txt", 0, lines[:half])
    person.type("other.txt", end, lines[half:])


def in_turn_in_two_files(person: Person, path: str, lines: str, secret: Secret) -> None:
    """A few keys here, a few keys there."""
    del secret
    recorder = person.recorder
    if "other.txt" not in recorder.texts:
        recorder.open("other.txt", "😀🚀\n")
    place, other, start = _start(person, path), 0, 0
    while start < len(lines):
        count = person.random.randint(2, 9)
        piece = lines[start : start + count]
        place = person.type(path, place, piece)
        other = person.type("other.txt", other, piece)
        start += count


def words_deleted(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed; words taken away from the end in one go each, some typed again."""
    at = lines.find(secret.text)
    start = _start(person, path)
    end = person.type(path, start, lines.rstrip("\n"))
    if at < 0:
        return
    for _ in range(person.random.randint(1, 3)):
        count = min(person.random.randint(2, 11), end - start)
        end -= count
        person.change(path, end, count, "")
    person.pause()
    person.type(path, end, lines[end - start :])


def replaced_by_variable(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Written down, seen to be wrong, replaced by a look into the environment."""
    at = lines.find(secret.text)
    start = _start(person, path)
    person.type(path, start, lines)
    person.recorder.save(path)
    person.pause()
    if at >= 0:
        person.change(path, start + at, len(secret.text), "${" + secret.names[0] + "}", "key")
        person.recorder.save(path)


def prefix_of_another(person: Person, path: str, lines: str, secret: Secret) -> None:
    """The same beginning with another end beside it, and both next to each other."""
    start = _start(person, path)
    cut = max(1, len(secret.text) * 2 // 3)
    other = secret.text[:cut] + "".join(person.random.choices("bcdfgkmpz2345", k=12))
    person.type(path, start, lines + lines.replace(secret.text, other))
    person.paste(path, start, lines.replace(secret.text, secret.text + other))


def column_of_them(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Ten lines with pieces of it that grow by one character."""
    least = min(8, len(secret.text))
    step = max(1, (len(secret.text) - least) // 9)
    pieces = [secret.text[:count] for count in range(least, len(secret.text) + 1, step)]
    text = "".join(f"{piece}\n" for piece in reversed(pieces) if "\n" not in piece)
    person.paste(path, _start(person, path), lines + text)


def drawn_together(person: Person, path: str, lines: str, secret: Secret) -> None:
    """Typed with blanks between its parts, which are taken out one after the other."""
    at = lines.find(secret.text)
    start = _start(person, path)
    if at < 0:
        person.type(path, start, lines)
        return
    size = person.random.randint(3, 7)
    parts = [secret.text[low : low + size] for low in range(0, len(secret.text), size)]
    person.type(path, start, lines.replace(secret.text, " ".join(parts)))
    place = start + at
    for part in parts[:-1]:
        place += len(part)
        person.change(path, place, 1, "")
        if person.random.random() < 0.1:
            person.recorder.save(path)


def in_a_long_line(person: Person, path: str, lines: str, secret: Secret) -> None:
    """In a line of some thousand characters."""
    del secret
    start = _start(person, path)
    filler = "a.b(c); " * person.random.randint(60, 400)
    person.paste(path, start, filler + filler + "\n")
    person.type(path, start + len(filler), lines.rstrip("\n"))


BEHAVIOURS: Final[tuple[Behaviour, ...]] = (
    typed, typed_with_typos, pasted, value_first, pasted_in_parts, undone_and_redone, given_up,
    retyped, split_over_strings, middle_outwards, backwards, edited_inside, slowly, moved,
    overtyped, in_three_places, reformatted, auto_closed, swept_away, transposed,
    beside_ordinary_edits, lines_joined, found_and_replaced, completed, partly_accepted,
    name_changed, line_moved, over_two_files, in_turn_in_two_files, words_deleted,
    replaced_by_variable, prefix_of_another, column_of_them, drawn_together, in_a_long_line,
)  # fmt: skip
WHOLE: Final[tuple[Behaviour, ...]] = (typed, pasted, slowly, auto_closed, completed, moved)
"""Those after which the line stands in the text as it was meant."""
