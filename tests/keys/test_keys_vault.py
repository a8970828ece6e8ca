"""Provider `vault` against a transit engine that verifies tokens, namespaces, contexts and associated data."""

import secrets

import pytest
from support import sealrow
from support.fake_vault import DENIED, INVALID_TOKEN, FakeVault, errors
from support.key_config import KeyConfig
from support.places import scratch
from support.services import BUSY, GARBAGE, Reply, hang_up
from support.tls import Authority

pytestmark = pytest.mark.skipif(not sealrow.available(), reason=sealrow.missing_reason())


@pytest.fixture(scope="module")
def authority():
    return Authority(scratch("vault-authority"))


@pytest.fixture()
def vault(authority):
    service = FakeVault(authority)
    yield service
    service.stop()


def settings(vault, authority, key: str = "derived", login: dict | None = None, **more) -> dict:
    return {"provider": "vault", "production": True,
            "vault": {"endpoint": vault.url, "ca": str(authority.file), "key": key, **(login or {"token_file": "token"}), **more}}


@pytest.fixture()
def config(vault, authority):
    config = KeyConfig(settings(vault, authority))
    config.secret("token", vault.new_token() + "\n")
    return config


def operations(vault) -> set[str]:
    return {r.path.split("/")[3] for r in vault.requests if "/transit/" in r.path}


@pytest.mark.parametrize("key, used", [("derived", {"keys", "datakey", "decrypt", "encrypt", "rewrap"}),
                                       ("plain", {"keys", "decrypt", "encrypt"})])
def test_both_kinds_of_keys_bind_the_context(config, vault, authority, key, used):
    config.write(settings(vault, authority, key))
    config.run("init")
    assert "yes" in config.run("status").stdout and "no keys yet" in config.run("list").stdout
    assert config.root()["key"]["kek_id"] == f"vault:transit/{key}"
    probe = config.probe()
    assert probe.passed and probe.document["note"] == ""
    assert operations(vault) == used


def test_versions_of_the_key(config, vault, authority):
    config.run("init")
    assert config.root()["key"]["kek_version"] == "1"
    vault.keys["derived"].versions.append(secrets.token_bytes(32))
    config.run("status")
    assert config.probe().document["provider"]["kek_version"] == "2"
    vault.keys["derived"].min_decryption = 2
    assert "SR-E311" in config.run("status", code=3).stderr


def test_namespace(config, vault, authority):
    vault.namespace = "team/a"
    assert config.probe().failure == ("describe", "SR-E311")
    config.write(settings(vault, authority, namespace="team/a"))
    config.run("init")
    assert config.root()["key"]["kek_id"] == "vault:team/a/transit/derived"


def test_approle(config, vault, authority):
    config.write(settings(vault, authority, login={"approle": {"role_id": "role-id", "secret_id_file": "secret-id"}}))
    config.secret("secret-id", "secret-id")
    assert config.probe().passed and vault.logins == ["approle"]
    config.secret("secret-id", "wrong-id")
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E313") and "wrong-id" not in probe.text
    config.secret("secret-id", "secret-id")
    vault.fail(BUSY)
    assert config.probe().passed


def test_kubernetes(config, vault, authority):
    config.write(settings(vault, authority, login={"kubernetes": {"role": "sealrow", "jwt_file": "jwt"}}))
    config.secret("jwt", "pod-token\n")
    assert config.probe().passed and vault.logins == ["kubernetes"]
    config.secret("jwt", "other")
    assert config.probe().failure == ("authenticate", "SR-E313")
    (config.folder / "jwt").unlink()
    assert config.probe().failure == ("authenticate", "SR-E313")


def test_a_token_that_ends_is_replaced_by_a_login(config, vault, authority):
    config.write(settings(vault, authority, login={"approle": {"role_id": "role-id", "secret_id_file": "secret-id"}}))
    config.secret("secret-id", "secret-id")
    vault.fail(vault.no_fault, INVALID_TOKEN)  # the login passes, its first use does not
    assert config.probe().passed and vault.logins == ["approle"] * 2


@pytest.mark.parametrize("fault, failure", [
    (DENIED, ("describe", "SR-E304")),
    (INVALID_TOKEN, ("authenticate", "SR-E313")),
    (errors(400, "encryption key not found"), ("describe", "SR-E311")),
    (errors(404, 'no handler for route "transit/keys/x". route entry not found.'), ("describe", "SR-E311")),
    (GARBAGE, ("describe", "SR-E315")),
    (Reply(307, b"", {"Location": "https://other/"}), ("describe", "SR-E315")),
])
def test_refusals_are_told_apart(config, vault, fault, failure):
    vault.fail(vault.no_fault, fault, vault.no_fault, fault)  # the token is looked up first; once more with the token read anew, at most
    assert config.probe().failure == failure


@pytest.mark.parametrize("fault", [BUSY, errors(503, "Vault is sealed"), Reply(429), errors(412, "behind"), Reply(502), hang_up])
def test_passing_failures_are_repeated(config, vault, fault):
    vault.fail(vault.no_fault, fault)
    assert config.probe().passed


def test_sealed_for_longer(config, vault):
    vault.fail(*[errors(503, "Vault is sealed")] * 9)
    probe = config.probe()
    assert probe.failure == ("reach", "SR-E303") and "unseal" in probe.error["hint"]


@pytest.mark.parametrize("operation, step", [("keys", "describe"), ("datakey", "generate"), ("decrypt", "unwrap"), ("encrypt", "wrap"),
                                             ("rewrap", "rewrap")])
def test_each_missing_permission_is_named(config, vault, operation, step):
    vault.denied.add(operation)
    assert config.probe().failure == (step, "SR-E304")


def test_a_key_of_another_kind(config, vault, authority):
    config.write(settings(vault, authority, "rsa"))
    assert config.probe().failure == ("describe", "SR-E317")


def test_malformed_names_reach_nobody(config, vault, authority):
    for more in ({"key": "a/../b"}, {"mount": "x?y"}, {"namespace": "a b"}):
        config.write(settings(vault, authority) | {"vault": settings(vault, authority)["vault"] | more})
        assert config.probe().failure == ("configure", "SR-E103")
    assert not vault.requests
