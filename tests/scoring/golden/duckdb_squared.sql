-- Segments: 2 segments by k-means.
-- Reads crm.customers; one row per customer, but for rows that a cleaning step drops.
-- certainty is 1 - distance to the segment / distance to the next; fits is false for customers unlike those who made the segments.
--   segment 1: Urban
--   segment 2: Rural
-- Dialect duckdb: executed in segmentry's tests on the same rows as Python.
WITH "source" AS (
  SELECT
    "id",
    NULLIF("age", CAST('NaN' AS DOUBLE)) AS "age",
    "town"
  FROM "crm"."customers"
), "encoded" AS (
  SELECT
    "id",
    CASE
      WHEN "age" IS NULL
      THEN 3
      WHEN "age" <= 30
      THEN 0
      WHEN "age" <= 50
      THEN 1
      ELSE 2
    END AS "age_level",
    CASE
      WHEN "town" IS NULL
      THEN -1
      WHEN (
        "town" = 'City' OR "town" = 'O''Town'
      )
      THEN 0
      WHEN (
        "town" = 'Farm'
      )
      THEN 1
      ELSE -2
    END AS "town_level",
    0 AS "dropped_by"
  FROM "source"
), "scored" AS (
  /* the sum of each segment; the smallest wins, of equal ones the first */
  SELECT
    "id",
    "age_level",
    "town_level",
    CASE "age_level"
      WHEN 0
      THEN 1.9311821818628045e0
      WHEN 1
      THEN 0.027261075795338072e0
      WHEN 2
      THEN 1.1224369332677746e0
      ELSE 0.0e0
    END + CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 4.034163376860006e0 ELSE 0.0e0 END AS "score_1", /* segment 1: Urban */
    CASE "age_level"
      WHEN 0
      THEN 1.3037527979742036e0
      WHEN 1
      THEN 0.006846002929921253e0
      WHEN 2
      THEN 1.7090361714255418e0
      ELSE 0.0e0
    END + CASE "town_level" WHEN 0 THEN 4.034163376860006e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END AS "score_2", /* segment 2: Rural */
    CASE
      WHEN "age_level" IN (-2, 3)
      OR "town_level" IN (-2)
      OR (
        "age_level" < 0 AND "town_level" < 0
      )
      THEN 1
      ELSE 0
    END AS "is_strange"
  FROM "encoded"
  WHERE
    "dropped_by" = 0
), "nearest" AS (
  SELECT
    *,
    CASE
      WHEN "score_1" IS NULL OR "score_2" IS NULL
      THEN NULL
      ELSE LEAST("score_1", "score_2")
    END AS "best_score"
  FROM "scored"
), "assigned" AS (
  SELECT
    *,
    CASE WHEN "score_1" = "best_score" THEN 1 WHEN "score_2" = "best_score" THEN 2 END AS "segment"
  FROM "nearest"
), "compared" AS (
  /* the runner-up */
  SELECT
    *,
    CASE
      WHEN CASE WHEN "segment" = 1 THEN 1e+18 ELSE "score_1" END IS NULL
      OR CASE WHEN "segment" = 2 THEN 1e+18 ELSE "score_2" END IS NULL
      THEN NULL
      ELSE LEAST(
        CASE WHEN "segment" = 1 THEN 1e+18 ELSE "score_1" END,
        CASE WHEN "segment" = 2 THEN 1e+18 ELSE "score_2" END
      )
    END AS "next_score"
  FROM "assigned"
), "placed" AS (
  SELECT
    *,
    CASE
      WHEN "score_1" = "next_score" AND "segment" <> 1
      THEN 1
      WHEN "score_2" = "next_score" AND "segment" <> 2
      THEN 2
    END AS "second_segment"
  FROM "compared"
)
SELECT
  "id",
  "segment" AS "segment",
  CASE
    WHEN "next_score" > 0.0e0
    THEN 1.0e0 - SQRT("best_score") / SQRT("next_score")
    ELSE 0.0e0
  END AS "certainty",
  "second_segment" AS "second_segment",
  CASE WHEN "best_score" <= 1.931e0 AND "is_strange" = 0 THEN TRUE ELSE FALSE END AS "fits"
FROM "placed";
