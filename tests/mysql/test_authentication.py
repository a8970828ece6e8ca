"""Every way to prove a password, relayed to real servers over every combination of encrypted legs, and certificates on both
legs (B4.07, MY-5). What the client sees, an error's text included, is what it sees without Sealrow."""

import subprocess

import pymysql
import pytest
from support import mysql
from support.subject import DIRECT

SCHEMA = "create table chat(id int primary key, body text)"
POLICY = """
version: 1
tenant: {single: acme}
tables:
  - table: {database}.chat
    columns: {body: confidential}
"""
QUERY = "select current_user(), body from chat"

# account, how it is made, its password. MariaDB's parsec needs 11.6; MySQL 9 has no mysql_native_password any more.
ACCOUNTS = {
    "mariadb": {
        "native": ("identified via mysql_native_password using password('{}')", "pw-native"),
        "ed25519": ("identified via ed25519 using password('{}')", "pw-ed25519"),
        "several": ("identified via ed25519 using password('another') or mysql_native_password using password('{}')", "pw-several"),
        "empty": ("identified via mysql_native_password", ""),
        "long": ("identified via ed25519 using password('{}')", "x" * 60 + "é"),
    },
    "mysql": {
        "sha2": ("identified with caching_sha2_password by '{}'", "pw-sha2"),
        "empty": ("identified with caching_sha2_password by ''", ""),
        "long": ("identified with caching_sha2_password by '{}'", "x" * 60 + "é"),
    },
}
# Where Sealrow stops a client that begins with this plugin.
BEGIN_IN_CLEAR = {"mysql_clear_password": {"client-tls", "server-tls", "no-tls"}, "sha256_password": {"client-tls", "server-tls"}}
LEGS = {"tls": (True, "verify-full"), "client-tls": (True, "disable"), "server-tls": (False, "verify-full"), "no-tls": (False, "disable")}


def flavour(release: str) -> str:
    return "mariadb" if release.startswith("mariadb") else "mysql"


CASES = [pytest.param(release, account, client, id=f"{release}-{account}-{client}")
         for release in ("mariadb1011", "mysql97") for account in ACCOUNTS[flavour(release)]
         for client in ("mariadb", "mysql", "pymysql")
         # MySQL 9's client knows neither of MariaDB's plugins, PyMySQL no ed25519 without a package that Debian lacks.
         if not (client == "mysql" and release == "mariadb1011") and not (client == "pymysql" and account in ("ed25519", "long", "several"))]


@pytest.fixture(scope="module", params=LEGS)
def legs(request):
    return request.param


@pytest.fixture(scope="module")
def pairs(legs, make_mysql_pair):
    made = {}
    client, server = LEGS[legs]

    def get(release: str):
        if release not in made:
            made[release] = make_mysql_pair(release, POLICY, SCHEMA, backend_tls=server, client_tls="allow" if client else "off")
            for side, subject in ((made[release].plain_server, made[release].plain), (made[release].sealed_server, made[release].sealed)):
                for account, (how, password) in ACCOUNTS[flavour(release)].items():
                    side.run(f"create user if not exists '{account}'@'%' {how.format(password)}")
                    side.run(f"grant all on {subject.database}.* to '{account}'@'%'")
            for subject in (made[release].plain, made[release].sealed):
                with subject.connect(tls=client) as connection, connection.cursor() as cursor:
                    cursor.execute("insert into chat values (1, 'seen')")
        return made[release]
    return get


def command_line(client: str, subject: mysql.Subject, user: str, password: str, tls: bool, *more: str) -> tuple[int, str]:
    program = ["mariadb"] if client == "mariadb" else [str(mysql.MYSQL_TREE / "run"), "usr/bin/mysql"]
    options = ["-h127.0.0.1", f"-P{subject.port}", f"-u{user}", f"--password={password}", "--default-character-set=utf8mb4", "-N"]
    if client == "mariadb":
        options += [f"--ssl-ca={subject.ca}", "--ssl-verify-server-cert"] if tls else ["--skip-ssl"]
    else:
        options += [f"--ssl-ca={subject.ca}", "--ssl-mode=VERIFY_IDENTITY"] if tls else ["--ssl-mode=DISABLED", "--get-server-public-key"]
    done = subprocess.run([*program, "--no-defaults", *options, *more, subject.database, "-e", QUERY], capture_output=True, text=True, timeout=60)
    errors = [line for line in done.stderr.splitlines() if "Using a password on the command line" not in line]
    return done.returncode, done.stdout + "\n".join(errors).replace(subject.database, "DATABASE")


def driver(subject: mysql.Subject, user: str, password: str, tls: bool) -> tuple[int, str]:
    try:
        with subject.connect(tls=tls, user=user, password=password) as connection, connection.cursor() as cursor:
            cursor.execute(QUERY)
            return 0, repr(cursor.fetchall())
    except pymysql.Error as error:
        return 1, repr(error.args).replace(subject.database, "DATABASE")


@pytest.mark.parametrize("release, account, client", CASES)
def test_b4_07_password(pairs, legs, release, account, client):
    pair, tls = pairs(release), LEGS[legs][0]
    password = ACCOUNTS[flavour(release)][account][1]
    seen = []
    for server, subject in ((pair.plain_server, pair.plain), (pair.sealed_server, pair.sealed)):
        server.run("flush privileges")   # MySQL forgets whose password it has checked: the first login is a full one

        def login(word):
            return driver(subject, account, word, tls) if client == "pymysql" else command_line(client, subject, account, word, tls)
        seen.append([login("wrong"), login(password), login(password), login(password + "x"), login("")])
    assert seen[0] == seen[1]
    assert [code for code, _ in seen[0]][:3] == [1, 0, 0]
    assert "seen" in seen[1][1][1]


@pytest.mark.parametrize("release, client, plugin", [("mariadb1011", "mariadb", "client_ed25519"), ("mariadb1011", "mariadb", "caching_sha2_password"),
                                                     ("mariadb1011", "mariadb", "mysql_clear_password"), ("mysql97", "mysql", "sha256_password"),
                                                     ("mysql97", "mariadb", "mysql_native_password"), ("mysql97", "mysql", "mysql_clear_password")])
def test_b4_07_the_server_switches_to_another_plugin(pairs, legs, release, client, plugin):
    """The client begins with a plugin that the account does not have. A first answer in clear goes nowhere but over TLS on
    both legs; MySQL's sha256_password is in clear over TLS only."""
    pair, tls = pairs(release), LEGS[legs][0]
    account = "native" if release == "mariadb1011" else "sha2"
    password = ACCOUNTS[flavour(release)][account][1]
    more = [f"--default-auth={plugin}"]
    plain, sealed = (command_line(client, subject, account, password, tls, *more) for subject in (pair.plain, pair.sealed))
    if legs in BEGIN_IN_CLEAR.get(plugin, ()) and not DIRECT:
        assert sealed[0] != 0
        return
    assert sealed == plain
    assert plain[0] == 0 or plugin in BEGIN_IN_CLEAR


def test_many_accounts_at_once(pairs, legs):
    """Logins of one account do not leak into another's: each session sees its own user."""
    for release in ("mariadb1011", "mysql97"):
        pair = pairs(release)
        accounts = [a for a in ACCOUNTS[flavour(release)] if a in ("native", "sha2", "empty")]
        opened = [(a, pair.sealed.connect(tls=LEGS[legs][0], user=a, password=ACCOUNTS[flavour(release)][a][1])) for _ in range(4) for a in accounts]
        for account, connection in opened:
            with connection.cursor() as cursor:
                cursor.execute(QUERY)
                assert cursor.fetchall() == ((f"{account}@%", "seen"),)
            connection.close()
