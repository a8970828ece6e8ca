"""Throw-away MariaDB and MySQL servers: TLS, and whatever could keep a value is switched on: binary log, general log, slow
log. And the clients' view of one of them, direct or through Sealrow."""

import os
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pymysql

from .places import DEPS, scratch
from .process import Process
from .tls import Authority
from .waiting import free_port, wait_until

USER, PASSWORD = "app", "app-password"
CONTROL, CONTROL_PASSWORD = "sealrow", "control-password"
MYSQL_TREE = DEPS / "mysql97"

SETTINGS = ["--bind-address=127.0.0.1", "--character-set-server=utf8mb4", "--log-bin=binlog", "--server-id=1", "--general-log=1",
            "--slow-query-log=1", "--long-query-time=0", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
            "--max-allowed-packet=64M", "--max-connections=100", "--local-infile=1"]


@dataclass(frozen=True)
class Release:
    name: str
    major: int
    program: tuple[str, ...]
    options: tuple[str, ...]
    initialise: tuple[str, ...]  # with the options and the data folder

    @property
    def mariadb(self) -> bool:
        return self.name.startswith("mariadb")

    def available(self) -> bool:
        return Path(self.program[0]).exists()


def _mysql_options() -> tuple[str, ...]:
    share = MYSQL_TREE / "usr/share/mysql"
    return (f"--basedir={MYSQL_TREE / 'usr'}", f"--plugin-dir={MYSQL_TREE / 'usr/lib/mysql/plugin'}", f"--lc-messages-dir={share}",
            f"--character-sets-dir={share / 'charsets'}", "--mysqlx=OFF", "--secure-file-priv=NULL", "--innodb-redo-log-capacity=32M",
            "--innodb-use-native-aio=0")


_MYSQL = (str(MYSQL_TREE / "run"), "usr/sbin/mysqld")
RELEASES = {
    "mariadb1011": Release("mariadb1011", 10, ("/usr/sbin/mariadbd",), ("--innodb-log-file-size=16M", "--plugin-load-add=auth_ed25519"),
                           ("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db")),
    "mysql97": Release("mysql97", 9, _MYSQL, _mysql_options(), (*_MYSQL, *_mysql_options(), "--initialize-insecure")),
}


def _as_nobody() -> list[str]:
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=TERM"] if os.geteuid() == 0 else []


class Templates:
    """Data folders as initialised, one per release and way to: initialising takes seconds, copying does not."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, tuple[str, ...]], Path] = {}

    def copy(self, release: Release, options: tuple[str, ...], target: Path) -> None:
        if (release.name, options) not in self._made:
            folder = scratch(f"{release.name}-template")
            if os.geteuid() == 0:
                shutil.chown(folder, "nobody")
            command = [*_as_nobody(), release.initialise[0], *release.initialise[1:2 if not release.mariadb else 1], "--no-defaults",
                       *release.initialise[2 if not release.mariadb else 1:], *options, f"--datadir={folder / 'data'}"]
            done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
            if done.returncode != 0:
                raise RuntimeError(f"{release.name} cannot be initialised:\n{done.stdout}{done.stderr}")
            self._made[release.name, options] = folder / "data"
        subprocess.run(["cp", "-a", str(self._made[release.name, options]), str(target)], check=True)
        (target / "auto.cnf").unlink(missing_ok=True)


_templates = Templates()


class Server:
    protocol = "mysql"

    def __init__(self, release: Release, tls: bool = True, extra: tuple[str, ...] = (), initial: tuple[str, ...] = ()):
        """`initial`: options that the data folder is made with, too."""
        self.release = release
        self.folder = scratch(release.name)
        self.data = self.folder / "data"
        self.log_file = self.folder / "server.log"
        self.socket = self.folder / "socket"
        self.authority = Authority(self.folder)
        self.temporary = self.folder / "tmp"    # servers that start empty theirs: it must not be a shared one
        self.temporary.mkdir()
        self._kept: dict[str, pymysql.Connection] = {}
        certificate, key = self.authority.issue(release.name)
        if os.geteuid() == 0:
            for path in (self.folder, self.temporary, certificate, key):
                shutil.chown(path, "nobody")
        _templates.copy(release, initial, self.data)
        self._tls = [f"--ssl-ca={self.authority.file}", f"--ssl-cert={certificate}", f"--ssl-key={key}"] if tls else self._without_tls()
        self._start(initial + extra)
        self._make_users()

    def _without_tls(self) -> list[str]:
        return ["--skip-ssl"] if self.release.mariadb else ["--tls-version="]

    def _start(self, extra: tuple[str, ...]) -> None:
        # its own tmpdir: when a server starts, it deletes the temporary tables there, and MariaDB crashes when one is gone
        for _ in range(5):
            self.port = free_port()
            command = [*_as_nobody(), *self.release.program, "--no-defaults", *self.release.options, *SETTINGS, *self._tls, *extra,
                       f"--datadir={self.data}", f"--tmpdir={self.temporary}", f"--socket={self.socket}", f"--port={self.port}",
                       f"--pid-file={self.folder / 'pid'}",
                       f"--general-log-file={self.folder / 'general.log'}", f"--slow-query-log-file={self.folder / 'slow.log'}"]
            self.process = Process(command, self.log_file)
            try:
                self.process.wait_ready(self._answers, f"{self.release.name} to start")
                return
            except RuntimeError:
                if "in use" not in self.process.output():
                    raise
        raise RuntimeError("no free port for the server")

    def _answers(self) -> bool:
        try:
            self.connect().close()
            return True
        except pymysql.err.OperationalError:
            return False

    def _make_users(self) -> None:
        for user, password, grants in ((USER, PASSWORD, "ALL PRIVILEGES"), (CONTROL, CONTROL_PASSWORD, "SELECT, SHOW VIEW, TRIGGER")):
            self.run(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'")
            self.run(f"GRANT {grants} ON *.* TO '{user}'@'%'")

    def connect(self, database: str | None = None) -> pymysql.Connection:
        """A direct connection of root in autocommit mode, on the server's socket."""
        return pymysql.connect(unix_socket=str(self.socket), user="root", password="", database=database, charset="utf8mb4",
                               autocommit=True, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)

    def run(self, sql: str, database: str = "mysql") -> list[tuple]:
        """Runs statements directly, on a connection kept for that database; the rows of the last one."""
        if database not in self._kept:
            self._kept[database] = self.connect(database)
        with self._kept[database].cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall()
            while cursor.nextset():
                rows = cursor.fetchall()
            return list(rows)

    def make_database(self, name: str, schema: str) -> None:
        self.run(f"create database {name}")
        if schema:
            self.run(schema, name)

    def flush(self) -> None:
        """Everything that was changed is on the disk afterwards."""
        self.run("flush logs")
        self.run("set global innodb_max_dirty_pages_pct_lwm = 0, global innodb_max_dirty_pages_pct = 0")
        wait_until(lambda: self.run("show global status like 'Innodb_buffer_pool_pages_dirty'")[0][1] == "0", "pages to be written")

    # ---- what Sealrow is told ----
    def sealrow_settings(self, database: str) -> str:
        return f"protocol: mysql\ncontrol: {{user: {CONTROL}, password_file: control.password}}\n"

    def sealrow_secrets(self) -> dict[str, str]:
        return {"control.password": CONTROL_PASSWORD}

    def direct(self, database: str) -> "Subject":
        return Subject(self.port, self.authority.file, database, self.log_file, sealing=False)

    def stop(self) -> None:
        for connection in self._kept.values():
            connection.close()
        self.process.stop()


@dataclass(frozen=True)
class Subject:
    """What a test's client talks to: Sealrow, or (the reference) the server itself."""

    port: int
    ca: Path
    database: str
    process_log: Path
    sealing: bool

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))

    def connect(self, tls: bool = True, tenant: str | None = None, **options) -> pymysql.Connection:
        settings = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD, "database": self.database,
                    "charset": "utf8mb4", "ssl": self.tls if tls else None, "autocommit": True,
                    "client_flag": pymysql.constants.CLIENT.MULTI_STATEMENTS, **options}
        connection = pymysql.connect(**settings)
        if tenant is not None:
            with connection.cursor() as cursor:
                cursor.execute("set @app_tenant = %s", (tenant,))
        return connection
