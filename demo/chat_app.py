"""A small multi-tenant chat application on an ordinary PostgreSQL driver.

It knows a connection string and SQL, nothing else. Whether the string leads to PostgreSQL or to Sealrow makes no
difference to a single line below."""

import secrets
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb


@dataclass(frozen=True)
class Message:
    id: int
    prompt: str
    output: dict


class ChatApp:
    def __init__(self, database_url: str, tenant: str):
        self.tenant = tenant
        # the setting that row level security policies read
        self.database = psycopg.connect(database_url, options=f"-c app.tenant_id={tenant}", autocommit=True)

    def new_api_key(self, label: str) -> str:
        token = "sk-" + secrets.token_urlsafe(24)
        self.database.execute("insert into api_keys (tenant_id, label, token) values (%s, %s, %s)", (self.tenant, label, token))
        return token

    def authenticate(self, token: str) -> str | None:
        """The label of the key, or None: a look-up by equality."""
        row = self.database.execute("select label from api_keys where token = %s", (token,)).fetchone()
        return row[0] if row else None

    def chat(self, prompt: str) -> int:
        output = {"role": "assistant", "content": answer(prompt), "usage": {"total_tokens": len(prompt.split()) * 3}}
        return self.database.execute(
            "insert into messages (tenant_id, model, prompt, output) values (%s, 'demo-1', %s, %s) returning id",
            (self.tenant, prompt, Jsonb(output))).fetchone()[0]

    def history(self) -> list[Message]:
        rows = self.database.execute("select id, prompt, output from messages where tenant_id = %s order by id", (self.tenant,))
        return [Message(*row) for row in rows]

    def close(self) -> None:
        self.database.close()


def answer(prompt: str) -> str:
    """Stands for the language model."""
    if "letter" in prompt:
        return "Dear Sir or Madam, we hereby give notice as of 31 March."
    if "contract" in prompt:
        return "The notice period is ninety days, see clause 7.2."
    if "patient" in prompt:
        return "Both drugs prolong the QT interval: ask a cardiologist."
    return "I do not know."
