"""usage: sqlalchemy_scenario.py URL – an ORM's day; prints what it saw as JSON. Runs with SQLAlchemy 1.4 and 2."""

import asyncio
import json
import sys

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()
DOC = {"role": "user", "parts": [1, "two", None]}


class Chat(Base):
    __tablename__ = "chat"
    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)
    who = sa.Column(sa.Text)
    body = sa.Column(sa.Text)
    doc = sa.Column(JSONB(none_as_null=True))
    raw = sa.Column(sa.LargeBinary)

    def facts(self):
        return [self.id, self.who, self.body, self.doc, None if self.raw is None else bytes(self.raw).hex()]


def work(session: Session) -> list:
    seen = []
    one = Chat(who="one", body="hello", doc=DOC, raw=b"\x00\xff")
    session.add(one)
    session.commit()
    seen.append(one.facts())
    session.add_all([Chat(who=f"many{i}", body=f"text {i}", raw=bytes([i])) for i in range(10)] + [Chat(who="empty", body="", doc=[], raw=b"")])
    session.commit()
    one.body, one.doc, one.raw = "changed", None, None
    session.flush()
    session.expire_all()
    seen.append(one.facts())
    one.body = None
    session.commit()
    session.execute(insert(Chat).values(id=one.id, who="up", body="first").on_conflict_do_update(
        index_elements=[Chat.id], set_={"body": "literal", "who": "up"}))
    seen.append(session.execute(sa.select(Chat.body).where(Chat.id == one.id)).scalar())
    statement = insert(Chat).values([{"id": one.id, "who": "up", "body": "by excluded"}, {"id": 5000, "who": "new", "body": "new"}])
    session.execute(statement.on_conflict_do_update(index_elements=[Chat.id], set_={"body": statement.excluded.body}))
    session.execute(sa.insert(Chat), [{"who": "core", "body": f"core {i}", "doc": {"i": i}} for i in range(3)])
    session.commit()
    session.expire_all()
    inner = sa.select(Chat.id, Chat.body, Chat.raw).where(Chat.who.like("many%")).subquery()
    seen += [[r[0], r[1], bytes(r[2]).hex()] for r in session.execute(sa.select(inner).order_by(inner.c.id))]
    seen += [c.facts() for c in session.execute(sa.select(Chat).order_by(Chat.id)).scalars()]
    seen.append(session.execute(sa.update(Chat).where(Chat.who == "core").values(body="all the same")).rowcount)
    session.rollback()
    deleted = session.get(Chat, 5000)
    session.delete(deleted)
    session.commit()
    seen.append(session.execute(sa.select(sa.func.count()).select_from(Chat)).scalar())
    return seen


async def asynchronous(url: str) -> list:
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    engine = create_async_engine(url)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        seen = await session.run_sync(work)
    await engine.dispose()
    return seen


def main() -> None:
    url = sys.argv[1]
    if "+asyncpg" in url:
        seen = asyncio.run(asynchronous(url))
    else:
        engine = sa.create_engine(url)
        with Session(engine, expire_on_commit=True) as session:
            seen = work(session)
        engine.dispose()
    print(json.dumps({"version": sa.__version__.split(".")[0], "seen": seen}))


main()
