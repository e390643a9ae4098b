// SPDX-License-Identifier: EUPL-1.2
// DuckDB's side of bench/ledger_scale.py:
//   MODULES load FILE CSV        rows/s
//   MODULES append FILE CSV N    N commits of 1,000 rows: rows/s
//   MODULES ask FILE RUNS        queries on standard input, one a line: the
//                                middle time in ms and the answer
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [modules, verb, file, ...rest] = process.argv.slice(2);
const require = createRequire(modules + '/package.json');
const { DuckDBInstance } = require('@duckdb/node-api');

const columns = ['number', 'received', 'source', 'session', 'professional',
  'person', 'request', 'service', 'controller', 'categories', 'grade', 'kind',
  'flags', 'origin', 'detail'];
const create = `CREATE TABLE rows (${columns.map((c, i) =>
  c + (i < 7 || i === 14 ? ' BIGINT' : ' INTEGER')).join(', ')})`;
const started = performance.now();
const instance = await DuckDBInstance.create(file);
const connection = await instance.connect();
if (verb === 'load') {
  await connection.run(create);
  const begin = performance.now();
  await connection.run(`COPY rows FROM '${rest[0]}' (HEADER false)`);
  await connection.run('CHECKPOINT');
  console.log((performance.now() - begin) / 1e3);
} else if (verb === 'append') {
  const commits = Number(rest[1]);
  const lines = readFileSync(rest[0], 'utf8').split('\n', commits * 1000)
    .map(line => line.split(',').map((v, i) =>
      i < 7 || i === 14 ? BigInt(v) : Number(v)));
  await connection.run(create);
  const begin = performance.now();
  for (let c = 0; c < commits; c++) {
    await connection.run('BEGIN');
    const appender = await connection.createAppender('rows');
    for (const line of lines.slice(c * 1000, c * 1000 + 1000)) {
      line.forEach((value, i) => i < 7 || i === 14
        ? appender.appendBigInt(value) : appender.appendInteger(value));
      appender.endRow();
    }
    appender.closeSync();
    await connection.run('COMMIT');
  }
  console.log((performance.now() - begin) / 1e3);
} else {
  const runs = Number(rest[0]);
  for (const query of readFileSync(0, 'utf8').split('\n')) {
    if (query.trim() === '') continue;
    const times = [];
    let answer = [];
    for (let i = runs > 1 ? -1 : 0; i < runs; i++) {
      const begin = runs > 1 ? performance.now() : started;
      answer = (await connection.runAndReadAll(query)).getRows()[0];
      if (i >= 0) times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    console.log(times[Math.floor(runs / 2)], answer.map(String).join(' '));
  }
}
connection.closeSync?.();
instance.closeSync?.();
