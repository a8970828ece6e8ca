"""The presets of config/presets, each against a database with the application's own tables: they are valid, and the statements
that the application sends work as before while the database holds envelopes."""

import json
import re

import jsonschema
import pytest
import yaml
from support import presets, rawpg, sealrow
from support.places import ROOT
from support.preset_cases import APPLICATIONS
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: this is about what Sealrow does with a policy")
VARIANTS = {"preset": False, "everything": True}


@pytest.fixture(scope="module")
def key_store(servers, start_sealrow):
    """Made once for all."""
    server, database = servers.database("pg15", "sealed", "select 1")
    return start_sealrow(server, database, "version: 1\ntables: []\n", workers=1).folder / "keys"


@pytest.fixture(scope="module", params=[(app, variant) for app in APPLICATIONS for variant in VARIANTS
                                        if variant == "preset" or APPLICATIONS[app].searches], ids="-".join)
def case(request, servers, start_sealrow, key_store):
    app, variant = request.param
    server, database = servers.database("pg15", "sealed", presets.schema(app))
    policy = presets.text(app, VARIANTS[variant])
    return Case(app, VARIANTS[variant], policy, start_sealrow(server, database, policy, workers=1, key_store=key_store))


class Case:
    def __init__(self, app: str, everything: bool, policy: str, daemon: sealrow.Sealrow):
        self.application, self.everything, self.daemon = APPLICATIONS[app], everything, daemon
        self.columns = presets.sealed_columns(policy)

    def at_rest(self, sql: str) -> list[tuple]:
        return self.daemon.server.run(sql, self.daemon.database)

    def empty(self) -> None:
        tables = [name for (name,) in self.at_rest("select quote_ident(tablename) from pg_tables where schemaname = 'public'")]
        self.at_rest(f"truncate {', '.join(tables)}")


def test_every_application_has_its_preset():
    assert set(APPLICATIONS) == {name for name in presets.NAMES if not name.endswith("-mysql")}


@pytest.mark.parametrize("name", presets.NAMES)
@pytest.mark.parametrize("everything", VARIANTS.values(), ids=VARIANTS)
def test_schema_accepts_it(name, everything):
    schema = json.loads((ROOT / "config/policy.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(presets.text(name, everything)))


@pytest.mark.parametrize("name", presets.NAMES)
def test_its_head_says_what_a_user_must_know(name):
    head = presets.text(name).split("version: 1")[0]
    assert f"`policy: presets/{name}.yaml`" in head
    for part in ("Use:", "Sealed:", "Clear:", "Lost:"):
        assert f"# {part}" in head, f"{name} lacks {part}"


def test_check_is_content(case):
    found = json.loads(sealrow.command("check", "--json", "--config", str(case.daemon.config)).stdout)["findings"]
    assert not [finding for finding in found if finding["severity"] == "error"]


def test_check_prints_what_the_head_of_litellm_asks_for(servers, start_sealrow, key_store):
    server, database = servers.database("pg15", "sealed", presets.schema("litellm").split("-- what the head")[0])
    daemon = start_sealrow(server, database, presets.text("litellm"), workers=1, key_store=key_store)
    done = sealrow.command("check", "--json", "--config", str(daemon.config), check=False)
    errors = [finding for finding in json.loads(done.stdout)["findings"] if finding["severity"] == "error"]
    assert {e["object"].rpartition(".")[2] for e in errors} == {"messages", "response", "proxy_server_request", "request_kwargs"}
    assert all("DROP DEFAULT" in json.dumps(e) for e in errors)


@pytest.mark.parametrize("delivery", presets.DELIVERIES)
def test_the_application_works(case, delivery):
    case.empty()
    connection = case.daemon.subject.raw(tls=False)
    for step in case.application.steps:
        messages = presets.DELIVERIES[delivery](connection, step)
        assert not rawpg.error_of(messages), f"{step.sql}\n{rawpg.error_of(messages)}"
        if step.rows is not None:
            presets.check_rows(step, (m.row for m in messages if m.kind == "D"))
    check_sealed(case)
    for search in case.application.searches:
        check_search(case, search, presets.DELIVERIES[delivery](connection, search))


def check_sealed(case: Case) -> None:
    for table, columns in case.columns.items():
        for column in columns:
            stored = [value for (value,) in case.at_rest(f'select "{column}"::text from {table} where "{column}" is not null')]
            assert stored, f"no statement writes {table}.{column}"
            for value in stored:
                assert presets.ENVELOPE.match(value), f"PLAINTEXT in {table}.{column}: {value[:60]}"


def check_search(case: Case, search: presets.Step, messages: list[rawpg.Message]) -> None:
    """Right where the column is in clear, an error where it is sealed; never an answer computed from envelopes."""
    if not case.everything:
        rawpg.raise_error(messages)
        return presets.check_rows(search, (m.row for m in messages if m.kind == "D"))
    assert re.match(r"SR-E40[34]", (rawpg.error_of(messages) or {}).get("M", "")), search.sql
