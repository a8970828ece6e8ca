"""What Python drivers and an ORM do with a table whose text, json and blob columns may be sealed. Every scenario returns
what the application saw; two runs are compared. usage: python_scenarios.py NAME JSON-SETTINGS"""

import json
import sys

LARGE = "large text é " * 20_000
DOC = {"role": "user", "parts": [1, "two", None, {"deep": "é"}]}
ROWS = [("a", "hello", DOC, b"\x00\xff"), ("b", None, None, None), ("c", "", [], b""), ("d", LARGE, "text", bytes(range(256)) * 200),
        ("e", "it's \\ \"quoted\" \n \x00 \U0001f600", {"k": "it's"}, b"'\\\"\x00\n")]
INSERT = "insert into chat(who, body, doc, raw) values (%s, %s, %s, %s)"
READ = "select id, who, body, doc, raw from chat order by id"


def plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", bytes(value).hex()]
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def parameters(row):
    who, body, doc, raw = row
    return who, body, None if doc is None else json.dumps(doc), raw


def dbapi(module, connect, server_side, described=slice(0, 7)):
    """The same steps on any driver of PEP 249."""
    seen = []
    connection = connect()
    cursor = connection.cursor()
    for row in ROWS:
        seen.append(cursor.execute(INSERT, parameters(row)))
        seen.append(cursor.lastrowid)
    seen.append(cursor.executemany("insert into chat(who, body, raw) values (%s, %s, %s)", [("m", f"many {i}", bytes([i])) for i in range(20)]))
    cursor.execute("insert into chat(id, who, body) values (1, 'dup', 'x') on duplicate key update body = %s, who = values(who)", ("changed",))
    seen.append(cursor.rowcount)
    seen.append(cursor.execute("update chat set body = %s, raw = null where who = %s", ("changed \\ % é", "c")))
    cursor.execute(READ)
    seen += [list(d[described]) for d in cursor.description] + plain(cursor.fetchall())
    cursor.execute("select c.body, x.b from chat c join (select id, body as b from chat where who <> %s) x on x.id = c.id order by c.id", ("d",))
    seen += plain(cursor.fetchmany(3))
    cursor.fetchall()
    connection.commit()
    try:
        cursor.execute("insert into chat(who, body) values ('x', 'rolled back')")
        cursor.execute("select nothing from nowhere")
    except module.Error as error:
        seen.append(error.args[0])
    connection.rollback()
    cursor.execute("select count(*), max(id) from chat")
    seen.append(plain(cursor.fetchone()))
    cursor.close()
    streaming = connection.cursor(server_side)
    streaming.execute(READ)
    seen += [plain(row) for row in streaming]
    streaming.close()
    connection.close()
    return seen


def pymysql_scenario(settings):
    import ssl

    import pymysql
    tls = ssl.create_default_context(cafile=settings["ca"]) if settings["tls"] else None
    return dbapi(pymysql, lambda: pymysql.connect(host="127.0.0.1", port=settings["port"], user=settings["user"], password=settings["password"],
                                                  database=settings["database"], charset="utf8mb4", ssl=tls), pymysql.cursors.SSCursor)


def mysqlclient_scenario(settings):
    import MySQLdb
    import MySQLdb.cursors
    tls = {"ssl": {"ca": settings["ca"]}} if settings["tls"] else {}
    return dbapi(MySQLdb, lambda: MySQLdb.connect(host="127.0.0.1", port=settings["port"], user=settings["user"], password=settings["password"],
                                                  database=settings["database"], charset="utf8mb4", **tls), MySQLdb.cursors.SSCursor)


def sqlalchemy_scenario(settings, driver):
    import sqlalchemy as sa
    from sqlalchemy import orm
    base = orm.declarative_base()

    class Chat(base):
        __tablename__ = "chat"
        id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)
        who = sa.Column(sa.String(40))
        body = sa.Column(sa.Text)
        doc = sa.Column(sa.JSON(none_as_null=True))
        raw = sa.Column(sa.LargeBinary)

    arguments = {"ssl": {"ca": settings["ca"]}} if settings["tls"] else {}
    url = f"mysql+{driver}://{settings['user']}:{settings['password']}@127.0.0.1:{settings['port']}/{settings['database']}?charset=utf8mb4"
    engine = sa.create_engine(url, connect_args=arguments)
    seen = []
    with orm.Session(engine) as session:
        for who, body, doc, raw in ROWS:
            session.add(Chat(who=who, body=body, doc=doc, raw=raw))
        session.commit()
        session.add_all([Chat(who="m", body=f"many {i}") for i in range(10)])
        session.flush()
        first = session.get(Chat, 1)
        first.body = "changed"
        session.commit()
        session.execute(sa.insert(Chat), [{"who": "bulk", "body": f"bulk {i}", "doc": {"i": i}} for i in range(5)])
        session.commit()
        for row in session.query(Chat).order_by(Chat.id):
            seen.append(plain([row.id, row.who, row.body, row.doc, row.raw]))
        session.query(Chat).filter(Chat.who == "bulk").delete()
        session.commit()
        seen.append(session.query(Chat).count())
    inspector = sa.inspect(engine)
    seen += [[c["name"], str(c["type"]), c["nullable"]] for c in inspector.get_columns("chat")]
    engine.dispose()
    return seen


SCENARIOS = {
    "pymysql": pymysql_scenario,
    "mysqlclient": mysqlclient_scenario,
    "sqlalchemy-pymysql": lambda settings: sqlalchemy_scenario(settings, "pymysql"),
    "sqlalchemy-mysqldb": lambda settings: sqlalchemy_scenario(settings, "mysqldb"),
}

if __name__ == "__main__":
    print(json.dumps(SCENARIOS[sys.argv[1]](json.loads(sys.argv[2]))))
