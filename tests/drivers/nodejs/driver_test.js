'use strict';
// The official Node.js driver: what programs do with it every day, and what it needs of the server for that.
// HOST is node 1 of three; LAUNCHER is what stops and starts them.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { after, before, test } = require('node:test');
const cassandra = require('cassandra-driver');

const { types } = cassandra;
const NODES = 3;
const KEYSPACE = 'nodejs_checks';

function address(number) {
  const parts = process.env.HOST.split('.');
  parts[3] = String(Number(parts[3]) + number - 1);
  return parts.join('.');
}

function control(...words) {
  const launcher = process.env.LAUNCHER.split(' ');
  execFileSync(launcher[0], [...launcher.slice(1), 'control', ...words.map(String)], { stdio: 'inherit' });
}

function clientOf(number = 1, options = {}) {
  return new cassandra.Client({
    contactPoints: [address(number)], localDataCenter: 'datacenter1', ...options,
    // What was written is to be read through any node: the driver's own LOCAL_ONE does not promise that.
    queryOptions: { consistency: types.consistencies.quorum, ...options.queryOptions },
  });
}

async function withClient(number, options, work) {
  const client = clientOf(number, options);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.shutdown();
  }
}

async function eventually(what, reached, seconds = 30) {
  const until = Date.now() + seconds * 1000;
  while (!(await reached())) {
    assert.ok(Date.now() < until, `not within ${seconds} s: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

let client;
const prepared = { prepare: true };

before(async () => {
  client = clientOf();
  await client.connect();
  await client.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`);
  await client.execute(
    `CREATE KEYSPACE ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}`);
  await client.shutdown();
  client = clientOf(1, { keyspace: KEYSPACE });
  await client.connect();
});

after(async () => {
  await client.execute(`DROP KEYSPACE ${KEYSPACE}`);
  await client.shutdown();
});

test('each node answers and knows all', async () => {
  for (let number = 1; number <= NODES; number += 1) {
    await withClient(number, {}, async (one) => {
      const hosts = one.hosts.values();
      assert.deepEqual(hosts.map((h) => h.address.split(':')[0]).sort(), [1, 2, 3].map(address));
      for (const host of hosts) {
        assert.equal(host.datacenter, 'datacenter1');
        assert.equal(host.rack, 'rack1');
        assert.match(host.cassandraVersion, /^5\.0/);
        assert.equal(host.tokens.length, 16);
      }
      const row = (await one.execute('SELECT cluster_name, partitioner FROM system.local')).first();
      assert.equal(row.partitioner, 'org.apache.cassandra.dht.Murmur3Partitioner');
    });
  }
});

test('protocol versions', async () => {
  for (const version of [types.protocolVersion.v3, types.protocolVersion.v4]) {
    await withClient(2, { protocolOptions: { maxVersion: version } }, async (one) => {
      const rows = await one.execute('SELECT * FROM system_schema.columns');
      assert.ok(rows.rowLength > 50);
      assert.equal(one.controlConnection.protocolVersion, version);
    });
  }
});

test('an unknown keyspace is refused', async () => {
  await assert.rejects(client.execute('SELECT * FROM no_such_keyspace.t'), (error) => {
    assert.equal(error.code, types.responseErrorCodes.invalid);
    assert.match(error.message, /no_such_keyspace/);
    return true;
  });
  await assert.rejects(withClient(1, { keyspace: 'no_such_keyspace' }, async () => {}));
});

test('tables are seen as they were made', async () => {
  await client.execute('CREATE TABLE events (site text, day date, at timestamp, what text, who text static, '
    + 'PRIMARY KEY ((site, day), at)) WITH CLUSTERING ORDER BY (at DESC) AND comment = \'what happened\'');
  const table = await client.metadata.getTable(KEYSPACE, 'events');
  assert.deepEqual(table.partitionKeys.map((c) => c.name), ['site', 'day']);
  assert.deepEqual(table.clusteringKeys.map((c) => c.name), ['at']);
  assert.deepEqual(table.clusteringOrder, ['DESC']);
  assert.equal(table.comment, 'what happened');
  assert.equal(table.columnsByName.who.isStatic, true);
  assert.equal(await client.metadata.getTable(KEYSPACE, 'none'), null);
});

test('replicas of a key are known', async () => {
  await client.execute('CREATE TABLE placed (k int PRIMARY KEY)');
  const replicas = client.getReplicas(KEYSPACE, Buffer.from([0, 0, 0, 1]));
  assert.equal(replicas.length, NODES);
});

test('values of every type come back', async () => {
  const values = {
    ascii: 'plain', bigint: types.Long.fromString('4611686018427387904'), blob: Buffer.from([0, 255]), boolean: true,
    date: types.LocalDate.fromString('2024-02-29'), decimal: types.BigDecimal.fromString('-12.3400'), double: 1.5e300,
    float: 0.5, inet: types.InetAddress.fromString('::1'), int: -7, smallint: -300, text: 'grün',
    time: types.LocalTime.fromString('01:02:03.000000004'), timestamp: new Date('2024-02-29T01:02:03.004Z'),
    timeuuid: types.TimeUuid.now(), tinyint: -5, uuid: types.Uuid.random(),
    varint: types.Integer.fromString('-1267650600228229401496703205376'), duration: new types.Duration(1, 2, 3),
  };
  const names = Object.keys(values);
  await client.execute(`CREATE TABLE all_types (k int PRIMARY KEY, ${names.map((n) => `c_${n} ${n}`).join(', ')}, `
    + 'c_list list<int>, c_set set<text>, c_map map<text, int>, c_tuple tuple<int, text>)');
  const columns = [...names.map((n) => `c_${n}`), 'c_list', 'c_set', 'c_map', 'c_tuple'];
  const bound = [...Object.values(values), [3, 1, 2], ['b', 'a'], { y: 2, x: 1 }, new types.Tuple(1, 'one')];
  const insert = `INSERT INTO all_types (k, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})`;
  await client.execute(insert, [1, ...bound], prepared);
  await client.execute(insert, [2, ...columns.map(() => null)], prepared);
  await client.execute(insert, [1, ...columns.map(() => types.unset)], prepared); // Changes nothing.
  for (const options of [{}, prepared]) {
    const row = (await client.execute('SELECT * FROM all_types WHERE k = ?', [1], { ...options, hints: ['int'] })).first();
    for (const name of names) {
      assert.equal(String(row[`c_${name}`]), String(values[name]), name);
    }
    assert.deepEqual(row.c_list, [3, 1, 2]);
    assert.deepEqual(row.c_set, ['a', 'b']);
    assert.deepEqual(row.c_map, { x: 1, y: 2 });
    assert.deepEqual(row.c_tuple.values(), [1, 'one']);
  }
  const empty = (await client.execute('SELECT * FROM all_types WHERE k = 2')).first();
  assert.deepEqual(columns.map((c) => empty[c]), columns.map(() => null));
});

// The same ones in each run: a linear congruential generator, of which the upper bits are taken.
function randomBelow(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function randomValues(below) {
  const bytes = (length) => Buffer.from(Array.from({ length }, () => below(256)));
  const text = (letters) => Array.from({ length: [0, 1, 7, 200][below(4)] }, () => letters[below(letters.length)]).join('');
  const number = () => types.Integer.fromBuffer(bytes(20));
  const uuid = (version) => {
    const some = bytes(16);
    some[6] = (some[6] & 0x0f) | (version << 4);
    some[8] = (some[8] & 0x3f) | 0x80;
    return some;
  };
  return {
    ascii: () => text([...'aZ 09\'"\n~']), bigint: () => types.Long.fromBits(below(2 ** 32), below(2 ** 32)),
    blob: () => bytes(below(200)), boolean: () => below(2) === 0,
    date: () => types.LocalDate.fromDate(new Date((below(40000) - 20000) * 86400000)),
    decimal: () => new types.BigDecimal(number(), below(20)), double: () => (below(2 ** 32) - 2 ** 31) * 1.1e290,
    float: () => Math.fround((below(2 ** 32) - 2 ** 31) * 1.1e20), inet: () => new types.InetAddress(bytes(below(2) ? 4 : 16)),
    int: () => below(2 ** 32) - 2 ** 31, smallint: () => below(2 ** 16) - 2 ** 15,
    text: () => text([...'aZ 0\'\n\u00fc\u4e2d\u{1f600}']),
    time: () => new types.LocalTime(types.Long.fromNumber(below(86400) * 1e9 + below(1e9))),
    timestamp: () => new Date(below(2 ** 32) * 1000 + below(1000)), timeuuid: () => new types.TimeUuid(uuid(1)),
    tinyint: () => below(256) - 128, uuid: () => new types.Uuid(uuid(4)), varint: number,
    duration: () => new types.Duration(below(1000), below(1000), below(2 ** 32)),
  };
}

// Sets, maps (as Map), tuples and the like of each simple kind: the type, and how to make a value of it.
function randomNested(below) {
  const simple = randomValues(below);
  const several = (make) => Array.from({ length: 1 + below(4) }, make);
  // The server keeps sets and maps in order, and of equal elements one: elements of ascending numbers.
  const ascending = () => several(() => below(1000)).sort((a, b) => a - b).filter((n, i, all) => n !== all[i - 1]);
  const mostly = (make) => () => (below(4) === 0 ? null : make());
  const nested = [
    ['set<int>', ascending], ['set<text>', () => ascending().map((n) => String(n).padStart(4, '0'))],
    ['frozen<set<int>>', ascending], ['list<frozen<set<int>>>', () => several(ascending)],
    ['map<int, frozen<map<text, int>>>', () => new Map(ascending().map((n) => [n, new Map([['a', below(9)], ['b', below(9)]])]))],
    ['vector<float, 3>', () => new types.Vector([0, 0, 0].map(() => Math.fround(below(2 ** 32) * 1e-5)), 'float')],
    ['vector<text, 2>', () => new types.Vector([simple.text(), simple.text()], 'text')],
    ['tuple<frozen<list<int>>, frozen<tuple<text, bigint>>>',
      () => new types.Tuple(ascending(), new types.Tuple(mostly(simple.text)(), mostly(simple.bigint)()))],
    ['list<frozen<record>>', () => several(() => ({
      c_int: mostly(simple.int)(), c_text: mostly(simple.text)(), numbers: ascending(), pair: mostly(() => new types.Tuple(1, 'b'))(),
    }))],
    ['record', () => ({ c_int: mostly(simple.int)(), c_text: simple.text(), numbers: mostly(ascending)(), pair: new types.Tuple(null, 'x') })],
  ];
  for (const [kind, make] of Object.entries(simple)) {
    nested.push([`map<int, ${kind}>`, () => new Map(ascending().map((n) => [n, make()]))]);
    nested.push([`tuple<${kind}, ${kind}>`, () => new types.Tuple(mostly(make)(), make())]);
    if (kind !== 'duration') {
      nested.push([`set<${kind}>`, () => [make()]]);
      nested.push([`frozen<map<${kind}, int>>`, () => new Map([[make(), below(100)]])]);
    }
  }
  return nested.map(([kind, make]) => [kind, mostly(make)]);
}

function asText(value) {
  if (value instanceof types.Tuple) {
    return `(${value.elements.map(asText).join(', ')})`;
  }
  if (value instanceof types.Vector) {
    return `<${[...value.elements].map(asText).join(', ')}>`;
  }
  if (value instanceof Map || (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)) {
    return `{${[...(value instanceof Map ? value : Object.entries(value))].map((pair) => pair.map(asText).join(': ')).join(', ')}}`;
  }
  if (Array.isArray(value)) {
    return JSON.stringify(value.map(asText));
  }
  if (value instanceof Date) {
    return value.toISOString();
  }
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

test('random values of every type come back', async () => {
  const values = randomValues(randomBelow(20261126));
  const kinds = Object.keys(values);
  const columns = ['k', ...kinds.flatMap((kind) => [`c_${kind}`, `l_${kind}`])];
  await client.execute('CREATE TABLE random_types (k int PRIMARY KEY, '
    + `${kinds.map((kind) => `c_${kind} ${kind}, l_${kind} list<${kind}>`).join(', ')})`);
  const insert = `INSERT INTO random_types (${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length - 1)})`;
  for (let key = 0; key < 30; key += 1) {
    const sent = [key, ...kinds.flatMap((kind) => [values[kind](), [values[kind](), values[kind]()]])];
    await client.execute(insert, sent, prepared);
    const row = (await client.execute('SELECT * FROM random_types WHERE k = ?', [key], prepared)).first();
    columns.forEach((column, at) => assert.equal(asText(row[column]), asText(sent[at]), `row ${key}, ${column}`));
  }
});

test('random collections, tuples, user types, vectors and nulls come back', async () => {
  const below = randomBelow(20261127);
  await client.execute('CREATE TYPE record (c_int int, c_text text, numbers frozen<set<int>>, pair frozen<tuple<int, text>>)');
  const kinds = randomNested(below);
  await client.execute(`CREATE TABLE random_nested (k int PRIMARY KEY, ${kinds.map(([kind], i) => `c${i} ${kind}`).join(', ')})`);
  // The driver reads maps as objects, whose keys are texts: of other keys it makes Maps only when told to.
  const maps = clientOf(1, { keyspace: KEYSPACE, encoding: { map: Map } });
  try {
    const insert = `INSERT INTO random_nested (k, ${kinds.map((_, i) => `c${i}`).join(', ')}) VALUES (?${', ?'.repeat(kinds.length)})`;
    for (let key = 0; key < 30; key += 1) {
      const sent = kinds.map(([, make]) => make());
      await maps.execute(insert, [key, ...sent], prepared);
      const row = (await maps.execute('SELECT * FROM random_nested WHERE k = ?', [key], prepared)).first();
      kinds.forEach(([kind], at) => assert.equal(asText(row[`c${at}`]), asText(sent[at]), `row ${key}, ${kind}`));
    }
  } finally {
    await maps.shutdown();
  }
});

test('statements outlive changes of their table', async () => {
  await client.execute('CREATE TABLE changing (k int PRIMARY KEY, v int)');
  await client.execute('INSERT INTO changing (k, v) VALUES (?, ?)', [1, 10], prepared);
  assert.equal((await client.execute('SELECT * FROM changing WHERE k = ?', [1], prepared)).first().v, 10);
  await client.execute('ALTER TABLE changing ADD w text');
  const row = (await client.execute('SELECT * FROM changing WHERE k = ?', [1], prepared)).first();
  assert.equal(row.v, 10);
  assert.equal(row.w, null);
});

test('pages', async () => {
  await client.execute('CREATE TABLE paged (p int, c int, v text, PRIMARY KEY (p, c))');
  const rows = [];
  for (let n = 0; n < 1000; n += 1) {
    rows.push([n % 25, Math.floor(n / 25), String(n)]);
  }
  await cassandra.concurrent.executeConcurrent(client, 'INSERT INTO paged (p, c, v) VALUES (?, ?, ?)', rows, prepared);
  const first = await client.execute('SELECT c FROM paged WHERE p = 3', [], { fetchSize: 7, prepare: true });
  assert.equal(first.rowLength, 7);
  assert.ok(first.pageState);
  // Another coordinator goes on where this one stopped.
  const next = await withClient(2, { keyspace: KEYSPACE }, (one) => one.execute(
    'SELECT c FROM paged WHERE p = 3', [], { fetchSize: 100, prepare: true, pageState: first.pageState }));
  assert.deepEqual([...first.rows, ...next.rows].map((r) => r.c), [...Array(40).keys()]);
  for (const fetchSize of [1, 99, 5000]) {
    const seen = new Set();
    for await (const row of await client.execute('SELECT p, c FROM paged', [], { fetchSize, prepare: true })) {
      seen.add(`${row.p}/${row.c}`);
    }
    assert.equal(seen.size, 1000);
  }
});

test('batches', async () => {
  await client.execute('CREATE TABLE batched (k int, c int, v text, PRIMARY KEY (k, c))');
  for (const [k, logged] of [[1, true], [2, false]]) {
    await client.batch([
      { query: 'INSERT INTO batched (k, c, v) VALUES (?, ?, ?)', params: [k, 1, 'one'] },
      { query: 'INSERT INTO batched (k, c, v) VALUES (?, ?, ?)', params: [k, 2, 'two'] },
      { query: 'DELETE FROM batched WHERE k = ? AND c = ?', params: [k, 3] },
    ], { prepare: true, logged });
    const rows = (await client.execute('SELECT c, v FROM batched WHERE k = ?', [k], prepared)).rows;
    assert.deepEqual(rows.map((r) => [r.c, r.v]), [[1, 'one'], [2, 'two']]);
  }
});

test('changes of others are announced', async () => {
  await withClient(2, {}, async (watcher) => {
    await client.execute('CREATE TABLE announced (k int PRIMARY KEY)');
    await eventually('the table', async () => (await watcher.metadata.getTable(KEYSPACE, 'announced')) !== null);
    await client.execute('ALTER TABLE announced ADD w int');
    await eventually('its new column', async () => {
      const table = await watcher.metadata.getTable(KEYSPACE, 'announced');
      return table !== null && table.columnsByName.w !== undefined;
    });
  });
});

test('a node goes and comes back', async () => {
  await client.execute('CREATE TABLE lasting (k int PRIMARY KEY, v int)');
  const events = [];
  client.on('hostDown', (host) => events.push(`down ${host.address.split(':')[0]}`));
  client.on('hostUp', (host) => events.push(`up ${host.address.split(':')[0]}`));
  const write = (k) => client.execute('INSERT INTO lasting (k, v) VALUES (?, ?)', [k, k],
    { prepare: true, consistency: types.consistencies.quorum, isIdempotent: true });
  control('kill', 3);
  control('wait', 3, 'down');
  for (let k = 0; k < 50; k += 1) {
    await write(k);
  }
  await assert.rejects(client.execute('INSERT INTO lasting (k, v) VALUES (0, 0)', [],
    { consistency: types.consistencies.all }), (error) => {
    assert.equal(error.code, types.responseErrorCodes.unavailableException);
    assert.equal(error.required, 3);
    assert.equal(error.alive, 2);
    return true;
  });
  control('start', 3);
  control('wait', 3, 'up');
  await eventually('the driver sees node 3 again', () => events.includes(`up ${address(3)}`)
    || client.hosts.values().every((h) => h.isUp()));
  for (let k = 50; k < 100; k += 1) {
    await write(k);
  }
  const count = (await client.execute('SELECT count(*) AS n FROM lasting', [],
    { consistency: types.consistencies.quorum })).first();
  assert.equal(Number(count.n), 100);
});
