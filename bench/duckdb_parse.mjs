// SPDX-License-Identifier: EUPL-1.2
// DuckDB's read_json on one thread: time, professional and patient of each
// AuditEvent, and how many distinct ones. The columns are given, so that it
// does not have to guess them. Prints one line of JSON.
import { createRequire } from 'node:module';

const [modules, file] = process.argv.slice(2);
const require = createRequire(modules + '/package.json');
const { DuckDBInstance } = require('@duckdb/node-api');

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(`
  WITH event AS (
    SELECT recorded,
      list_filter(agent, a -> a.requestor)[1].who.identifier.value
        AS professional,
      list_filter(entity, e -> e.type.code = '1')[1].what.reference
        AS patient
    FROM read_json('${file.replaceAll("'", "''")}',
      format = 'newline_delimited',
      columns = {
        recorded: 'TIMESTAMP',
        agent: 'STRUCT(requestor BOOLEAN,
          who STRUCT(identifier STRUCT("value" VARCHAR)))[]',
        entity: 'STRUCT("type" STRUCT(code VARCHAR),
          what STRUCT(reference VARCHAR))[]'}))
  SELECT count(*)::INTEGER, count(DISTINCT professional)::INTEGER,
    count(DISTINCT patient)::INTEGER, max(recorded)::VARCHAR
  FROM event`);
console.log(JSON.stringify(reader.getRows()[0]));
