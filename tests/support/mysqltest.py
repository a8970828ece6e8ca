"""MariaDB's own test statements, run by its own client `mariadb-test`: directly and through Sealrow, both outputs must agree."""

import difflib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pymysql

from . import mysql, sealrow
from .places import DEPS, scratch

UNPACKED = DEPS / "mariadb-test"
ROOTS = [UNPACKED / "usr", Path("/usr")]

# As the suite's own configuration has them, and nothing that writes more than the tests themselves.
SERVER_OPTIONS = ("--skip-log-bin", "--general-log=0", "--slow-query-log=0", "--character-set-server=latin1", "--default-storage-engine=myisam",
                  "--innodb-buffer-pool-size=32M", "--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
                  "--event-scheduler=OFF", "--log-bin-trust-function-creators=1", "--loose-feedback-enable-list=", "--plugin-maturity=unknown")

EMPTY = "version: 1\ntables: []\n"
# For a table that no test touches: every statement is parsed and planned.
PROTECT = """
version: 1
tenant: {single: acme}
tables:
  - table: sealed_elsewhere.chat
    columns: {body: confidential}
"""
SEALED_ELSEWHERE = "create table chat(id int primary key, body text)"

# One with the other; what a statement answers besides its rows; on after errors, so that one refusal does not end the test.
WRAPPER = "--disable_abort_on_error\n--enable_info\n--enable_metadata\n--source {test}\n"
TIMEOUT = 90

# Run as root or against the server's own process, its socket, its files' names, or other servers.
NOT_FOR_A_RUNNING_SERVER = re.compile(
    r"include/(restart_mysqld|shutdown_mysqld|kill_mysqld|start_mysqld|wait_until_disconnected|have_debug|big_test|valgrind|master-slave|expect_crash"
    r"|have_binlog|have_log_bin|analyze-sync|have_ssl|not_windows_embedded|have_wsrep|galera)|shutdown_server|\bshutdown\b|\$MYSQLD_CMD|\$MYSQLD_BOOTSTRAP|--exec_in_background", re.I)


class Outcome(Enum):
    same = "same"
    different = "different"
    unstable = "unstable"    # differs from itself on the plain server
    skipped = "skipped"


@dataclass
class Report:
    name: str
    outcome: Outcome
    diff: list[str] = field(default_factory=list)
    statements: int = 0
    refusals: list[str] = field(default_factory=list)


def root() -> Path | None:
    """Where the client and the tests are; none: scripts/install-deps has not been run."""
    return next((r for r in ROOTS if (r / "bin/mariadb-test").exists() and (r / "share/mysql/mysql-test/main").exists()), None)


def names(suite: Path) -> list[str]:
    """Tests that a running server is enough for."""
    found = []
    for test in sorted((suite / "main").glob("*.test")):
        options = [test.with_suffix(suffix) for suffix in (".opt", ".cnf", ".combinations", ".sh")] + [
            test.with_name(f"{test.stem}-{kind}") for kind in ("master.opt", "master.sh", "slave.opt")]
        text = test.read_text(errors="replace")
        if not any(o.exists() for o in options) and not NOT_FOR_A_RUNNING_SERVER.search(text):
            found.append(test.stem)
    return found


def normal(text: str, port: int, work: Path) -> list[str]:
    text = re.sub(rf"\b{port}\b", "PORT", text.replace(str(work), "WORK"))
    return text.splitlines()


class Stage:
    """Two servers of the same release, one of them also behind Sealrow."""

    def __init__(self, protect: bool, options: tuple[str, ...] = ()):
        self.root = root()
        self.suite = self.root / "share/mysql/mysql-test"
        self.work = scratch("mysqltest")
        self.options = options
        release = mysql.RELEASES["mariadb1011"]
        self.direct, self.behind = (mysql.Server(release, tls=False, extra=SERVER_OPTIONS) for _ in range(2))
        for server in (self.direct, self.behind):
            server.run("create database sealed_elsewhere")
            server.run(SEALED_ELSEWHERE, "sealed_elsewhere")
            # The suite's own helpers: what they tell the test driver does not matter here.
            server.run("create database mtr; create procedure mtr.add_suppression(pattern varchar(255)) begin end")
        self.daemon = sealrow.Sealrow(self.behind, "test", PROTECT if protect else EMPTY, backend_tls="disable", client_tls="off")

    def stop(self) -> None:
        self.daemon.stop()
        self.direct.stop()
        self.behind.stop()

    def run(self, name: str) -> Report:
        for server in (self.direct, self.behind):
            self._reset(server)
        before = self._questions()
        expected = self._mysqltest(name, self.direct, self.direct.port)
        statements = self._questions() - before
        if expected is None:
            return Report(name, Outcome.skipped)
        seen = self._mysqltest(name, self.behind, self.daemon.port)
        if not self.daemon.process.running():
            raise RuntimeError(f"Sealrow ended during {name}")
        refusals = [line for line in seen or [] if "SR-E" in line]
        if seen == expected:
            return Report(name, Outcome.same, [], statements, refusals)
        self._reset(self.behind)
        again = self._mysqltest(name, self.behind, self.behind.port)
        # A refusal is one whatever the rest of the test does.
        outcome = Outcome.unstable if again != expected and not refusals else Outcome.different
        diff = list(difflib.unified_diff(expected, seen or ["(skipped)"], "direct", "sealrow", lineterm="", n=2))
        return Report(name, outcome, diff, statements, refusals)

    def _questions(self) -> int:
        return int(self.direct.run("show global status like 'Questions'")[0][1])

    @staticmethod
    def _reset(server: mysql.Server) -> None:
        kept = ("mysql", "information_schema", "performance_schema", "sys", "sealed_elsewhere", "mtr")
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("show databases")
            for (database,) in cursor.fetchall():
                if database in kept:
                    continue
                try:
                    cursor.execute(f"drop database `{database.replace('`', '``')}`")
                except pymysql.Error:      # files of the test's own in the folder
                    shutil.rmtree(server.data / database, ignore_errors=True)
            cursor.execute("create or replace database test")

    def _mysqltest(self, name: str, server: mysql.Server, port: int) -> list[str] | None:
        """The output and how it ended; none: the test asks to be skipped."""
        work = self.work / "var"
        shutil.rmtree(work, ignore_errors=True)
        for folder in (work, work / "tmp", work / "log", work / "run"):
            folder.mkdir()
            folder.chmod(0o777)
        (work / "std_data").symlink_to(self.suite / "std_data")
        wrapper = work / "wrapper.test"
        wrapper.write_text(WRAPPER.format(test=f"main/{name}.test"))
        client = ["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={port}", "--user=root", "--skip-ssl"]
        command = [str(self.root / "bin/mariadb-test"), *client, "--silent", "--database=test", f"--tmpdir={work}/tmp", f"--logdir={work}/log",
                   "--character-sets-dir=/usr/share/mysql/charsets/", f"--test-file={wrapper}", *self.options]
        try:
            done = subprocess.run(command, cwd=self.suite, env=self._environment(work, server, port, client), capture_output=True, timeout=TIMEOUT,
                                  start_new_session=True)
        except subprocess.TimeoutExpired as late:
            return normal((late.stdout or b"").decode("utf-8", "surrogateescape") + "\n(timed out)", port, work)
        if done.returncode == 62:
            return None
        text = (done.stdout + done.stderr).decode("utf-8", "surrogateescape") + f"\nexit code {done.returncode}"
        return normal(text, port, work)

    def _environment(self, work: Path, server: mysql.Server, port: int, client: list[str]) -> dict[str, str]:
        def program(name: str) -> str:
            return " ".join([name, *client])
        return {**os.environ, "MYSQL_TEST_DIR": str(self.suite), "MYSQLTEST_VARDIR": str(work), "MYSQL_TMP_DIR": f"{work}/tmp", "MASTER_MYPORT": str(port),
                "MASTER_MYSOCK": str(server.socket), "MYSQLD_DATADIR": str(server.data), "MYSQL": program("mariadb"), "MYSQL_DUMP": program("mariadb-dump"),
                "MYSQL_CHECK": program("mariadb-check"), "MYSQL_SHOW": program("mariadb-show"), "MYSQL_IMPORT": program("mariadb-import"),
                "MYSQL_SLAP": program("mariadb-slap"), "MYSQL_ADMIN": program("mariadb-admin"), "MYSQLADMIN": program("mariadb-admin"),
                "MYSQL_CHARSETSDIR": "/usr/share/mysql/charsets", "MYSQL_SHAREDIR": "/usr/share/mysql", "MTR_VERSION": "1", "BIG_TEST": "", "LC_ALL": "C",
                "LD_LIBRARY_PATH": str(UNPACKED / "usr/lib/x86_64-linux-gnu") if self.root != Path("/usr") else os.environ.get("LD_LIBRARY_PATH", "")}
