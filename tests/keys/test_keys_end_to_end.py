"""PostgreSQL behind Sealrow with keys of a real KMS interface (moto) and of an HSM (SoftHSM2): what is written is sealed, and
what happens when the provider goes away."""

import base64
import json
import time

import psycopg2
import pytest
from support import moto, sealrow
from support.softhsm import MODULE, PIN, SoftHsm

pytestmark = pytest.mark.skipif(not sealrow.available(), reason=sealrow.missing_reason())

SCHEMA = "create table notes (id bigint primary key, tenant_id text not null, body text)"
POLICY = """\
version: 1
tenant: {column: tenant_id}
tables:
  - table: public.notes
    columns: {body: pii}
"""


@pytest.fixture(scope="module")
def kms():
    if not moto.available():
        pytest.fail("no moto: run scripts/install-deps")
    server = moto.Moto()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hsm():
    token = SoftHsm()
    token.make_key("kek")
    return token


def aws_keys(kms) -> tuple[str, dict]:
    section = f'{{provider: aws, directory: keys, deployment: e2e, aws: {{key: "{kms.key}", endpoint: "{kms.url}"}}}}'
    return section, {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


def hsm_keys(hsm) -> tuple[str, dict]:
    return (f'{{provider: pkcs11, directory: keys, pkcs11: {{module: {MODULE}, uri: "pkcs11:token=test;object=kek", pin_file: hsm.pin}}}}',
            hsm.env)


def start(servers, start_sealrow, keys: tuple[str, dict]):
    server, name = servers.database("pg15", "sealed", SCHEMA)
    return server, name, start_sealrow(server, name, POLICY, keys=keys[0], env=keys[1], secrets={"hsm.pin": PIN})


def connect(daemon):
    return psycopg2.connect(daemon.subject.dsn())


@pytest.mark.parametrize("provider", ["aws", "pkcs11"])
def test_sealed_insert_and_select(servers, start_sealrow, kms, hsm, provider):
    server, name, daemon = start(servers, start_sealrow, aws_keys(kms) if provider == "aws" else hsm_keys(hsm))
    with connect(daemon) as session, session.cursor() as cursor:
        cursor.execute("insert into notes values (1, 'a', 'first'), (2, 'b', 'second')")
        cursor.execute("select body from notes order by id")
        assert [row[0] for row in cursor.fetchall()] == ["first", "second"]
    stored = [row[0] for row in server.run("select body from notes", name)]
    assert len(stored) == 2 and all(value.startswith("sr1.") for value in stored)
    listed = json.loads(sealrow.command("keys", "list", "--json", "--config", str(daemon.config), env=daemon.env).stdout)
    assert {key["tenant"] for key in listed} == {"a", "b"}


def test_another_client_of_the_kms_opens_our_keys_and_only_in_their_context(servers, start_sealrow, kms):
    _, _, daemon = start(servers, start_sealrow, aws_keys(kms))
    root = json.loads((daemon.folder / "keys/store/root.json").read_text())
    blob = base64.b64encode(bytes.fromhex(root["key"]["bytes"])).decode()
    context = {"sealrow:deployment": "e2e", "sealrow:purpose": "store", "sealrow:key": "0" * 16, "sealrow:version": "1"}
    answer = kms.boto("decrypt", CiphertextBlob=blob, EncryptionContext=context, KeyId=kms.key)
    assert len(base64.b64decode(answer["Plaintext"])) == 32
    with pytest.raises(AssertionError, match="InvalidCiphertext"):
        kms.boto("decrypt", CiphertextBlob=blob, EncryptionContext=context | {"sealrow:deployment": "other"}, KeyId=kms.key)


def test_kms_away(servers, start_sealrow):
    """Warm keys cost no transaction; a cold tenant gets a clear error, fast."""
    kms = moto.Moto()
    _, _, daemon = start(servers, start_sealrow, aws_keys(kms))
    warm, cold = connect(daemon), connect(daemon)
    warm.autocommit = cold.autocommit = True
    warm.cursor().execute("insert into notes values (1, 'warm', 'x')")
    kms.stop()
    for number in range(2, 50):
        warm.cursor().execute("insert into notes values (%s, 'warm', 'x')", (number,))
    started = time.monotonic()
    with pytest.raises(psycopg2.Error, match="SR-E3(03|09)"):
        cold.cursor().execute("insert into notes values (100, 'cold', 'x')")
    assert time.monotonic() - started < 5
    with cold.cursor() as cursor:
        cursor.execute("select body from notes where tenant_id = 'warm'")
        assert [row[0] for row in cursor.fetchall()] == ["x"] * 49
    warm.close(), cold.close()
