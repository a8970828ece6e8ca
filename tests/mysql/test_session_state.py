"""Commands that end, reset or re-authenticate a connection while columns are sealed (B2.09, B3.07, B4.09, MY-6, MY-29)."""

import struct
import threading

import pymysql
import pytest
from support import mysql, rawmysql
from support.subject import DIRECT
from support.waiting import wait_until

SCHEMA = """
create table chat(id int primary key, body text, clear text);
create procedure several() begin select 1 as one; select 2 as two, 'x' as x; update chat set clear = 'called'; end;
create procedure doubled(in n int, out twice int, inout sum int) begin set twice = 2 * n, sum = sum + n; select n as given; end;
"""
POLICY = """
version: 1
tenant: {session: "@app_tenant"}
tables:
  - table: {database}.chat
    columns: {body: confidential}
"""


@pytest.fixture(scope="module")
def pair(release, make_mysql_pair):
    return make_mysql_pair(release, POLICY, SCHEMA)


@pytest.fixture(autouse=True)
def filled(pair):
    for server, subject in ((pair.sealed_server, pair.sealed), (pair.plain_server, pair.plain)):
        server.run("delete from chat", subject.database)
        with subject.connect(tenant="acme") as connection, connection.cursor() as cursor:
            cursor.execute("insert into chat values (1, 'alpha', 'a'), (2, null, 'b'), (3, 'gamma', 'c')")


def in_background(run):
    """Runs in a thread; the thread, and what it raised."""
    raised: list[BaseException] = []

    def body():
        try:
            run()
        except BaseException as error:      # noqa: BLE001 - handed to the test
            raised.append(error)
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread, raised


def sleeping(server: mysql.Server, connection_id: int) -> bool:
    return bool(server.run(f"select 1 from information_schema.processlist where id = {connection_id} and info like '%sleep%'"))


@pytest.mark.parametrize("kill", ["kill query {}", "kill connection {}", "kill {}", "COM_PROCESS_KILL"])
def test_b4_09_kill_by_the_id_that_the_client_knows(pair, wires, kill):
    """The handshake's thread id, CONNECTION_ID() and the process list agree, so any of them ends the right statement."""
    outcomes = []
    for victim, server in zip(wires(pair, tenant="acme"), (pair.sealed_server, pair.plain_server)):
        mine = victim.connection.thread_id()
        assert victim.query("select connection_id()")[0].rows == [bytes([len(str(mine))]) + str(mine).encode()]
        killer = wires(pair, tenant="acme")[0 if server is pair.sealed_server else 1]
        thread, raised = in_background(lambda: victim.query("select id, body, sleep(60) from chat where id = 1"))
        wait_until(lambda: sleeping(server, mine), "the statement to run")
        if kill == "COM_PROCESS_KILL":
            killer.send(0x0c, struct.pack("<I", mine))
            try:
                killer.packet()
                kill_error = None
            except pymysql.Error as error:
                kill_error = error.args[0]
                server.run(f"kill {mine}")
        else:
            killer.query(kill.format(mine))
            kill_error = None
        thread.join(20)
        assert not thread.is_alive()
        try:
            alive = victim.query("select body from chat where id = 1")[0].rows == [b"\x05alpha"]
        except (pymysql.Error, OSError):
            alive = False
        outcomes.append((kill_error, [type(e).__name__ for e in raised] if alive else "connection lost", alive))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][2] == (kill == "kill query {}")


def test_b2_09_reset_connection(pair, wires):
    """Statements, variables, the open transaction and temporary tables are gone; the connection reads on."""
    seen = []
    for wire in wires(pair, tenant="acme"):
        wire.query("begin")
        wire.query("insert into chat values (9, 'lost', 'lost')")
        reading = wire.prepare("select body from chat where id = ?")
        wire.execute(reading, [1])
        wire.send(rawmysql.RESET_CONNECTION)
        wire.packet()
        with pytest.raises(pymysql.Error) as caught:
            wire.execute(reading, [1])
        wire.query("set @app_tenant = 'acme'")
        again = wire.prepare("select id, body from chat order by id")
        seen.append((caught.value.args[0], wire.query("select * from chat order by id")[0].rows, wire.execute(again, [])[0].rows))
    assert seen[0] == seen[1]


def change_user(wire, database: str, password: str = mysql.PASSWORD, user: str = mysql.USER) -> None:
    """COM_CHANGE_USER as client libraries send it, with an answer to whatever the server switches to."""
    connection = wire.connection
    payload = user.encode() + b"\0" + b"\0" + database.encode() + b"\0" + struct.pack("<H", 255) + b"none\0" + b"\0"   # no attributes
    wire.send(0x11, payload)
    packet = connection._read_packet()
    while not packet.is_ok_packet():
        data = packet.get_all_data()
        if data[:1] == b"\xfe":
            plugin, salt = data[1:].split(b"\0", 1)
            connection.salt, connection._auth_plugin_name = salt.rstrip(b"\0"), plugin.decode()
            answer = (pymysql._auth.scramble_native_password(password.encode(), connection.salt) if plugin == b"mysql_native_password"
                      else pymysql._auth.scramble_caching_sha2(password.encode(), connection.salt))
            connection.write_packet(answer)
        elif data[:2] == b"\x01\x04":
            connection.write_packet(password.encode() + b"\0")    # over TLS only
        packet = connection._read_packet()


def test_b2_09_change_user(pair, wires):
    """The new session has no tenant, no statements, and the database that was named."""
    seen = []
    for wire, subject in zip(wires(pair, tenant="acme"), (pair.sealed, pair.plain)):
        reading = wire.prepare("select body from chat where id = ?")
        change_user(wire, subject.database)
        with pytest.raises(pymysql.Error) as caught:
            wire.execute(reading, [1])
        if subject.sealing:
            with pytest.raises(pymysql.Error, match="SR-E501"):
                wire.query("insert into chat(id, body) values (10, 'x')")
        wire.query("set @app_tenant = 'acme'")
        wire.query("insert into chat(id, body) values (11, 'after')")
        seen.append((caught.value.args[0], wire.query("select * from chat order by id")[0].rows))
        change_user(wire, "")
        with pytest.raises(pymysql.Error) as caught:
            wire.query("select * from chat")
        assert caught.value.args[0] == 1046 or subject.sealing   # no database selected
        seen[-1] += (wire.query("select database() is null, @app_tenant is null")[0].rows,)
    assert seen[0] == seen[1]
    if not DIRECT:
        assert all(body is None or body.startswith("sr1.") for (body,) in pair.at_rest("select body from chat"))


def test_change_user_with_a_wrong_password(pair, wires):
    errors = []
    for wire, subject in zip(wires(pair, tenant="acme"), (pair.sealed, pair.plain)):
        with pytest.raises(pymysql.Error) as caught:
            change_user(wire, subject.database, password="wrong")
        errors.append(caught.value.args)
    assert [e[0] for e in errors] == [1045, 1045]
    assert errors[0][1] == errors[1][1]


def test_b3_07_results_of_procedures(pair, wires):
    """Several results for one CALL, and OUT parameters: of the protocol, and by variables."""
    seen = []
    for wire in wires(pair, tenant="acme"):
        calls = [wire.query("call doubled(4, @t, @s)") for _ in range(2)]
        out = wire.query("select @t, @s")
        statement = wire.prepare("call doubled(?, ?, ?)")
        binary = wire.execute(statement, [5, 0, 7])
        seen.append(([(r.columns, r.rows, r.affected, r.status) for call in calls for r in call], out[0].rows,
                     [(r.columns, r.rows, r.status) for r in binary], wire.query("select body from chat order by id")[0].rows))
    assert seen[0] == seen[1]
    assert len(seen[0][2]) >= 2


def test_a_procedure_that_names_a_protected_table_is_refused(pair, wires):
    sealed, plain = wires(pair, tenant="acme")
    assert len(plain.query("call several()")) == 3
    if not DIRECT:
        with pytest.raises(pymysql.Error, match="SR-E"):
            sealed.query("call several()")
        assert sealed.query("select clear from chat order by id")[0].rows == [b"\x01a", b"\x01b", b"\x01c"]


def test_b3_05_results_of_several_statements(pair, wires):
    text = "select id, body from chat order by id; update chat set clear = 'z' where id = 1; select body, clear from chat where id = 1; select 1"
    seen = [[(r.columns, r.rows, r.affected) for r in wire.query(text)] for wire in wires(pair, tenant="acme")]
    assert seen[0] == seen[1] and len(seen[0]) == 4


def test_error_between_several_statements(pair, wires):
    """What stood before the failing one stays done; nothing behind it ran."""
    seen = []
    for wire in wires(pair, tenant="acme"):
        wire.send(rawmysql.QUERY, b"insert into chat values (20, 'first', ''); insert into chat values (20, 'twice', ''); insert into chat values (21, 'never', '')")
        wire.result()
        with pytest.raises(pymysql.Error) as caught:
            wire.result()
        seen.append((caught.value.args[0], wire.query("select * from chat order by id")[0].rows))
    assert seen[0] == seen[1]
    assert seen[0][0] == 1062


def test_session_without_multi_statements(pair, wires):
    """COM_SET_OPTION takes the right away; the server then sees a syntax error, direct and through Sealrow."""
    errors = []
    for wire in wires(pair, tenant="acme"):
        wire.send(rawmysql.SET_OPTION, struct.pack("<H", 1))
        wire.packet()
        with pytest.raises(pymysql.Error) as caught:
            wire.query("select 1; select body from chat")
        errors.append(caught.value.args[0])
        wire.send(rawmysql.SET_OPTION, struct.pack("<H", 0))
        wire.packet()
        assert len(wire.query("select 1; select body from chat")) == 2
    assert errors == [1064, 1064]
