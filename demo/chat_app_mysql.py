"""The chat application of chat_app.py on MySQL or MariaDB.

It knows an address and SQL, nothing else. Whether the address leads to the database or to Sealrow makes no difference to a
single line below."""

import json
import secrets

import pymysql
from chat_app import Message, answer


class ChatApp:
    def __init__(self, tenant: str, **address):
        self.tenant = tenant
        self.database = pymysql.connect(charset="utf8mb4", autocommit=True, init_command=f"set @app_tenant = '{tenant}'", **address)

    def query(self, sql: str, *values) -> tuple:
        with self.database.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def new_api_key(self, label: str) -> str:
        token = "sk-" + secrets.token_urlsafe(24)
        self.query("insert into api_keys (tenant_id, label, token) values (%s, %s, %s)", self.tenant, label, token)
        return token

    def authenticate(self, token: str) -> str | None:
        """The label of the key, or None: a look-up by equality."""
        rows = self.query("select label from api_keys where token = %s", token)
        return rows[0][0] if rows else None

    def chat(self, prompt: str) -> int:
        output = {"role": "assistant", "content": answer(prompt), "usage": {"total_tokens": len(prompt.split()) * 3}}
        self.query("insert into messages (tenant_id, model, prompt, output) values (%s, 'demo-1', %s, %s)", self.tenant, prompt, json.dumps(output))
        return self.database.insert_id()

    def history(self) -> list[Message]:
        rows = self.query("select id, prompt, output from messages where tenant_id = %s order by id", self.tenant)
        return [Message(number, prompt, json.loads(output)) for number, prompt, output in rows]

    def close(self) -> None:
        self.database.close()
