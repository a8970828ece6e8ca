"""Character sets that are chosen or restored in ways that dumps and MariaDB's own tests use."""

import pymysql
import pytest
from support.probe import EMPTY_POLICY
from support.subject import DIRECT

SCHEMA = "create table chat(id int primary key, body text)"
POLICY = """
version: 1
tenant: {single: acme}
tables:
  - table: {database}.chat
    columns: {body: confidential}
"""
SESSION_TRACK = 1 << 23
FLAGS = SESSION_TRACK | pymysql.constants.CLIENT.MULTI_STATEMENTS


@pytest.fixture(scope="module", params=["empty policy", "sealed"])
def pair(request, release, make_mysql_pair):
    return make_mysql_pair(release, EMPTY_POLICY if request.param == "empty policy" else POLICY, SCHEMA)


def test_use_of_a_database_in_wide_characters(pair, wires):
    """MariaDB pads the session state that follows: clients read none, and neither do we."""
    for wire, server, subject in zip(wires(pair, client_flag=FLAGS), (pair.sealed_server, pair.plain_server), (pair.sealed, pair.plain)):
        for set_name in ("ucs2", "utf16", "utf32"):
            server.run(f"create database if not exists wide_{set_name} character set {set_name}")
            wire.query(f"use wide_{set_name}")
            assert wire.query("select database()")[0].rows == [bytes([5 + len(set_name)]) + f"wide_{set_name}".encode()]
        wire.query(f"use {subject.database}")
        wire.query("replace into chat values (1, 'after')")
        assert wire.query("select body from chat")[0].rows == [b"\x05after"]


def test_a_dump_restores_its_character_sets(pair, wires):
    """The lines that mariadb-dump and mysqldump write around every table."""
    for wire in wires(pair):
        for line in ("/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */", "/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */",
                     "/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */", "/*!40101 SET NAMES utf8mb4 */",
                     "/*!40101 SET @saved_cs_client = @@character_set_client */", "/*!40101 SET character_set_client = utf8mb4 */",
                     "replace into chat values (1, 'dumped é')", "/*!40101 SET character_set_client = @saved_cs_client */",
                     "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */", "/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */",
                     "/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */"):
            wire.query(line)
        assert wire.query("select body from chat")[0].rows == ["\x09dumped é".encode()]


@pytest.mark.skipif(DIRECT, reason="refusals are Sealrow's")
@pytest.mark.parametrize("pair", ["sealed"], indirect=True)
def test_a_computed_set_that_cannot_be_read_stops_the_next_text(pair, wires):
    wire, _ = wires(pair)
    wire.query("set @gbk = 'gbk'")
    wire.query("set character_set_client = @gbk")
    with pytest.raises(pymysql.Error, match="SR-E"):
        wire.query("insert into chat values (2, 'x')")
    with pytest.raises(pymysql.Error, match="SR-E"):
        wires(pair)[0].query("set @gbk = 'gbk'; set character_set_client = @gbk; insert into chat values (3, 'x')")
    assert pair.at_rest("select id from chat where id > 1") == []
