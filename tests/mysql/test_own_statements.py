"""Some of MariaDB's own tests, run by its own client: directly and through Sealrow they must print the same. All of them:
tests/regress/mysql."""

import pytest
from support import mysqltest
from support.mysqltest import Outcome
from support.subject import DIRECT

# Results of every shape and type, prepared statements, procedures with several results, errors, warnings, character sets.
NAMES = ["alias", "auto_increment_ranges_innodb", "case", "compare", "constraints", "ctype_utf8mb4_innodb", "delete", "distinct", "func_json", "func_time", "having",
         "insert", "insert_select", "join", "multi_statement", "null", "ps_1general", "ps_2myisam", "replace", "row", "select", "sp-error", "subselect3",
         "temp_table", "type_blob", "type_datetime", "type_newdecimal", "union", "update", "user_var", "variables", "view", "warnings"]


@pytest.fixture(scope="module", params=["empty policy", "another table sealed"])
def stage(request, release):
    if not release.startswith("mariadb"):
        pytest.skip("MySQL's own tests are in no package")
    if DIRECT:
        pytest.skip("compares with Sealrow")
    if mysqltest.root() is None:
        pytest.skip("needs mariadb-test: scripts/install-deps")
    made = mysqltest.Stage(protect=request.param != "empty policy")
    yield made
    made.stop()


@pytest.mark.parametrize("name", NAMES)
def test_same_output(stage, name):
    report = stage.run(name)
    if report.outcome in (Outcome.skipped, Outcome.unstable):
        pytest.skip(f"{report.outcome.value} on the plain server")
    assert report.statements > 0
    assert report.outcome is Outcome.same, "\n".join(report.diff[:60])
