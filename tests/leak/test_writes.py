"""Every write shape in every delivery: sealed at rest, or refused without effect. No third outcome."""

import pytest
from cases import EITHER, REFUSED, SEALED, WRITES, Write
from support import delivery, rawpg
from support.subject import DIRECT
from support.values import Template

CASES = [pytest.param(case, mode, id=f"{case.id}-{mode}") for case in WRITES for mode in case.modes]
LEGAL = Template("insert into msg(id, tenant, body) values (90, {own}, {body})")


def draws(case: Write, canaries) -> list[dict]:
    """Values of the case: two sets, for executions of one prepared statement."""
    template = Template(" ".join(case.steps))
    first = template.draw(canaries, case.id)
    second = {**first, **{k: v for k, v in template.draw(canaries, case.id).items() if k[:3] in ("bod", "met", "doc")}}
    if ":lit}" in template.sql:      # literals are part of the prepared text
        second = first
    return [first, second]


def deliver(connection, case: Write, mode: str, values: list[dict], legal: dict) -> list[rawpg.Message]:
    templates = [Template(step) for step in case.steps]
    if mode == "simple":
        messages = []
        for template in templates:
            messages += delivery.run_simple(connection, template.literal(values[0]).sql)
        return messages
    statements = [templates[0].parameters(v) for v in values]
    if mode == "prepared":
        return delivery.run_prepared(connection, statements)
    if mode == "pipeline":
        return delivery.run_pipeline(connection, [LEGAL.parameters(legal), statements[0]])
    return delivery.run_extended(connection, statements[0], binary=mode == "binary")


def reference(bench, case: Write, mode: str, values, legal) -> list[rawpg.Message]:
    """The plain server's answer; rolled back where Sealrow must refuse, so that both sides stay alike."""
    connection = bench.connect(sealed=False, tenant=case.tenant)
    undo = case.required == REFUSED
    if undo:
        connection.simple("begin")
    messages = deliver(connection, case, mode, values, legal)
    if undo:
        connection.simple("rollback")
    if case.valid:
        first = rawpg.error_of(messages[:_first_ready(messages, mode)])
        assert first is None, f"the plain server refuses this case itself: {first}"
    return messages


def _first_ready(messages, mode: str) -> int:
    """End of the first execution: a second one may fail on the plain server too (a key that exists by now)."""
    readies = [i for i, m in enumerate(messages) if m.kind == "Z"]
    return readies[1 if mode == "prepared" and len(readies) > 1 else 0 if mode != "simple" else -1] + 1


@pytest.mark.parametrize("case, mode", CASES)
def test_write(bench, case: Write, mode: str):
    values, legal = draws(case, bench.canaries), LEGAL.draw(bench.canaries, case.id)
    expected = reference(bench, case, mode, values, legal)
    if DIRECT and case.required == REFUSED:
        return                       # the expectation was tested: the statement is valid PostgreSQL
    before = bench.stored()
    connection = bench.connect(sealed=True, tenant=case.tenant)
    messages = deliver(connection, case, mode, values, legal)
    bench.analyze()
    error = rawpg.error_of(messages)
    if error and delivery.answer(messages) != delivery.answer(expected):
        assert case.required in (REFUSED, EITHER), f"refused, must be sealed: {error}"
        check_refusal(bench, case, error, before, connection)
        return
    assert case.required in (SEALED, EITHER) or not case.valid, "accepted, must be refused"
    if case.compare:
        assert delivery.answer(messages) == delivery.answer(expected)
    bench.check_sealed()
    bench.check_read_back()


def check_refusal(bench, case: Write, error: dict, before: list, connection) -> None:
    if case.valid:
        assert "SR-E" in " ".join(error.values()), f"not a refusal of Sealrow: {error}"
    assert len(error.get("C", "")) == 5
    assert bench.canaries.marker not in " ".join(error.values()), "the error shows the value"
    assert bench.stored() == before, "the refused statement had an effect"
    connection.simple("rollback")
    assert connection.rows("select body from msg where id = 1") == [[b"alpha"]], "the connection reads wrongly now"


def test_zz_no_canary_anywhere(module_bench):
    if DIRECT:
        assert module_bench.findings(), "the search must find what was written in clear"
        return
    found = module_bench.findings()
    assert not found, "canaries at rest:\n" + "\n".join(map(str, found))
