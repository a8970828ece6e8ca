"""Some of MariaDB's own tests, run by its own client: directly and through Sealrow they must print the same. All of them:
tests/regress/mysql."""

import pytest
from support import mysqltest
from support.mysqltest import Outcome
from support.subject import DIRECT

# Without EXECUTE IMMEDIATE and procedures that build SQL, which a policy refuses wherever they stand.
NAMES = ["case", "compare", "delete", "distinct", "insert_select", "join", "multi_statement", "null", "replace", "row", "select", "temp_table"]


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
