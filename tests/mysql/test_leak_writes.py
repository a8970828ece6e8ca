"""Every write shape in every delivery: sealed at rest, or refused without effect. No third outcome."""

import re

import pytest
from bench import error_of
from mysql_cases import EITHER, REFUSED, SEALED, WRITES, Write
from support.subject import DIRECT

CASES = [pytest.param(case, mode, id=f"{case.id}-{mode}") for case in WRITES for mode in case.modes]
PLACE = re.compile(r"\{(\w+)(:lit)?\}")


def draw(case: Write, canaries) -> dict[str, str]:
    values = {}
    for n, match in enumerate(PLACE.finditer(case.sql)):
        if match[1] in ("body", "meta"):
            values[str(n)] = canaries.new(case.id)
        elif match[1] == "own":
            values[str(n)] = "t7"
        elif match[1] in ("raw", "hex"):
            values["raw"] = canaries.new(case.id)
        elif match[1] == "doc":
            values[str(n)] = f'{{"k": "{canaries.new(case.id)}"}}'
    return values


def written(case: Write, values: dict[str, str], database: str, literals: bool) -> tuple[str, list[str]]:
    """The text and its parameters."""
    parameters, number = [], iter(range(1000))

    def fill(match):
        place = str(next(number))
        if match[1] == "database":
            return database
        if match[1] == "raw":
            return values["raw"]
        if match[1] == "hex":
            return values["raw"].encode().hex()
        if literals or match[2]:
            return f"'{values[place]}'"
        parameters.append(values[place])
        return "?"
    return PLACE.sub(fill, case.sql), parameters


def deliver(case: Write, mode: str, values: dict, database: str):
    def run(wire):
        sql, parameters = written(case, values, database, literals=mode != "execute")
        if mode == "text":
            return [result for command in sql.split(" ;; ") for result in wire.query(command)]
        if mode == "multi":
            return wire.query(f"select 1; {sql}")
        statement = wire.prepare(sql)
        results = wire.execute(statement, parameters)
        wire.close(statement)
        return results
    return run


@pytest.mark.parametrize("case, mode", CASES)
def test_write(bench, release, case: Write, mode: str):
    if case.only and not release.startswith(case.only):
        pytest.skip(f"a statement of {case.only}")
    values = draw(case, bench.canaries)
    wire = bench.connect(sealed=False)
    reference, expected = error_of(wire, deliver(case, mode, values, bench.pair.plain.database))
    if case.valid:
        assert reference is None, f"the plain server refuses this case itself: {reference}"
    if DIRECT and case.required == REFUSED:
        return
    before = bench.stored()
    connection = bench.connect(sealed=True)
    error, results = error_of(connection, deliver(case, mode, values, bench.pair.sealed.database))
    if error and error != reference:
        assert case.required in (REFUSED, EITHER), f"refused, must be sealed: {error}"
        check_refusal(bench, case, error, before, connection)
        return
    assert case.required in (SEALED, EITHER) or not case.valid, "accepted, must be refused"
    if not error:
        assert [(r.affected, r.rows, [c[0] for c in r.columns]) for r in results] == [
            (r.affected, r.rows, [c[0] for c in r.columns]) for r in expected]
    bench.check_sealed()
    bench.check_read_back()


def check_refusal(bench, case: Write, error: str, before: dict, connection) -> None:
    assert "SR-E" in error, f"not a refusal of Sealrow: {error}"
    assert bench.canaries.marker not in error, "the error shows the value"
    if ";" not in case.sql:  # what stands before the refused one of several commands of its own may stay
        assert bench.stored() == before, "the refused statement had an effect"
    assert connection.query("select body from msg where id = 1")[0].rows == [b"\x05alpha"], "the connection reads wrongly now"


def test_zz_no_canary_anywhere(module_bench):
    found = module_bench.findings()
    if DIRECT:
        assert found, "the search must find what was written in clear"
    else:
        assert not found, "canaries at rest:\n" + "\n".join(map(str, found))
