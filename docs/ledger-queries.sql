-- SPDX-License-Identifier: EUPL-1.2
-- Questions to an export (docs/ledger.md, "For other tools"). Each runs as it
-- stands in DuckDB, ClickHouse and SQLite on a table `rows`; run by
-- test/e2e/ledger_show_test.py, which compares them with vigie's own answers.

-- shown: what was let out, each request once; not what a trail told as shown
-- before the door kept it back
CREATE VIEW shown AS
SELECT * FROM rows
WHERE kind = 'disclosure' AND person <> ''
  AND flags NOT LIKE '%withheld%' AND flags NOT LIKE '%same-request%'
  AND (grade = 'sent' OR (request, person) NOT IN (
    SELECT request, person FROM rows
    WHERE kind = 'disclosure' AND grade <> 'sent'
      AND flags LIKE '%withheld%' AND flags LIKE '%same-request%'));

-- persons: whose data was seen, by whom, over all
SELECT count(DISTINCT person), count(DISTINCT professional),
       count(DISTINCT session), count(*) FROM shown;

-- medical: persons of whom medical data was seen
SELECT count(DISTINCT person) FROM shown
WHERE categories LIKE '%medical%' OR categories LIKE '%document%';

-- identity: persons of whom identity data was seen
SELECT count(DISTINCT person) FROM shown WHERE categories LIKE '%identity%';

-- busiest: accounts by distinct persons
SELECT professional, count(DISTINCT person) AS persons FROM shown
GROUP BY professional ORDER BY persons DESC, professional LIMIT 5;

-- alerts: what was raised
SELECT count(DISTINCT alert) FROM rows WHERE kind = 'verdict';

-- kinds: rows of each kind
SELECT kind, count(*) FROM rows GROUP BY kind ORDER BY kind;
