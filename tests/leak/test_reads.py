"""Every read shape in both protocols and formats: what the application sees equals the plain server's answer."""

import pytest
from reads import EITHER, REFUSED, READS, Read
from support import delivery, rawpg
from support.subject import DIRECT
from support.values import Statement

MODES = ("simple", "text", "binary", "prepared")
CASES = [pytest.param(case, mode, id=f"{case.id}-{mode}") for case in READS
         for mode in MODES if mode == "simple" or not case.simple_only]


def run(connection, case: Read, mode: str) -> list[rawpg.Message]:
    statement = Statement(case.sql, [])
    if mode == "simple":
        return delivery.run_simple(connection, case.sql)
    if mode == "prepared":
        return delivery.run_prepared(connection, [statement, statement])
    return delivery.run_extended(connection, statement, binary=mode == "binary")


@pytest.fixture(scope="module")
def seeded(module_bench):
    module_bench.reset()
    return module_bench


@pytest.mark.parametrize("case, mode", CASES)
def test_read(module_bench, seeded, case: Read, mode: str):
    reference, connection = seeded.kept(False), seeded.kept(True)
    # what must be refused may be valid on the plain server: it is undone there
    reference.simple("begin" if case.required == REFUSED else "select 1")
    expected = run(reference, case, mode)
    if case.required == REFUSED:
        reference.simple("rollback")
        if DIRECT:
            return
    else:
        assert rawpg.error_of(expected) is None, "the plain server refuses this case itself"
    got = run(connection, case, mode)
    error = rawpg.error_of(got)
    assert b"sr1." not in b"".join(m.body for m in got if m.kind == "D"), "an envelope was handed out as data"
    if error:
        assert case.required in (REFUSED, EITHER), f"refused, must be opened: {error}"
        # an operation that the plain server refuses as well may end with the plain server's error
        assert "SR-E" in " ".join(error.values()) or rawpg.error_of(expected), f"not a refusal of Sealrow: {error}"
        assert connection.rows("select body from msg where id = 1") == [[b"alpha"]]
    else:
        assert case.required != REFUSED, "accepted, must be refused"
        assert delivery.answer(got) == delivery.answer(expected)
