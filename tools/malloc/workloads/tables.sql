-- Tables, indexes, joins, windows and texts. Part of Cairn, under the Apache License v2.0
-- with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Parameter: @rows, replaced before it is run.
PRAGMA journal_mode = off;
PRAGMA synchronous = off;
PRAGMA cache_size = -65536;
CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER, name TEXT, price REAL, data BLOB);
CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @rows / 20)
  INSERT INTO owner SELECT i, printf('owner-%06d', (i * 7919) % 100003) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @rows)
  INSERT INTO item SELECT i, 1 + (i * 104729) % (@rows / 20), printf('item %d of %s', i, hex(i * 2654435761)),
    (i * 31 % 1000) / 10.0, zeroblob(i % 200) FROM n;
CREATE INDEX item_owner ON item (owner, price);
CREATE INDEX item_name ON item (name);
SELECT count(*), sum(price), max(length(data)) FROM item;
SELECT owner.name, count(*), round(avg(price), 3) FROM item JOIN owner ON owner.id = item.owner
  GROUP BY owner.name ORDER BY 3 DESC, 1 LIMIT 20;
SELECT id, price, sum(price) OVER (PARTITION BY owner ORDER BY price, id) AS running FROM item
  ORDER BY running DESC, id LIMIT 10;
SELECT length(group_concat(name, ',')), length(group_concat(upper(replace(name, 'item', 'thing')), '|')) FROM item;
UPDATE item SET name = name || ' ' || (SELECT owner.name FROM owner WHERE owner.id = item.owner) WHERE id % 3 = 0;
DELETE FROM item WHERE id % 7 = 0;
SELECT count(DISTINCT substr(name, 1, 8)), count(*), sum(length(name)) FROM item WHERE name LIKE '%9%';
SELECT json_extract(json_group_array(json_object('id', id, 'name', name)), '$[100].name') FROM item;
PRAGMA integrity_check;
