// usage: node node_scenario.js pg|postgres CONFIG-JSON – prints what the application saw as JSON
const fs = require('fs');
const [, , driver, configText] = process.argv;
const config = JSON.parse(configText);
const DOC = {role: 'user', parts: [1, 'two', null]};
const LARGE = 'large text é '.repeat(50000);
const ROWS = [['a', 'hello', DOC, Buffer.from([0, 255])], ['b', null, null, null], ['c', '', [], Buffer.alloc(0)],
              ['d', LARGE, {t: 1}, Buffer.alloc(70000, 7)]];
const READ = 'select id, who, body, doc, raw from chat order by id';
const seen = [];
const show = (v) => Buffer.isBuffer(v) ? {bytes: v.toString('hex')} : Array.isArray(v) ? v.map(show) :
    v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, show(x)])) : v;
const note = (v) => seen.push(show(v));

async function pg() {
  const {Client} = require('pg');
  const Cursor = require('pg-cursor');
  const {from, to} = require('pg-copy-streams');
  const {pipeline} = require('stream/promises');
  const {Readable, Writable} = require('stream');
  const client = new Client({host: '127.0.0.1', port: config.port, user: config.user, password: config.password,
    database: config.database, ssl: {ca: fs.readFileSync(config.ca), servername: 'localhost'}});
  await client.connect();
  const insert = 'insert into chat(who, body, doc, raw) values ($1, $2, $3, $4) returning id, body, doc, raw';
  for (const [who, body, doc, raw] of ROWS) {
    note((await client.query(insert, [who, body, doc === null ? null : JSON.stringify(doc), raw])).rows);
  }
  const named = {name: 'write', text: insert};
  for (let i = 0; i < 3; i++) note((await client.query({...named, values: ['n', 'named ' + i, '{}', Buffer.from([i])]})).rows);
  const all = await client.query(READ);
  note(all.fields.map((f) => [f.name, f.dataTypeID, f.dataTypeSize]));
  note(all.rows);
  note((await client.query({text: READ, rowMode: 'array'})).rows);
  const cursor = client.query(new Cursor(READ));
  for (let rows = await cursor.read(2); rows.length; rows = await cursor.read(2)) note(rows);
  await cursor.close();
  await pipeline(Readable.from([Buffer.from('copy\tfrom a str'), Buffer.from('eam\t{"k": 1}\t\\\\x0001\n')]),
      client.query(from('copy chat(who, body, doc, raw) from stdin')));
  let text = '';
  await pipeline(client.query(to('copy (select who, body, doc, raw from chat order by id) to stdout')),
      new Writable({write(chunk, _, done) { text += chunk; done(); }}));
  note(text);
  await client.query('begin');
  await client.query("insert into chat(who, body) values ('x', 'rolled back')");
  try { await client.query('select 1/0'); } catch (error) { note(error.code); }
  await client.query('rollback');
  note((await client.query("select count(*) from chat where who = 'x'")).rows);
  note((await client.query('select 1 as one; select body from chat where id = 1')).map((r) => r.rows));
  await client.end();
}

async function postgresjs() {
  const sql = require('postgres')({host: '127.0.0.1', port: config.port, user: config.user, password: config.password,
    database: config.database, ssl: {ca: fs.readFileSync(config.ca), servername: 'localhost'}, max: 1});
  for (const [who, body, doc, raw] of ROWS) {
    note(await sql`insert into chat(who, body, doc, raw) values (${who}, ${body}, ${doc === null ? null : sql.json(doc)}, ${raw}) returning id, body, doc, raw`);
  }
  note(await sql`insert into chat ${sql([{who: 'h', body: 'helper'}, {who: 'h', body: 'second'}])} returning body`);
  const statement = await sql`select id, who, body, doc, raw from chat order by id`.describe();
  note([statement.types, statement.columns.map((c) => [c.name, c.type])]);
  note(await sql`select id, who, body, doc, raw from chat order by id`);
  await sql`select id, body, raw from chat order by id`.cursor(2, (rows) => note(rows));
  note(await sql.begin(async (tx) => {
    await tx`update chat set body = ${'changed'}, doc = ${tx.json({changed: true})} where who = ${'a'}`;
    return tx`select body, doc from chat where who = ${'a'}`;
  }));
  try {
    await sql.begin(async (tx) => { await tx`insert into chat(who, body) values ('x', ${'rolled back'})`; await tx`select 1/${0}::int`; });
  } catch (error) { note(error.code); }
  note(await sql`select count(*) from chat where who = 'x'`);
  note(await Promise.all([1, 2, 3, 4].map((i) => sql`select body, ${i}::int as i from chat where id = ${i}`)));
  note(await sql.unsafe('select body from chat where id = 1; select 2 as two'));
  await sql.end();
}

(driver === 'pg' ? pg() : postgresjs()).then(() => console.log(JSON.stringify(seen)),
    (error) => { console.error(error); process.exit(1); });
