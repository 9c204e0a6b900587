-- Purpose: SHA-256 over the text of all rows of one table.
-- Parameters: table and order, identifiers filled in by geodata/demo/digest.py.
-- Rows are hashed one by one, so that a large table does not become one large text.
SELECT encode(sha256(coalesce(string_agg(row_hash, ''::bytea ORDER BY place), ''::bytea)), 'hex')
       AS digest
FROM (SELECT sha256(convert_to(t::text, 'UTF8')) AS row_hash,
             row_number() OVER (ORDER BY {order}) AS place
      FROM {table} t) rows
