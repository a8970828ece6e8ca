"""Transcripts of bytes, run against the plain server and through Sealrow."""

import pytest
from support import delivery, probe, rawpg

SCHEMA = """
create table t(id int primary key, c text, b bytea, n int);
create view v as select id, c cc from t;
insert into t values (1, 'one', '\\x00ff', 1), (2, 'two', null, null);
"""


class Ground:
    """Two subjects with the same schema: a script runs on both, and both must say the same."""

    def __init__(self, pair):
        self.pair = pair

    def connections(self, **parameters):
        return self.pair.plain.raw(**parameters), self.pair.sealed.raw(**parameters)

    def same(self, *messages: bytes, count: int = 1, deliver=None) -> list[rawpg.Message]:
        """Runs one script on both sides; the plain server's messages after they were found equal."""
        answers = []
        for connection in self.connections():
            try:
                if deliver:
                    deliver(connection, b"".join(messages))
                else:
                    connection.send(*messages)
                answers.append(connection.ready(count))
            finally:
                connection.close()
        assert comparable(answers[1]) == comparable(answers[0])
        return answers[0]


def comparable(messages: list[rawpg.Message]) -> list[tuple]:
    """Whole messages, byte by byte, but for what two servers cannot agree on: OIDs of own tables, source lines."""
    told = []
    for m, short in zip(rawpg.without_asynchronous(messages), delivery.answer(messages)):
        if m.kind == "E":
            told.append(("E", {k: v for k, v in m.fields.items() if k not in "FLR"}))
        else:
            told.append(short)
    return told


@pytest.fixture(scope="module", params=["empty policy", "policy on other tables"])
def ground(request, make_pair):
    if request.param == "empty policy":
        return Ground(make_pair(policy=probe.EMPTY_POLICY, sealed=SCHEMA, plain=SCHEMA))
    return Ground(make_pair(sealed=SCHEMA + probe.SEALED, plain=SCHEMA + probe.PLAIN))
