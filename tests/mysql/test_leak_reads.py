"""Every read shape in both protocols: what the application sees equals the plain server's answer."""

import pytest
from bench import error_of
from mysql_reads import EITHER, READS, REFUSED, Read
from support.subject import DIRECT

CASES = [pytest.param(case, mode, id=f"{case.id}-{mode}") for case in READS for mode in ("text", "execute")
         if mode == "text" or not case.text_only]


def deliver(case: Read, mode: str):
    def run(wire):
        if mode == "text":
            return wire.query(case.sql)
        statement = wire.prepare(case.sql)
        first, second = wire.execute(statement, []), wire.execute(statement, [])
        wire.close(statement)
        assert first == second, "the second execution answers otherwise"
        return first
    return run


def shown(results) -> list[tuple]:
    # Names of databases are no concern of ours, lengths of computed columns neither: they depend on stored lengths.
    return [([(name, charset, kind, flags) for name, charset, _, kind, flags, _ in r.columns], r.rows) for r in results]


@pytest.fixture(scope="module")
def seeded(module_bench):
    module_bench.reset()
    return module_bench


@pytest.mark.parametrize("case, mode", CASES)
def test_read(seeded, release, case: Read, mode: str):
    if case.only and not release.startswith(case.only):
        pytest.skip(f"a statement of {case.only}")
    plain, sealed = seeded.connect(False), seeded.connect(True)
    try:
        expected_error, expected = error_of(plain, deliver(case, mode))
        if DIRECT and case.required == REFUSED:
            return
        error, got = error_of(sealed, deliver(case, mode))
        assert b"sr1." not in b"".join(row for r in got for row in r.rows), "an envelope was handed out as data"
        if error:
            assert case.required in (REFUSED, EITHER), f"refused, must be opened: {error}"
            assert "SR-E" in error or expected_error, f"not a refusal of Sealrow: {error}"
            assert sealed.query("select body from msg where id = 1")[0].rows == [b"\x05alpha"]
        else:
            assert case.required != REFUSED, "accepted, must be refused"
            assert shown(got) == shown(expected)
    finally:
        seeded.close()
        if expected_error is None and case.sql.startswith("create"):
            seeded.pair.plain_server.run("drop view if exists made", seeded.pair.plain.database)
