// SPDX-License-Identifier: EUPL-1.2
// Runs the statements of a file in DuckDB over an export (NDJSON or CSV) and
// prints the rows of each SELECT as one line of JSON.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [modules, file, queries] = process.argv.slice(2);
const require = createRequire(modules + '/package.json');
const { DuckDBInstance } = require('@duckdb/node-api');

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
const reading = file.endsWith('.csv')
  ? `read_csv('${file}', header = true, all_varchar = true)`
  : `read_json('${file}', format = 'newline_delimited')`;
// nothing and null are the same to the queries
await connection.run(`CREATE TABLE rows AS
  SELECT * REPLACE (coalesce(person, '') AS person,
    coalesce(flags, '') AS flags, coalesce(categories, '') AS categories)
  FROM ${reading}`);
const text = readFileSync(queries, 'utf8').replace(/^--.*$/gm, '');
for (const query of text.split(';')) {
  if (query.trim() === '') continue;
  const reader = await connection.runAndReadAll(query);
  if (query.trim().startsWith('SELECT'))
    console.log(JSON.stringify(reader.getRows(),
      (_, value) => typeof value === 'bigint' ? Number(value) : value));
}
