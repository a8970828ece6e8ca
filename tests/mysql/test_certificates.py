"""Certificates of clients: the application's towards Sealrow (`client_tls: mutual`), Sealrow's own towards the server, for
accounts that require one."""

import ssl

import pymysql
import pytest
from support import mysql
from support.probe import EMPTY_POLICY
from support.subject import DIRECT
from support.tls import Authority

SCHEMA = "create table chat(id int primary key, body text)"
POLICY = """
version: 1
tenant: {single: acme}
tables:
  - table: {database}.chat
    columns: {body: confidential}
"""
# X509: any certificate of the authority; the other two: this one.
ACCOUNTS = {"x509": "require x509", "subject": "require subject '/CN=sealrow-to-server'", "other": "require subject '/CN=somebody else'",
            "tls": "require ssl"}

pytestmark = pytest.mark.skipif(DIRECT, reason="certificates of Sealrow's two legs")


@pytest.fixture(scope="module", params=["empty policy", "sealed"])
def policy(request):
    return EMPTY_POLICY if request.param == "empty policy" else POLICY


@pytest.fixture(scope="module")
def pair(release, policy, make_mysql_pair):
    made = make_mysql_pair(release, policy, SCHEMA, client_tls="mutual", backend_certificate="sealrow-to-server")
    for name, demand in ACCOUNTS.items():
        made.sealed_server.run(f"create user if not exists '{name}'@'%' identified by 'pw' {demand}")
        made.sealed_server.run(f"grant all on *.* to '{name}'@'%'")
    return made


def context(pair, authority: Authority | None, name: str = "application") -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(pair.sealed.ca))
    if authority is not None:
        made.load_cert_chain(*authority.issue(name))
    return made


def connect(pair, tls: ssl.SSLContext | None, user: str = mysql.USER, password: str = mysql.PASSWORD):
    return pair.sealed.connect(tls=False, ssl=tls, user=user, password=password)


@pytest.mark.parametrize("account, allowed", [("x509", True), ("subject", True), ("tls", True), ("other", False)])
def test_both_legs_by_certificate(pair, account, allowed):
    tls = context(pair, pair.sealed_server.authority)
    if not allowed:
        with pytest.raises(pymysql.Error) as caught:
            connect(pair, tls, account, "pw")
        assert caught.value.args[0] == 1045
        return
    with connect(pair, tls, account, "pw") as connection, connection.cursor() as cursor:
        cursor.execute("show status like 'Ssl_version'")
        assert cursor.fetchall()[0][1].startswith("TLSv1.")
        cursor.execute("replace into chat values (1, 'by certificate')")
        cursor.execute("select body, current_user() from chat where id = 1")
        assert cursor.fetchall() == (("by certificate", f"{account}@%"),)


def test_a_client_without_a_certificate_gets_no_session(pair):
    with pytest.raises((pymysql.Error, OSError)):
        connect(pair, context(pair, None))


def test_a_certificate_of_another_authority_gets_no_session(pair, tmp_path):
    with pytest.raises((pymysql.Error, OSError)):
        connect(pair, context(pair, Authority(tmp_path)))


def test_a_client_without_tls_gets_no_session(pair):
    with pytest.raises(pymysql.Error) as caught:
        connect(pair, None)
    assert caught.value.args[0] == 3159 or "TLS" in str(caught.value)


def test_an_account_that_requires_a_certificate_refuses_sealrow_without_one(release, policy, mysql_servers, start_sealrow):
    server, database = mysql_servers.database(release, "sealed", SCHEMA)
    server.run("create user if not exists 'x509'@'%' identified by 'pw' require x509")
    daemon = start_sealrow(server, database, policy.replace("{database}", database))
    with pytest.raises(pymysql.Error) as caught:
        daemon.subject.connect(user="x509", password="pw")
    assert caught.value.args[0] == 1045
