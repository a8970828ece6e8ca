"""One conversation on each database through Sealrow, then silence until it is stopped. /tmp/served says that both went well."""

import signal
from pathlib import Path

from chat_app import ChatApp
from chat_app_mysql import ChatApp as MysqlChatApp

PROMPT = "Summarise the supply contract with Northwind, clause by clause"
APPS = {
    "PostgreSQL": lambda: ChatApp("postgresql://app:app-password@sealrow-postgres:6432/chat", "acme"),
    "MariaDB": lambda: MysqlChatApp("acme", host="sealrow-mariadb", port=6306, user="app", password="app-password", database="chat"),
}
for name, open_app in APPS.items():
    app = open_app()
    app.chat(PROMPT)
    assert app.history()[-1].prompt == PROMPT
    token = app.new_api_key("compose")
    assert app.authenticate(token) == "compose"
    print(f"{name}: {len(app.history())} messages", flush=True)
    app.close()
Path("/tmp/served").touch()
signal.sigwait({signal.SIGTERM, signal.SIGINT})
