"""What a test's client talks to: Sealrow, or (the reference, and with SEALROW_DIRECT=1 everywhere) the server itself."""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from . import rawpg
from .postgres import PASSWORD, USER, Postgres

DIRECT = bool(os.environ.get("SEALROW_DIRECT"))


@dataclass(frozen=True)
class Subject:
    port: int
    ca: Path
    database: str
    process_log: Path
    sealing: bool

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))

    def raw(self, options: str = "", tls: bool = True, **parameters: str) -> rawpg.Connection:
        if options:
            parameters["options"] = options
        return rawpg.connect(self.port, USER, PASSWORD, self.database, self.tls if tls else None, parameters)

    def settings(self, **extra: str) -> dict[str, str]:
        """Connection settings by libpq's names. TLS and channel binding are left to the driver's defaults."""
        return {"host": "127.0.0.1", "port": str(self.port), "user": USER, "password": PASSWORD,
                "dbname": self.database, **extra}

    def dsn(self, **extra: str) -> str:
        return " ".join(f"{k}='{v}'" for k, v in self.settings(**extra).items())

    def url(self, scheme: str = "postgresql") -> str:
        return f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{self.database}"


def direct(server: Postgres, database: str) -> Subject:
    return Subject(server.port, server.authority.file, database, server.log_file, sealing=False)
