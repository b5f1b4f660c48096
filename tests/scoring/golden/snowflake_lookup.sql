-- Segments: 2 segments by k-modes.
-- Reads crm.customers; one row per customer, but for rows that a cleaning step drops.
-- certainty is 1 - distance to the segment / distance to the next; fits is false for customers unlike those who made the segments.
--   segment 1: Urban
--   segment 2: Rural
-- Dialect snowflake: written by tested rules, but executed nowhere: compare its counts before you rely on it.
-- Column names are quoted: in Snowflake they must be spelled as the table holds them.
WITH "source" AS (
  SELECT
    "id",
    NULLIF("age", CAST('NaN' AS DOUBLE)) AS "age",
    "town"
  FROM "crm"."customers"
), "encoded" AS (
  SELECT
    "id",
    CASE WHEN "age" IS NULL THEN 2 WHEN "age" <= 40 THEN 0 ELSE 1 END AS "age_level",
    CASE
      WHEN "town" IS NULL
      THEN -1
      WHEN "town" IN ('City', 'O\'Town')
      THEN 0
      WHEN "town" IN ('Farm')
      THEN 1
      ELSE -2
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
  FROM (VALUES
    (-1, -1, 1, CAST(0.0e0 AS DOUBLE), 2, 0, 'no feature speaks for it'),
    (-1, 0, 1, CAST(1.0e0 AS DOUBLE), 2, 1, 'Urban'),
    (-1, 1, 2, CAST(1.0e0 AS DOUBLE), 1, 1, 'Rural'),
    (0, -1, 2, CAST(1.0e0 AS DOUBLE), 1, 1, 'Age up to 40'),
    (0, 0, 1, CAST(0.5e0 AS DOUBLE), 2, 1, 'Urban'),
    (0, 1, 2, CAST(1.0e0 AS DOUBLE), 1, 1, 'Rural; Age up to 40'),
    (1, -1, 1, CAST(1.0e0 AS DOUBLE), 2, 1, 'Age over 40'),
    (1, 0, 1, CAST(1.0e0 AS DOUBLE), 2, 1, 'Urban; Age over 40'),
    (1, 1, 2, CAST(0.5e0 AS DOUBLE), 1, 1, 'Rural'),
    (2, -1, 1, CAST(0.5e0 AS DOUBLE), 2, 1, 'Age missing'),
    (2, 0, 1, CAST(0.75e0 AS DOUBLE), 2, 1, 'Urban; Age missing'),
    (2, 1, 2, CAST(0.33333333333333337e0 AS DOUBLE), 1, 1, 'Rural')) AS "listed"("age_level", "town_level", "segment", "certainty", "second_segment", "fits", "reason")
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
