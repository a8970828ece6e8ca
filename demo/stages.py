"""What differs between the databases of the demo: starting the server, looking at it directly, its driver's errors."""

from pathlib import Path

import psycopg
import pymysql
from chat_app import ChatApp
from chat_app_mysql import ChatApp as MysqlChatApp
from support import mysql
from support.postgres import PASSWORD, RELEASES, USER, Postgres

DATABASE = "chat"
HERE = Path(__file__).resolve().parent


class Postgresql:
    name, driver, client, app, policy = "PostgreSQL", "psycopg", "psql", "chat_app.py", "policy.yaml"
    watched = "TLS, SCRAM, every statement logged"
    places = "heap, indexes, WAL, statistics and server log"
    server: Postgres | None = None

    def start(self) -> None:
        self.server = Postgres(RELEASES["pg15"])
        self.server.run(f"create database {DATABASE}")
        self.server.run((HERE / "schema.sql").read_text() + (HERE / "search_index.sql").read_text(), DATABASE)

    def _url(self, port: int) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}"

    def open_app(self, port: int, tenant: str) -> ChatApp:
        return ChatApp(self._url(port), tenant)

    def stored_messages(self) -> list[tuple]:
        return self.server.run("select id, prompt, output::text from messages", DATABASE)

    def plan_of_search(self, app: ChatApp, token: str) -> str:
        rows = app.database.execute("explain (costs off) select label from api_keys where token = %s", (token,))
        return " ".join(row[0].strip() for row in rows)

    def error_of(self, app: ChatApp, statement: str) -> list[str]:
        try:
            app.database.execute(statement)
        except psycopg.Error as error:
            more = (("DETAIL", error.diag.message_detail), ("HINT", error.diag.message_hint))
            return [f"ERROR: {error.diag.message_primary}"] + [f"{name}: {text}" for name, text in more if text]
        return []

    def flush(self) -> None:
        self.server.run("analyze; checkpoint", DATABASE)

    def commands(self, port: int) -> list[tuple[str, str]]:
        return [("as application", f"PGOPTIONS='-c app.tenant_id=acme' psql '{self._url(port)}'"), ("as thief", f"psql '{self._url(self.server.port)}'")]

    def stop(self) -> None:
        if self.server:
            self.server.stop()


class Mariadb:
    name, driver, client, app, policy = "MariaDB", "PyMySQL", "mariadb", "chat_app_mysql.py", "policy_mysql.yaml"
    watched = "TLS, general log, slow log and binary log on"
    places = "tablespaces, redo, binary, general and slow log"
    server: mysql.Server | None = None

    def start(self) -> None:
        self.server = mysql.Server(mysql.RELEASES["mariadb1011"])
        schema = (HERE / "schema_mysql.sql").read_text() + (HERE / "search_index_mysql.sql").read_text()
        self.server.make_database(DATABASE, schema)

    def open_app(self, port: int, tenant: str) -> MysqlChatApp:
        return MysqlChatApp(tenant, host="127.0.0.1", port=port, user=mysql.USER, password=mysql.PASSWORD, database=DATABASE,
                            ssl_ca=str(self.server.authority.file))

    def stored_messages(self) -> list[tuple]:
        return self.server.run("select id, prompt, output from messages", DATABASE)

    def plan_of_search(self, app: MysqlChatApp, token: str) -> str:
        row = app.query("explain select label from api_keys where token = %s", token)[0]
        return f"type {row[3]}, key {row[5]}, rows {row[8]}"

    def error_of(self, app: MysqlChatApp, statement: str) -> list[str]:
        try:
            app.query(statement)
        except pymysql.Error as error:
            return [f"ERROR {error.args[0]}: {error.args[1]}"]
        return []

    def flush(self) -> None:
        self.server.flush()

    def commands(self, port: int) -> list[tuple[str, str]]:
        login = f"-h127.0.0.1 -u{mysql.USER} -p{mysql.PASSWORD} {DATABASE}"
        return [("as application", f"mariadb --init-command=\"set @app_tenant = 'acme'\" -P{port} {login}"), ("as thief", f"mariadb -P{self.server.port} {login}")]

    def stop(self) -> None:
        if self.server:
            self.server.stop()
