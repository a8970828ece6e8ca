"""Provider `pkcs11` against SoftHSM2."""

import pytest
from support import sealrow
from support.key_config import KeyConfig
from support.softhsm import MODULE, PIN, SoftHsm

pytestmark = pytest.mark.skipif(not sealrow.available(), reason=sealrow.missing_reason())


@pytest.fixture(scope="module")
def hsm():
    token = SoftHsm()
    token.make_key("kek")
    token.make_key("short", "AES:16", "02")
    token.make_key("twin", number="03")
    token.make_key("twin", number="04")
    return token


def settings(uri: str = "pkcs11:token=test;object=kek;type=secret-key", **more) -> dict:
    return {"provider": "pkcs11", "production": True, "pkcs11": {"module": str(MODULE), "uri": uri, "pin_file": "pin", **more}}


@pytest.fixture()
def config(hsm):
    config = KeyConfig(settings(), hsm.env)
    config.secret("pin", PIN + "\n")
    return config


def test_gcm(config):
    config.run("init")
    assert config.root()["key"]["algorithm"] == "aes-256-gcm" and len(config.root()["key"]["bytes"]) == 2 * (12 + 32 + 16)
    assert "yes" in config.run("status").stdout
    assert "no keys yet" in config.run("list").stdout
    probe = config.probe()
    assert probe.passed and probe.document["note"] == ""
    assert probe.document["provider"]["kek"] == "pkcs11:token=test;object=kek;id=%01"


def test_kwp_binds_nothing_and_says_so(config):
    config.write(settings(mode="kwp"))
    config.run("init")
    assert config.root()["key"]["algorithm"] == "aes-kwp" and len(config.root()["key"]["bytes"]) == 2 * 40
    probe = config.probe()
    assert probe.passed and "MAC" in probe.document["note"]


def test_either_mode_opens_what_the_other_wrapped(config):
    config.run("init")
    config.write(settings(mode="kwp"))
    config.run("status")


def test_a_store_that_was_changed_is_not_opened(config):
    config.run("init")
    file = config.folder / "keys/store/root.json"
    wrapped = config.root()["key"]["bytes"]
    file.write_text(file.read_text().replace(wrapped, wrapped[:-2] + ("00" if wrapped[-2:] != "00" else "01")))
    assert "SR-E312" in config.run("status", code=3).stderr


def test_wrong_pin_is_tried_once(config, hsm):
    config.secret("pin", "9999")
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E313") and "9999" not in probe.text
    config.secret("pin", PIN)
    assert config.probe().passed


@pytest.mark.parametrize("uri, failure", [
    ("pkcs11:token=other;object=kek", ("reach", "SR-E303")),
    ("pkcs11:token=test;object=other", ("describe", "SR-E311")),
    ("pkcs11:token=test;object=twin", ("describe", "SR-E311")),
    ("pkcs11:token=test;object=short", ("describe", "SR-E317")),
    ("pkcs11:token=test", ("configure", "SR-E103")),
    ("pkcs11:token=test;object=kek;unknown=1", ("configure", "SR-E103")),
    ("pkcs11:token=test;object=%zz", ("configure", "SR-E103")),
])
def test_what_is_not_there(config, uri, failure):
    config.write(settings(uri))
    assert config.probe().failure == failure


def test_one_of_twins_by_id(config):
    config.write(settings("pkcs11:token=test;object=twin;id=%04"))
    assert config.probe().passed


def test_missing_module(config):
    config.write(settings() | {"pkcs11": settings()["pkcs11"] | {"module": "/nonexistent.so"}})
    assert config.probe().failure == ("configure", "SR-E105")


def test_a_mechanism_that_the_token_does_not_have(config):
    config.write(settings(mechanism=0x80001087))
    assert config.probe().failure == ("generate", "SR-E317")


def test_a_nonce_that_the_token_does_not_draw(config):
    """SoftHSM takes the nonce it is given: with `returned` that would be zeros, for every key the same."""
    config.write(settings(nonce="returned"))
    assert config.probe().failure == ("generate", "SR-E317")
