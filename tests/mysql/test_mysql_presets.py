"""The presets for MySQL and MariaDB, as tests/integration/test_presets.py has them for PostgreSQL."""

import json
import re

import pymysql
import pytest
from support import presets, sealrow
from support.preset_cases import APPLICATIONS
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: this is about what Sealrow does with a policy")
NAMES = [name for name in presets.NAMES if name.endswith("-mysql")]
VARIANTS = {"preset": False, "everything": True}


@pytest.fixture(scope="module", params=[(name, variant) for name in NAMES for variant in VARIANTS
                                        if variant == "preset" or APPLICATIONS[name.removesuffix("-mysql")].searches], ids="-".join)
def case(request, release, make_mysql_pair):
    name, variant = request.param
    return Case(name.removesuffix("-mysql"), VARIANTS[variant], make_mysql_pair, release)


class Case:
    def __init__(self, app: str, everything: bool, make_mysql_pair, release: str):
        self.application, self.everything = APPLICATIONS[app], everything
        policy = presets.text(f"{app}-mysql", everything).replace(f"table: {app}.", "table: {database}.")
        self.columns = {table.split(".")[1]: columns for table, columns in presets.sealed_columns(policy.replace("{database}", app)).items()}
        self.pair = make_mysql_pair(release, policy, presets.schema(f"{app}-mysql"), workers=1)


def spelled(sql: str) -> str:
    """The same statement as the object mappers write it for MySQL, with PyMySQL's placeholders."""
    return re.sub(r"\$\d+", "%s", sql.replace("%", "%%").replace('"', "`"))


def values(step: presets.Step) -> list:
    return [json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else v for v in step.values]


def test_check_is_content(case):
    found = json.loads(sealrow.command("check", "--json", "--config", str(case.pair.daemon.config)).stdout)["findings"]
    assert not [finding for finding in found if finding["severity"] == "error"]


def test_the_application_works(case):
    with case.pair.sealed.connect() as connection, connection.cursor() as cursor:
        for step in case.application.steps:
            cursor.execute(spelled(step.sql), values(step))
            if step.rows is not None:
                presets.check_rows(step, cursor.fetchall())
        for table, columns in case.columns.items():
            for column in columns:
                check_sealed(case, table, column)
        for search in case.application.searches:
            check_search(case, search, cursor)


def check_sealed(case: Case, table: str, column: str) -> None:
    stored = [value for (value,) in case.pair.at_rest(f"select cast(`{column}` as char) from `{table}` where `{column}` is not null")]
    assert stored, f"no statement writes {table}.{column}"
    for value in stored:
        assert presets.ENVELOPE.match(value), f"PLAINTEXT in {table}.{column}: {value[:60]}"


def check_search(case: Case, search: presets.Step, cursor) -> None:
    """Right where the column is in clear, an error where it is sealed."""
    if not case.everything:
        cursor.execute(spelled(search.sql), values(search))
        return presets.check_rows(search, cursor.fetchall())
    with pytest.raises(pymysql.Error, match="SR-E40[34]"):
        cursor.execute(spelled(search.sql), values(search))
