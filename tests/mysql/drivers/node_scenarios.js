// What Node drivers and an ORM do with a table whose text, json and blob columns may be sealed.
// usage: node node_scenarios.js NAME JSON-SETTINGS; prints what the application saw
const fs = require('fs');

const settings = JSON.parse(process.argv[3]);
const doc = {role: 'user', parts: [1, 'two', null, {deep: 'é'}]};
const rows = [
  ['a', 'hello', doc, Buffer.from([0, 255])], ['b', null, null, null], ['c', '', [], Buffer.alloc(0)],
  ['d', 'large text é '.repeat(20000), 'text', Buffer.alloc(50000, 'x\0y')], ['e', 'it\'s \\ "quoted" \n 😀', {k: 'it\'s'}, Buffer.from('\'\\"\0')],
].map(([who, body, json, raw]) => [who, body, json === null ? null : JSON.stringify(json), raw]);
const insert = 'insert into chat(who, body, doc, raw) values (?, ?, ?, ?)';
const read = 'select id, who, body, doc, raw from chat order by id';
const upsert = 'insert into chat(id, who, body) values (1, ?, ?) on duplicate key update body = ?, who = values(who)';
const seen = [];
const keep = (...values) => seen.push(values.map((v) => (typeof v === 'bigint' ? String(v) : v)));
const tls = settings.tls ? {ssl: {ca: fs.readFileSync(settings.ca, 'utf8')}} : {};
const login = {host: '127.0.0.1', port: settings.port, user: settings.user, password: settings.password, database: settings.database, ...tls};
const shape = (fields) => fields.map((f) => [f.name, f.columnType ?? f.type, f.characterSet ?? f.collation?.charset, f.flags]);

// `run` is text protocol or prepared statements
async function mysql2(run) {
  const c = await require('mysql2/promise').createConnection({...login, multipleStatements: true});
  for (const row of rows) keep((await c[run](insert, row))[0].affectedRows);
  for (let i = 0; i < 3; i++) keep((await c[run]('insert into chat(who, body) values (?, ?)', ['again', i === 1 ? null : `again ${i}`]))[0].insertId);
  keep((await c[run](upsert, ['dup', 'x', 'changed']))[0].affectedRows);
  keep((await c[run]('update chat set body = ? where who = ? limit 1', ['changed é', 'c']))[0].changedRows >= 0);
  const [all, fields] = await c[run](read);
  keep(all, shape(fields));
  for (const who of ['a', 'b', 'a']) keep((await c[run]('select body, doc, raw from chat where who = ? order by id', [who]))[0]);
  keep((await c[run]('select id, body from chat where id > ? order by id limit 2', [1]))[0]);
  if (run === 'query') keep((await c.query('select 1; select body from chat where id = 1; select 2'))[0]);
  await c.beginTransaction();
  await c[run](insert, rows[0]);
  try {
    await c[run]('select nothing from nowhere');
  } catch (error) {
    keep(error.errno, error.sqlState);
  }
  await c.rollback();
  keep((await c[run]('select count(*) n from chat'))[0]);
  await c.changeUser({database: settings.database, user: settings.user, password: settings.password});
  keep((await c[run]('select body from chat where id = 1'))[0]);
  await c.end();
}

async function mariadb() {
  const c = await require('mariadb').createConnection({...login, bigIntAsNumber: true, insertIdAsNumber: true, jsonStrings: false});
  for (const row of rows) keep((await c.query(insert, row)).affectedRows);
  for (const row of rows) keep((await c.execute(insert, row)).affectedRows);
  keep((await c.batch('insert into chat(who, body, raw) values (?, ?, ?)', Array.from({length: 30}, (_, i) => ['bulk', i % 7 ? `bulk ${i}` : null, Buffer.from([i])]))).affectedRows);
  keep((await c.execute(upsert, ['dup', 'x', 'changed'])).affectedRows);
  const all = await c.query(read);
  keep([...all], all.meta.map((m) => [m.name(), m.columnType, m.type, m.flags]));
  const prepared = await c.prepare('select body, doc, raw from chat where who = ? order by id');
  for (const who of ['a', 'b', 'bulk', 'a']) keep([...await prepared.execute([who])]);
  prepared.close();
  for await (const row of c.queryStream(read)) keep(row);
  await c.beginTransaction();
  await c.query(insert, rows[0]);
  await c.rollback();
  keep(await c.query('select count(*) n from chat'));
  await c.end();
}

async function typeorm() {
  require('reflect-metadata');
  const {DataSource, EntitySchema, Like} = require('typeorm');
  const Chat = new EntitySchema({name: 'chat', tableName: 'chat', columns: {
    id: {type: 'bigint', primary: true, generated: true}, who: {type: 'varchar', length: 40, nullable: true}, body: {type: 'mediumtext', nullable: true},
    doc: {type: 'json', nullable: true}, raw: {type: 'longblob', nullable: true}}});
  const source = new DataSource({type: 'mysql', ...login, username: settings.user, entities: [Chat], charset: 'utf8mb4'});
  await source.initialize();
  const chats = source.getRepository('chat');
  for (const [who, body, json, raw] of rows) keep((await chats.save({who, body, doc: JSON.parse(json), raw})).id);
  await chats.insert(Array.from({length: 5}, (_, i) => ({who: 'bulk', body: `bulk ${i}`})));
  await chats.update({who: 'c'}, {body: 'changed'});
  keep(await chats.find({order: {id: 'ASC'}}));
  keep(await chats.findOneBy({who: 'a'}), await chats.countBy({who: Like('bu%')}));
  await source.transaction(async (manager) => {
    const row = await manager.findOneBy('chat', {who: 'a'});
    row.body = 'in a transaction';
    await manager.save('chat', row);
  });
  keep(await chats.findOneBy({who: 'a'}));
  await source.destroy();
}

const scenarios = {'mysql2-query': () => mysql2('query'), 'mysql2-execute': () => mysql2('execute'), mariadb, typeorm};
scenarios[process.argv[2]]().then(() => console.log(JSON.stringify(seen)), (error) => {
  console.error(error);
  process.exit(1);
});
