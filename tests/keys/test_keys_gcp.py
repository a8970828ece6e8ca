"""Provider `gcp` against a Cloud KMS that verifies tokens, assertions, associated data and checksums."""

import json
import secrets

import pytest
from support import sealrow
from support.fake_gcp import KEY, FakeGcp, failure
from support.key_config import KeyConfig
from support.places import scratch
from support.services import BUSY, GARBAGE, Reply, hang_up
from support.tls import Authority

pytestmark = pytest.mark.skipif(not sealrow.available(), reason=sealrow.missing_reason())


@pytest.fixture(scope="module")
def authority():
    return Authority(scratch("gcp-authority"))


@pytest.fixture(scope="module")
def service(authority):
    running = FakeGcp(authority)
    yield running
    running.stop()


@pytest.fixture()
def gcp(service):
    """One server for all: making an RSA key takes a while."""
    service.reset()
    service.__dict__.update(purpose="ENCRYPT_DECRYPT", state="ENABLED", damage=None, lifetime=3600.0, issued=[], tokens={})
    service.denied.clear()
    return service


def settings(gcp, authority, **more) -> dict:
    return {"provider": "gcp", "production": True,
            "gcp": {"key": KEY, "endpoint": gcp.url, "ca": str(authority.file), "credentials_file": "account.json", **more}}


@pytest.fixture()
def config(gcp, authority):
    config = KeyConfig(settings(gcp, authority))
    config.secret("account.json", json.dumps(gcp.service_account()))
    return config


def test_init_status_list_and_probe(config, gcp):
    config.run("init")
    assert config.root()["key"]["kek_id"] == KEY
    assert "yes" in config.run("status").stdout and "no keys yet" in config.run("list").stdout
    probe = config.probe()
    assert probe.passed and probe.document["note"] == ""
    gcp.versions.append(secrets.token_bytes(32))
    assert config.probe().document["provider"]["kek_version"] == "2"
    config.run("status")  # opened by the older version


@pytest.mark.parametrize("field, step", [("ciphertextCrc32c", "generate"), ("verifiedPlaintextCrc32c", "generate"),
                                         ("verifiedAdditionalAuthenticatedDataCrc32c", "generate"), ("plaintextCrc32c", "unwrap")])
def test_damaged_answers_are_noticed(config, gcp, field, step):
    gcp.damage = field
    assert config.probe().failure == (step, "SR-E315")


@pytest.mark.parametrize("fault, expected", [
    (failure(403, "PERMISSION_DENIED", "no"), ("describe", "SR-E304")),
    (failure(404, "NOT_FOUND", "no"), ("describe", "SR-E311")),
    (failure(400, "FAILED_PRECONDITION", "disabled"), ("describe", "SR-E311")),
    (failure(400, "INVALID_ARGUMENT", "no"), ("describe", "SR-E317")),
    (GARBAGE, ("describe", "SR-E315")),
    (Reply(302), ("describe", "SR-E315")),
])
def test_refusals_are_told_apart(config, gcp, fault, expected):
    gcp.fail(gcp.no_fault, fault)  # the token is fetched first
    assert config.probe().failure == expected


@pytest.mark.parametrize("fault", [BUSY, Reply(408), Reply(429), failure(500, "INTERNAL", "no"), hang_up])
def test_passing_failures_are_repeated(config, gcp, fault):
    gcp.fail(fault, gcp.no_fault, fault)  # of the token service and of the key service
    assert config.probe().passed


def test_a_revoked_token_is_replaced_once(config, gcp):
    unauthenticated = failure(401, "UNAUTHENTICATED", "no")
    gcp.fail(gcp.no_fault, unauthenticated)
    assert config.probe().passed and gcp.issued == ["service account"] * 2
    gcp.fail(gcp.no_fault, unauthenticated, gcp.no_fault, unauthenticated)
    assert config.probe().failure == ("authenticate", "SR-E313")


@pytest.mark.parametrize("operation, step", [("get", "describe"), ("encrypt", "generate"), ("decrypt", "unwrap")])
def test_each_missing_permission_is_named(config, gcp, operation, step):
    gcp.denied.add(operation)
    assert config.probe().failure == (step, "SR-E304")


def test_unfit_keys(config, gcp, authority):
    gcp.purpose = "ASYMMETRIC_SIGN"
    assert config.probe().failure == ("describe", "SR-E317")
    gcp.purpose, gcp.state = "ENCRYPT_DECRYPT", "DISABLED"
    assert config.probe().failure == ("describe", "SR-E311")
    config.write(settings(gcp, authority, key=KEY + "/cryptoKeyVersions/1"))
    assert config.probe().failure == ("configure", "SR-E103")


def test_wrong_clock_and_foreign_key(config, gcp):
    gcp.clock_offset = 7200
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E314") and "behind" in probe.error["detail"]
    gcp.clock_offset = 0
    other = gcp.service_account() | {"private_key": FakeGcp().service_account()["private_key"]}
    config.secret("account.json", json.dumps(other))
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E313") and "PRIVATE KEY" not in probe.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "authorized_user"}', '{"type": "service_account"}',
                                  '{"type": "service_account", "client_email": "a", "private_key": "x"}', '{"type": "external_account"}'])
def test_unusable_credential_files(config, text):
    config.secret("account.json", text)
    assert config.probe().failure == ("authenticate", "SR-E313")


def test_federation(config, gcp):
    config.secret("account.json", json.dumps(gcp.federation(str(config.folder / "subject"))))
    assert config.probe().failure == ("authenticate", "SR-E313")
    config.secret("subject", "subject-token\n")
    assert config.probe().passed and gcp.issued == ["federation"]
    config.secret("subject", "other")
    assert config.probe().failure == ("authenticate", "SR-E313")


def test_metadata_server(config, gcp, authority):
    metadata = FakeGcp()
    metadata.tokens = gcp.tokens
    bare = settings(gcp, authority)
    del bare["gcp"]["credentials_file"]
    config.write(bare)
    config.env["GCE_METADATA_HOST"] = f"127.0.0.1:{metadata.port}"
    assert config.probe().passed and metadata.issued == ["metadata"]
    metadata.stop()
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E313") and "credentials_file" in probe.error["hint"]
