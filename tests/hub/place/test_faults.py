"""Codes of faults: programs rely on their spelling."""

from __future__ import annotations

import re

from signoff_hub.place.faults import FaultCode, HubFault


def test_every_code_can_stand_in_a_name_of_a_problem_and_in_the_column_of_a_refusal() -> None:
    for code in FaultCode:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert len(code) <= 40


def test_a_fault_says_what_and_what_to_do() -> None:
    fault = HubFault(FaultCode.NO_BLOB, "there are no such bytes", hint="Send them first.")
    assert (fault.code, str(fault), fault.hint) == ("no_blob", fault.detail, "Send them first.")
