"""What each measure says to a person: one sentence for yes, no and not known.

They speak of the recording. None praises, blames or counts somebody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Final[Mapping[tuple[str, bool | None], str]] = {
    ("replay", True): "Wherever the replay could be compared with the disk, they agreed.",
    ("replay", False): "Somewhere the replay differs from the disk: the recorder missed something."
    " Nothing is wrong with what you did.",
    ("replay", None): "There was no save, test run or commit to compare the replay with;"
    " nothing is wrong with that.",
    ("coverage", True): "Nearly all changes of text were seen as they were made.",
    ("coverage", False): "Some text came in without being seen, or was cut out by you;"
    " nothing is wrong with that.",
    ("coverage", None): "No text was changed; looking around is work too.",
    ("authors", True): "For nearly all new text it is known whether a person or a program put it"
    " there.",
    ("authors", False): "For some new text nobody saw who or what put it there;"
    " nothing is wrong with that.",
    ("authors", None): "No text was put into an editor; nothing is wrong with that.",
    ("tests", True): "It has a test run that says whether the work is right.",
    ("tests", False): "This has no test run with a result: it is less useful to learn from;"
    " nothing is wrong with that.",
    ("repair", True): "A test failed, the code was changed, and the test passed.",
    ("repair", False): "No test went from failing to passing by a change of the code;"
    " much good work has none.",
    ("repair", None): "Without a test run nobody can tell whether a test was made to pass.",
    ("steady-tests", True): "No test, or hardly any, gave two answers for the same files.",
    ("steady-tests", False): "Some tests gave two answers for the same files: their results say"
    " less. That is the tests, not you.",
    ("steady-tests", None): "Without a test run nobody can tell whether its tests are steady.",
    ("environment", True): "Interpreter and packages of its test run are known.",
    ("environment", False): "With which interpreter and packages its tests ran is not known, so"
    " nobody can run them again; nothing is wrong with that.",
    ("environment", None): "Without a test run there is nothing to run again.",
    ("task", True): "Somebody said what it is about.",
    ("task", False): "Nobody said what it is about. A title in the review says it.",
    ("readable", True): "Hardly anything of its text is masked.",
    ("readable", False): "A good part of its text is masked, so it is harder to learn from;"
    " masking it was right.",
    ("readable", None): "There is no text in it.",
    ("benchmarks", None): "Not looked at here: whether it shows problems of public benchmarks."
    " Whoever builds a data set looks.",
    ("copies", None): "Not looked at here: whether other episodes hold nearly the same text."
    " Whoever builds a data set looks.",
    ("rights", None): "Not looked at here: you say whose code it is when you sign.",
}
"""By name of the measure and whether its gate was passed."""
