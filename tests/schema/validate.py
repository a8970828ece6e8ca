#!/usr/bin/env python3
"""Validates the shipped examples and those in the documentation against the JSON Schemas, and sees to it that the
schemas refuse what the loaders refuse. Usage: validate.py SOURCE_DIRECTORY"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(sys.argv[1])


class Loader(yaml.SafeLoader):
    """YAML 1.2 core: only true and false are booleans ('off' is a word of the policy)."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def parse(text):
    return yaml.load(text, Loader)


def validator(name):
    schema = json.loads((ROOT / "config" / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def examples(document):
    return re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / document).read_text(), re.S)


BAD_POLICIES = [
    "tenant: {single: a}",
    "version: 2",
    "{version: 1, tabels: []}",
    "{version: 1, mode: enforce}",
    "{version: 1, tenant: {column: a, session: b.c}}",
    "{version: 1, tenant: {session: tenant}}",
    "{version: 1, tenant: []}",
    "{version: 1, tables: [{table: t, columns: {a: pii}}]}",
    "{version: 1, tables: [{table: public.MyTable, columns: {a: pii}}]}",
    "{version: 1, tables: [{table: public.t, columns: {a: {search: equality}}}]}",
    "{version: 1, tables: [{table: public.t, columns: {a: {class: pii, search: prefix}}}]}",
    "{version: 1, tables: [{table: public.t, columns: {a: {class: pii, id: a b}}}]}",
    "{version: 1, allow: {do_blocks: yes}}",
    "{version: 1, limits: {max_value_size: much}}",
]
SERVER = {"version": 1, "backend": {"host": "h"}, "control": {"user": "u", "databases": "d"},
          "keys": {"directory": "k", "passphrase_env": "P"}, "policy": "p"}
BAD_SERVERS = [
    {"backend": {}}, {"backend": {"host": "h", "port": 70000}}, {"workes": 1}, {"workers": 0}, {"protocol": "oracle"}, {"protocol": "mysql"},
    {"mysql": {"local_infile": True}},
    {"drain_timeout": 30}, {"listen": []}, {"listen": "127.0.0.1"}, {"log": {"level": "warning"}},
    *({"keys": {"directory": "k", **keys}} for keys in (
        {}, {"provider": "aws"}, {"provider": "aws", "aws": {"key": "a"}, "passphrase_env": "P"}, {"passphrase_env": "P", "aws": {"key": "a"}},
        {"passphrase_env": "P", "production": True},
        {"provider": "vault", "vault": {"endpoint": "https://v", "key": "k"}}, {"provider": "vault", "vault": {"key": "k", "token_env": "T"}},
        {"provider": "vault", "vault": {"endpoint": "https://v", "key": "k", "token_env": "T", "kubernetes": {"role": "r"}}},
        {"provider": "vault", "vault": {"endpoint": "https://v", "key": "k", "approle": {"role_id": "r"}}},
        {"provider": "pkcs11", "pkcs11": {"module": "m", "uri": "pkcs11:object=k"}},
        {"provider": "pkcs11", "pkcs11": {"module": "m", "uri": "pkcs11:object=k?pin-value=1", "pin_env": "P"}},
        {"provider": "pkcs11", "pkcs11": {"module": "m", "uri": "pkcs11:object=k", "pin_env": "P", "mode": "kwp", "nonce": "sent"}},
 {"provider": "aws", "aws": {"key": "a", "endpoint": "http://kms.internal/"}})),
    {"control": {"user": "u", "databases": "d", "password": "x"}}, {"authentication": {"query": "SELECT 1"}},
]


def main():
    policy, server = validator("policy.schema.json"), validator("server.schema.json")
    good = [(policy, text) for text in [(ROOT / "config/policy.example.yaml").read_text(), *examples("policy.md")]]
    good += [(server, text) for text in [*(file.read_text() for file in (ROOT / "config").glob("server.*example.yaml")), *examples("configuration.md")]]
    good += [(policy, preset.read_text()) for preset in sorted((ROOT / "config/presets").glob("*.yaml"))]
    failures = []
    for schema, text in good:
        failures += [f"refused: {error.message}\n{text}" for error in schema.iter_errors(parse(text))]
    failures += [f"accepted: {text}" for text in BAD_POLICIES if policy.is_valid(parse(text))]
    failures += [f"accepted: {change}" for change in BAD_SERVERS if server.is_valid({**SERVER, **change})]
    if not server.is_valid(SERVER):
        failures.append("the base of the bad server files is bad itself")
    print("\n".join(failures) or f"{len(good)} examples are valid")
    return 1 if failures or len(good) < 10 else 0


sys.exit(main())
