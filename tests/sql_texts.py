"""SQL of recipes: what reaches further than its columns, and what recipes usually say."""

from __future__ import annotations

ESCAPING_EXPRESSIONS = r"""
random()
uuid()
gen_random_uuid()
uuidv7()
now()
today()
current_date
current_timestamp
localtime
get_current_timestamp()
age(d)
getenv('HOME')
current_setting('home_directory')
getvariable('x')
read_text('/etc/passwd')
"read_text"('/etc/passwd')
main.read_text('/etc/passwd')
system.main.random()
'/etc/passwd'.read_text()
unnest([1, 2])
"unnest"([1, 2])
generate_subscripts([1, 2], 1)
regexp_split_to_table(s, 'a')
range(1000000000)
generate_series(1, 1000000000)
list_transform(range(10000000), x -> x)
list_transform([1], x -> random())
[random() for x in [1]]
repeat('x', 1000000000)
repeat('x', a)
lpad('x', a, 'y')
rpad('x', 100000000, 'y')
list_resize([1], 1000000000)
bitstring('1', 1000000000)
format('{:1000000000}', s)
printf('%1000000000s', s)
nextval('s')
setseed(0.5)
current_query()
pg_sleep(10)
sleep_ms(10000)
write_log('x')
error('x')
query('SELECT 1')
list_aggregate([1], 'reservoir_quantile')
CASE WHEN random() > 0.5 THEN 1 END
{'a': uuid()}.a
hash(random())
a = $1
(SELECT 1)
a IN (FROM 'secret.csv')
sum(a)
sumkahan(a)
fsum(a)
list(a)
"max"(a)
row_number() OVER ()
columns('a.*') > 1
data.a
s.trim().lower()
CAST('now' AS DATE)
DATE 'today'
TRY_CAST(' Tomorrow ' AS DATE)
CAST('yesterday 10:00' AS TIMESTAMP)
length(replace(replace(s, 'a', repeat('a', 500)), 'a', repeat('a', 500)))
length(replace(replace(replace(s, 'a', 'aaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa'))
length(hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(s))))))))))))
length(url_encode(url_encode(url_encode(url_encode(url_encode(url_encode(url_encode(s))))))))
length(list_reduce(str_split(s, ''), (x, y) -> x || x))
length(list_reduce(str_split(s, ''), (x, y) -> concat(x, x)))
list_transform(l, x -> list_transform(l, y -> list_transform(l, z -> 1)))
array_to_string(str_split(array_to_string(str_split(s, ''), s), ''), s)
s.repeat(1000000000)
""".strip().splitlines()

ESCAPING_QUERIES = r"""
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM '/etc/passwd'
SELECT * FROM "secret.csv"
SELECT * FROM data, glob('/etc/*')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_settings
SELECT * FROM information_schema.tables
SELECT * FROM pg_catalog.pg_authid
SELECT * FROM other.data
SELECT * FROM parquet.data
SELECT * FROM enable_profiling(save_location = '/tmp/x')
SELECT * FROM enable_logging(storage = 'file')
SELECT * FROM read_csv('http://127.0.0.1/x.csv')
SELECT * FROM postgres_scan('host=x', 'public', 't')
SELECT * FROM range(1000000000)
SELECT * FROM query('SELECT 1')
SELECT * FROM data, unnest([1, 2])
SELECT * FROM data, LATERAL (SELECT 1)
SELECT * FROM data TABLESAMPLE 10%
SELECT * FROM data USING SAMPLE 10
SELECT * FROM (DESCRIBE data)
SELECT * FROM (SHOW TABLES)
SELECT * FROM (SUMMARIZE data)
SELECT * INTO x FROM data
SELECT unnest([1, 2]) FROM data
SELECT getenv('HOME') FROM data
SELECT current_date FROM data
SELECT "current_timestamp" FROM data
SELECT * FROM data ORDER BY random()
SELECT user FROM data, labels
SELECT "current_user" FROM data, labels
SELECT session_user FROM data AS a JOIN data AS b USING (id)
SELECT x FROM data WHERE d < CAST('now' AS DATE)
SELECT hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(s))))))))))) FROM data
SELECT reservoir_quantile(a, 0.5) FROM data
SELECT (FROM read_text('/etc/passwd')) FROM data
SELECT * FROM data WHERE a IN (FROM 'secret.csv')
WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT * FROM t
WITH a AS (SELECT * FROM duckdb_settings), duckdb_settings AS (SELECT 1) SELECT * FROM a
SELECT * FROM (WITH duckdb_views AS (SELECT 1) SELECT * FROM duckdb_views) AS x, duckdb_views
SELECT * FROM data; COPY data TO '/tmp/x'
COPY data TO '/tmp/x'
ATTACH '/tmp/x'
LOAD httpfs
INSTALL httpfs
CALL enable_logging()
SET threads = 1
PRAGMA enable_profiling
EXPORT DATABASE '/tmp/x'
CREATE TABLE x AS SELECT 1
INSERT INTO data VALUES (1)
DELETE FROM data
""".strip().splitlines()

USUAL_EXPRESSIONS = r"""
kids + teens > 0
lower(trim("Education"))
year(TRY_CAST(d AS DATE))
date_diff('day', d, DATE '2024-12-31')
date_trunc('month', d)
extract(year FROM d)
try_strptime(d, '%d/%m/%Y')
age(d, DATE '2020-01-01')
d - INTERVAL 3 DAY
NULLIF(NULLIF(q, 97), 98)
coalesce(a, 0) + ifnull(b, 1)
if(a > 1, 1, 0)
a IN (1, 2) AND NOT (b BETWEEN 1 AND 2)
regexp_extract(s, '(a)', 1)
s ~ '^a' OR s ILIKE '%x%'
split_part(s, ',', 1) || left(s, 2)
lpad(s, 5, '0')
lower(trim(s))
replace(replace(replace(s, '-', ''), ' ', ''), '.', ',')
regexp_replace(s, '[^0-9]', '', 'g')
list_reduce([1, 2], (x, y) -> x + y)
CAST(a AS DECIMAL(10, 2))
list_transform([1, 2], x -> x + 1)[1]
json_extract_string(s, '$.a')
"random()" > 1
s = 'random()'
""".strip().splitlines()

USUAL_QUERIES = r"""
FROM data
SELECT data.*, labels.Cluster FROM data LEFT JOIN labels USING (ID)
SELECT customer, count(*) AS orders, sum(price) AS spent, max(day) AS latest FROM data GROUP BY customer
WITH x AS (SELECT a FROM data), y(b) AS (SELECT a FROM x) SELECT * FROM y
WITH more AS (FROM labels) SELECT * FROM data JOIN more USING (id)
SELECT a, row_number() OVER (PARTITION BY b ORDER BY c) AS r FROM data QUALIFY r = 1
SELECT DISTINCT ON (a) a, b FROM data ORDER BY a, b DESC
SELECT a, sum(b) FILTER (WHERE c > 0) FROM data GROUP BY ALL
SELECT a FROM (VALUES (1), (2)) AS v(a)
SELECT quantile_cont(a, 0.5), any_value(c), arg_max(a, b), string_agg(b, ',') FROM data GROUP BY ROLLUP (c)
SELECT count(*) FROM data GROUP BY GROUPING SETS ((a), (b), ())
SELECT * FROM data PIVOT (sum(a) FOR b IN ('x', 'y') GROUP BY c)
SELECT * FROM data ASOF JOIN labels ON data.id = labels.id AND data.d >= labels.d
SELECT * REPLACE (a + 1 AS a) FROM data WHERE EXISTS (SELECT 1 FROM labels WHERE labels.id = data.id)
SELECT user, sum(x) FROM data GROUP BY user
SELECT * EXCLUDE (user) FROM data
SELECT lower(s) AS user, sum(x) FROM data GROUP BY user
SELECT columns('a.*') FROM data
SELECT lower(s.trim()) FROM data
""".strip().splitlines()
