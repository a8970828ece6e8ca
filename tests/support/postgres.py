"""Throw-away PostgreSQL servers: TLS, SCRAM, and every statement with its parameters in the log, so that a leak into
the log is visible."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import psycopg2.extensions

from .places import DEPS, scratch
from .process import Process
from .tls import Authority
from .waiting import free_port

USER = PASSWORD = "postgres"

SETTINGS = """
listen_addresses = '127.0.0.1'
ssl = on
ssl_min_protocol_version = 'TLSv1.2'
password_encryption = 'scram-sha-256'
fsync = off
autovacuum = off
shared_buffers = 32MB
max_connections = 60
wal_level = logical
min_wal_size = 512MB
max_wal_size = 2GB
checkpoint_timeout = 1h
shared_preload_libraries = 'pg_stat_statements'
log_statement = all
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
"""


@dataclass(frozen=True)
class Release:
    name: str
    bin: Path

    @property
    def env(self) -> dict[str, str]:
        lib = self.bin.parent / "lib"
        # a build that brings its own libraries keeps them beside bin
        return {"LC_ALL": "C"} | ({"LD_LIBRARY_PATH": str(lib)} if (lib / "libpq.so.5").exists() else {})


RELEASES = {
    "pg15": Release("pg15", Path("/usr/lib/postgresql/15/bin")),
    "pg18": Release("pg18", DEPS / "pg18/bin"),
}


def _as_nobody() -> list[str]:
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=INT"] if os.geteuid() == 0 else []


class Postgres:
    def __init__(self, release: Release, tls: bool = True, extra: str = ""):
        self.release = release
        self.folder = scratch(release.name)
        self.data = self.folder / "data"
        self.log_file = self.folder / "server.log"
        self.authority = Authority(self.folder)
        self._kept: dict[str, psycopg2.extensions.connection] = {}
        self._initialise(tls, extra)
        self._start()

    def _initialise(self, tls: bool, extra: str) -> None:
        certificate, key = self.authority.issue("postgres")
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (self.folder, certificate, key, password):
                shutil.chown(path, "nobody")
        command = [*_as_nobody(), str(self.release.bin / "initdb"), "-D", str(self.data), "-U", USER,
                   f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(command, env={**os.environ, **self.release.env}, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS + f"unix_socket_directories = '{self.folder}'\n")
            conf.write(f"ssl_cert_file = '{certificate}'\nssl_key_file = '{key}'\n")
            conf.write(("" if tls else "ssl = off\n") + extra)

    def _start(self) -> None:
        for _ in range(5):
            self.port = free_port()
            command = [*_as_nobody(), str(self.release.bin / "postgres"), "-D", str(self.data), "-p", str(self.port)]
            self.process = Process(command, self.log_file, self.release.env)
            try:
                self.process.wait_ready(self._answers, f"{self.release.name} to start")
                return
            except RuntimeError:
                if "in use" not in self.process.output():
                    raise
        raise RuntimeError("no free port for PostgreSQL")

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.dsn(sslmode="prefer")).close()
            return True
        except psycopg2.OperationalError:
            return False

    def dsn(self, database: str = "postgres", **extra: str) -> str:
        settings = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD,
                    "dbname": database, **extra}
        return " ".join(f"{k}={v}" for k, v in settings.items())

    def connect(self, database: str = "postgres"):
        """A direct connection in autocommit mode."""
        connection = psycopg2.connect(self.dsn(database))
        connection.autocommit = True
        return connection

    def run(self, sql: str, database: str = "postgres") -> list[tuple]:
        """Runs statements directly, on a connection kept for that database; the rows of the last one."""
        if database not in self._kept:
            self._kept[database] = self.connect(database)
        with self._kept[database].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    # ---- what Sealrow is told ----
    def sealrow_settings(self, database: str) -> str:
        return (f"control: {{user: {USER}, databases: [{database}], password_file: control.password}}\n"
                "authentication: {mode: auto, user_list: users.txt}\n")

    def sealrow_secrets(self) -> dict[str, str]:
        # the server's own verifier: a password in clear is not needed to log in on both legs
        verifier = self.run(f"select rolpassword from pg_authid where rolname = '{USER}'")[0][0]
        return {"control.password": PASSWORD, "users.txt": f'"{USER}" "{verifier}"\n'}

    def stop(self) -> None:
        for connection in self._kept.values():
            connection.close()
        self.process.stop(signal.SIGINT)
