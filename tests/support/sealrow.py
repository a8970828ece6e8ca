"""A Sealrow daemon with a key store of its own in front of a throw-away server."""

import os
import shutil
import subprocess
from pathlib import Path

from . import mysql
from .places import SEALROW, scratch
from .postgres import Postgres
from .process import Process, listening_ports
from .subject import Subject
from .waiting import free_port

CONFIG = """\
version: 1
listen: 127.0.0.1:{port}
client_tls: {client_tls}
backend:
  host: 127.0.0.1
  port: {backend_port}
  tls: {{mode: {backend_tls}{backend_files}}}
{settings}keys: {keys}
policy: policy.yaml
workers: {workers}
log: {{level: info, format: json}}
drain_timeout: 5s
"""

LOCAL_KEYS = "{provider: local, directory: keys, passphrase_file: keys.passphrase}"
SANITIZER_OPTIONS = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1"}


def command(*arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess:
    """Runs `sealrow ARGUMENTS` to its end."""
    done = subprocess.run([str(SEALROW), *arguments], capture_output=True, text=True, timeout=120, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"sealrow {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Sealrow:
    def __init__(self, server: "Postgres | mysql.Server", database: str, policy: str, backend_tls: str = "verify-full",
                 workers: int = 2, client_tls: str = "allow", backend_certificate: str = "", keys: str = LOCAL_KEYS,
                 key_store: Path | None = None, env: dict[str, str] | None = None, secrets: dict[str, str] | None = None):
        """`backend_certificate`: the name in the certificate that Sealrow shows to the server. `key_store`: one to copy,
        for tests of many short-lived daemons; making one takes a second."""
        self.server, self.database = server, database
        self.folder = scratch("daemon")
        self.log_file = self.folder / "sealrow.log"
        self.config = self.folder / "sealrow.yaml"
        self.ca = server.authority.file
        self._certificate, self._key = server.authority.issue(f"sealrow-{self.folder.name}")
        self._write_secret("keys.passphrase", "correct horse battery staple")
        self._keys, self.env = keys, {**os.environ, **(env or {})}
        for name, content in {**server.sealrow_secrets(), **(secrets or {})}.items():
            self._write_secret(name, content)
        (self.folder / "policy.yaml").write_text(policy)
        self._backend_tls, self._workers = backend_tls, workers
        self._client_tls = f"{{mode: {client_tls}" + (f", certificate: {self._certificate}, key: {self._key}" if client_tls != "off" else "")
        self._client_tls += f", client_ca: {self.ca}}}" if client_tls == "mutual" else "}"
        self._backend_files = f", ca: {self.ca}" if backend_tls.startswith("verify") else ""
        if backend_certificate:
            self._backend_files += ", certificate: {}, key: {}".format(*server.authority.issue(backend_certificate))
        self._configure()
        if key_store:
            shutil.copytree(key_store, self.folder / "keys")
        else:
            command("keys", "init", "--config", str(self.config), env=self.env)
        self._start()

    def _write_secret(self, name: str, content: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content)

    def _configure(self) -> None:
        self.port = free_port()
        self.config.write_text(CONFIG.format(
            port=self.port, client_tls=self._client_tls, backend_port=self.server.port, backend_tls=self._backend_tls,
            workers=self._workers, backend_files=self._backend_files,
            settings=self.server.sealrow_settings(self.database), keys=self._keys))

    def _start(self) -> None:
        for _ in range(5):
            self.process = Process([str(SEALROW), "serve", "--config", str(self.config)], self.log_file, {**self.env, **SANITIZER_OPTIONS})
            try:
                self.process.wait_ready(lambda: self.port in listening_ports(self.process.pid), "Sealrow to listen")
                return
            except RuntimeError:
                self._check_sanitizers()
                if "in use" not in self.process.output().lower():
                    raise
                self._configure()
        raise RuntimeError("no free port for Sealrow")

    @property
    def subject(self) -> "Subject | mysql.Subject":
        kind = mysql.Subject if isinstance(self.server, mysql.Server) else Subject
        return kind(self.port, self.ca, self.database, self.log_file, sealing=True)

    def write_policy(self, policy: str) -> None:
        (self.folder / "policy.yaml").write_text(policy)

    def stop(self) -> int:
        """Exit code; a sanitizer's report is an error whatever the code."""
        code = self.process.stop()
        self._check_sanitizers()
        return code

    def _check_sanitizers(self) -> None:
        output = self.process.output()
        for sign in ("ERROR: AddressSanitizer", "runtime error:", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer"):
            if sign in output:
                raise AssertionError(f"sanitizer report in {self.log_file}:\n{output[output.index(sign):][:6000]}")


def available() -> bool:
    return os.access(SEALROW, os.X_OK)


def missing_reason(path: Path = SEALROW) -> str:
    return f"no Sealrow binary at {path}: build it or set SEALROW_BIN"
