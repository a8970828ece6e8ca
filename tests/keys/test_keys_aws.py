"""Provider `aws` against a KMS that verifies every signature and context, with every error that AWS can give."""

import pytest
from support import sealrow
from support.fake_aws import KEY, REGION, ROLE, FakeAws, kms_error
from support.key_config import KeyConfig
from support.places import scratch
from support.services import BUSY, GARBAGE, REDIRECT, Reply, endless, hang_up, silence
from support.tls import Authority

pytestmark = pytest.mark.skipif(not sealrow.available(), reason=sealrow.missing_reason())


@pytest.fixture(scope="module")
def authority():
    return Authority(scratch("aws-authority"))


@pytest.fixture()
def aws(authority):
    service = FakeAws(authority)
    yield service
    service.stop()


def settings(aws, authority, **more) -> dict:
    return {"provider": "aws", "production": True,
            "aws": {"key": KEY, "endpoint": aws.url, "sts_endpoint": aws.url, "ca": str(authority.file), **more}}


@pytest.fixture()
def config(aws, authority):
    name, secret = aws.add_identity()
    return KeyConfig(settings(aws, authority), {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": secret})


def test_init_status_list_and_probe(config, aws):
    config.run("init")
    status = config.run("status").stdout
    assert KEY in status and "yes" in status
    assert "no keys yet" in config.run("list").stdout
    probe = config.probe()
    assert probe.passed and probe.document["provider"]["kek"] == KEY and probe.document["note"] == ""
    operations = {r.headers["x-amz-target"].split(".")[1] for r in aws.requests}
    assert operations == {"DescribeKey", "GenerateDataKey", "Decrypt", "Encrypt", "ReEncrypt"}
    assert all(r.json["EncryptionContext"]["sealrow:deployment"] == "default" for r in aws.requests if "Decrypt" in r.headers["x-amz-target"])


def test_key_by_alias(config, aws, authority):
    config.write(settings(aws, authority, key="alias/sealrow", region=REGION))
    config.run("init")
    assert config.root()["key"]["kek_id"] == KEY
    assert config.probe().passed


def test_a_second_init_is_refused(config):
    config.run("init")
    assert "SR-E308" in config.run("init", code=3).stderr


def test_a_store_of_another_kms_key_is_not_opened(config, aws, authority):
    """Whoever edits the store must not choose the key that unwraps it."""
    config.run("init")
    other = KEY.replace("1234abcd-", "ffffffff-")
    aws.keys[other] = aws.keys[KEY]
    config.write(settings(aws, authority, key=other))
    aws.requests.clear()
    assert "SR-E311" in config.run("status", code=3).stderr
    assert not aws.requests


REFUSALS = {
    "AccessDeniedException": ("describe", "SR-E304"),
    "NotFoundException": ("describe", "SR-E311"),
    "KMSInvalidStateException": ("describe", "SR-E311"),
    "InvalidKeyUsageException": ("describe", "SR-E317"),
    "ExpiredTokenException": ("authenticate", "SR-E313"),
    "UnrecognizedClientException": ("authenticate", "SR-E313"),
    "IncompleteSignature": ("authenticate", "SR-E313"),
    "RequestTimeTooSkewed": ("authenticate", "SR-E314"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_refusals_are_told_apart(config, aws, kind):
    aws.fail(*[kms_error(kind, "token SECRET")] * 2)  # once more with new credentials, at most
    assert config.probe().failure == REFUSALS[kind]


RETRIED = {
    "throttling is HTTP 400": kms_error("ThrottlingException", "Rate exceeded"),
    "with a name space": kms_error("com.amazonaws.kms#ThrottlingException"),
    "internal": kms_error("KMSInternalException", status=500),
    "key unavailable": kms_error("KeyUnavailableException", status=500),
    "busy": BUSY,
    "too many": Reply(429),
    "hang up": hang_up,
}


@pytest.mark.parametrize("fault", RETRIED)
def test_passing_failures_are_repeated(config, aws, fault):
    aws.fail(RETRIED[fault])
    assert config.probe().passed


def test_throttling_that_lasts_is_said(config, aws):
    aws.fail(*[RETRIED["throttling is HTTP 400"]] * 3)
    assert config.probe().failure == ("describe", "SR-E310")
    assert len(aws.requests) <= 3


def test_answers_that_are_none(config, aws):
    aws.fail(GARBAGE)
    assert config.probe().failure == ("describe", "SR-E315")
    aws.fail(REDIRECT)
    probe = config.probe()
    assert probe.failure == ("describe", "SR-E315") and "redirect" in probe.text
    aws.fail(endless)
    assert config.probe().failure == ("describe", "SR-E315")
    aws.fail(silence)
    assert config.probe().failure == ("reach", "SR-E303")


def test_clock_difference_is_measured(config, aws):
    aws.clock_offset = 900
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E314")
    assert "behind" in probe.error["detail"]


def test_wrong_secret_and_no_credentials(config, aws):
    config.env["AWS_SECRET_ACCESS_KEY"] = "wrong"
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E313")
    assert "SECRET" not in probe.text, "the service's own message repeats headers"
    del config.env["AWS_SECRET_ACCESS_KEY"]
    assert config.probe().failure == ("authenticate", "SR-E313")
    del config.env["AWS_ACCESS_KEY_ID"]
    probe = config.probe()
    assert probe.failure == ("authenticate", "SR-E313") and "AWS_ACCESS_KEY_ID" in probe.error["hint"]


@pytest.mark.parametrize("operation, step", [("GenerateDataKey", "generate"), ("Decrypt", "unwrap"), ("Encrypt", "wrap"),
                                             ("ReEncrypt", "rewrap"), ("DescribeKey", "describe")])
def test_each_missing_permission_is_named(config, aws, operation, step):
    aws.denied.add(operation)
    probe = config.probe()
    assert probe.failure == (step, "SR-E304") and f"kms:{operation}" in probe.error["detail"]


@pytest.mark.parametrize("state, usage, code", [("Disabled", "ENCRYPT_DECRYPT", "SR-E311"), ("PendingDeletion", "ENCRYPT_DECRYPT", "SR-E311"),
                                                ("Enabled", "SIGN_VERIFY", "SR-E317")])
def test_unfit_keys(config, aws, state, usage, code):
    aws.keys[KEY] |= {"state": state, "usage": usage}
    assert config.probe().failure == ("describe", code)


def test_regions_that_contradict(config, aws, authority):
    config.write(settings(aws, authority, region="us-east-1"))
    probe = config.probe()
    assert probe.failure == ("configure", "SR-E104") and "eu-central-1" in probe.error["detail"]
    config.write(settings(aws, authority, key="alias/sealrow"))
    probe = config.probe()
    assert probe.failure == ("configure", "SR-E103") and "region" in probe.text


def test_a_foreign_certificate_is_refused_and_sees_nothing(config, aws, authority):
    config.write({"provider": "aws", "aws": {"key": KEY, "endpoint": aws.url}})
    assert config.probe().failure == ("reach", "SR-E316")
    config.write(settings(aws, authority, endpoint=aws.url.replace("127.0.0.1", "127.0.0.2")))
    assert config.probe().failure[1] in ("SR-E303", "SR-E316")
    assert not aws.requests


def test_nobody_there(config, aws):
    aws.stop()
    assert config.probe().failure == ("reach", "SR-E303")


def test_proxies_of_the_environment_do_not_count(config):
    config.env |= {"https_proxy": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
    assert config.probe().passed


# ---- where credentials come from ----

@pytest.fixture()
def bare(aws, authority):
    return KeyConfig(settings(aws, authority))


@pytest.fixture()
def metadata():
    """Metadata services speak clear text."""
    service = FakeAws()
    yield service
    service.stop()


def test_web_identity(bare, aws):
    bare.env |= {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(bare.secret("token", aws.web_token + "\n"))}
    assert bare.probe().passed and aws.issued == ["AssumeRoleWithWebIdentity"]
    bare.secret("token", "stolen")
    assert bare.probe().failure == ("authenticate", "SR-E313")
    bare.env["AWS_ROLE_ARN"] = ROLE + "-other"
    bare.secret("token", aws.web_token)
    assert bare.probe().failure[1] == "SR-E304"
    bare.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent"
    assert bare.probe().failure == ("authenticate", "SR-E313")


def profile(config: KeyConfig, credentials: str, settings_: str = "") -> None:
    (config.folder / ".aws").mkdir(exist_ok=True)
    config.secret(".aws/credentials", credentials)
    config.secret(".aws/config", settings_)


def test_profiles(bare, aws, authority):
    name, secret = aws.add_identity()
    keys = f"aws_access_key_id = {name}\naws_secret_access_key={secret}\n"
    profile(bare, f"# mine\n[default]\n{keys}")
    assert bare.probe().passed
    profile(bare, f"[base]\n{keys}", f"[profile app]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = a b/c\n")
    assert bare.probe().failure == ("authenticate", "SR-E313")
    bare.env["AWS_PROFILE"] = "app"
    assert bare.probe().passed and aws.issued == ["AssumeRole"]
    bare.env["AWS_PROFILE"] = "absent"
    assert bare.probe().failure == ("authenticate", "SR-E313")
    bare.write(settings(aws, authority, profile="app"))
    assert bare.probe().passed
    profile(bare, "", "[profile app]\ncredential_process = /bin/false\n")
    assert "not supported" in bare.probe().error["detail"]
    profile(bare, "", f"[profile app]\nrole_arn = {ROLE}\nsource_profile = b\n[profile b]\nrole_arn = {ROLE}\nsource_profile = app\n")
    assert "circle" in bare.probe().error["detail"]


def test_container(bare, aws, metadata):
    bare.env |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": metadata.url + "/container",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(bare.secret("token", metadata.container_token))}
    metadata.identities = aws.identities
    assert bare.probe().passed and metadata.issued == ["container"]
    bare.secret("token", "other")
    assert bare.probe().failure == ("authenticate", "SR-E313")
    bare.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://192.0.2.1/container"
    assert "clear text" in bare.probe().text


def test_instance_metadata(bare, aws, metadata):
    bare.env |= {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url}
    metadata.identities = aws.identities
    assert bare.probe().passed and metadata.issued == ["instance"]
    metadata.stop()
    assert "no AWS credentials" in bare.probe().error["message"]


def test_short_lived_credentials_are_renewed(bare, aws):
    """They expire within the refresh time, so that every call asks again, at most twice a minute."""
    bare.env |= {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(bare.secret("token", aws.web_token))}
    aws.lifetime = -1  # expired when given out: each use needs new ones, and KMS refuses them
    probe = bare.probe()
    assert probe.failure == ("authenticate", "SR-E313") and "expired" in probe.error["message"]
    assert len(aws.issued) == 2
