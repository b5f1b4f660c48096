-- Segments: 2 segments by k-modes.
-- Reads crm.customers; one row per customer, but for rows that a cleaning step drops.
-- certainty is 1 - distance to the segment / distance to the next; fits is false for customers unlike those who made the segments.
--   segment 1: Urban
--   segment 2: Rural
-- Dialect clickhouse: executed in segmentry's tests on the same rows as Python.
WITH "source" AS (
  SELECT
    "id",
    (
      CASE WHEN "age" = "age" THEN "age" END
    ) AS "age",
    "town"
  FROM "crm"."customers"
), "encoded" AS (
  SELECT
    "id",
    CASE WHEN "age" IS NULL THEN 2 WHEN "age" <= 40 THEN 0 ELSE 1 END AS "age_level",
    CASE
      WHEN "town" IS NULL
      THEN -1
      ELSE CASE "town" WHEN 'City' THEN 0 WHEN 'O''Town' THEN 0 WHEN 'Farm' THEN 1 ELSE -2 END
    END AS "town_level",
    0 AS "dropped_by"
  FROM "source"
), "pattern_segments" AS (
  SELECT
    "age_level",
    "town_level",
    "segment",
    "certainty",
    "second_segment",
    "fits",
    "reason"
  FROM (
    SELECT
      -1 AS "age_level",
      -1 AS "town_level",
      1 AS "segment",
      0.0e0 AS "certainty",
      2 AS "second_segment",
      0 AS "fits",
      'no feature speaks for it' AS "reason"
    UNION ALL
    SELECT
      -1,
      0,
      1,
      1.0e0,
      2,
      1,
      'Urban'
    UNION ALL
    SELECT
      -1,
      1,
      2,
      1.0e0,
      1,
      1,
      'Rural'
    UNION ALL
    SELECT
      0,
      -1,
      2,
      1.0e0,
      1,
      1,
      'Age up to 40'
    UNION ALL
    SELECT
      0,
      0,
      1,
      0.5e0,
      2,
      1,
      'Urban'
    UNION ALL
    SELECT
      0,
      1,
      2,
      1.0e0,
      1,
      1,
      'Rural; Age up to 40'
    UNION ALL
    SELECT
      1,
      -1,
      1,
      1.0e0,
      2,
      1,
      'Age over 40'
    UNION ALL
    SELECT
      1,
      0,
      1,
      1.0e0,
      2,
      1,
      'Urban; Age over 40'
    UNION ALL
    SELECT
      1,
      1,
      2,
      0.5e0,
      1,
      1,
      'Rural'
    UNION ALL
    SELECT
      2,
      -1,
      1,
      0.5e0,
      2,
      1,
      'Age missing'
    UNION ALL
    SELECT
      2,
      0,
      1,
      0.75e0,
      2,
      1,
      'Urban; Age missing'
    UNION ALL
    SELECT
      2,
      1,
      2,
      0.33333333333333337e0,
      1,
      1,
      'Rural'
  ) AS listed
)
SELECT
  "encoded"."id",
  "segment" AS "segment",
  "certainty" AS "certainty",
  "second_segment" AS "second_segment",
  "reason" AS "reason",
  CASE
    WHEN "fits" = 1
    AND NOT (
      "encoded"."age_level" = -2 OR "encoded"."town_level" = -2
    )
    THEN TRUE
    ELSE FALSE
  END AS "fits"
FROM "encoded"
LEFT JOIN "pattern_segments"
  ON CASE WHEN "encoded"."age_level" = -2 THEN -1 ELSE "encoded"."age_level" END = "pattern_segments"."age_level"
  AND CASE WHEN "encoded"."town_level" = -2 THEN -1 ELSE "encoded"."town_level" END = "pattern_segments"."town_level"
WHERE
  "encoded"."dropped_by" = 0;
