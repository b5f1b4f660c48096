-- Small: 2 segments by k-modes.
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
    "town",
    "visits",
    (
      CASE WHEN "income" = "income" THEN "income" END
    ) AS "income"
  FROM "crm"."customers"
), "adults" AS (
  /* no children */
  SELECT
    *,
    CAST(NOT COALESCE((
      CAST("age" >= 18 OR "age" IS NULL AS Nullable(Bool))
    ), FALSE) AS Nullable(Bool)) AS "adults_dropped"
  FROM "source"
), "respelled" AS (
  SELECT
    "id",
    "age",
    CASE WHEN "town" = 'Ville' THEN 'City' ELSE "town" END AS "town",
    "visits",
    "income",
    "adults_dropped",
    COALESCE(CAST("town" IN ('Ville') AS Nullable(Bool)), FALSE) AS "respelled_changed"
  FROM "adults"
), "encoded" AS (
  SELECT
    "id",
    CASE WHEN "age" IS NULL THEN 2 WHEN "age" <= 40 THEN 0 ELSE 1 END AS "age_level",
    CASE
      WHEN "town" IS NULL
      THEN -1
      ELSE CASE "town" WHEN 'City' THEN 0 WHEN 'O''Town' THEN 0 WHEN 'Farm' THEN 1 ELSE -2 END
    END AS "town_level",
    CASE
      WHEN (
        CAST("visits" AS Nullable(Float64)) / nullIf(CAST(2 AS Nullable(Float64)), 0) > 1
      ) IS NULL
      THEN -1
      WHEN (
        CAST("visits" AS Nullable(Float64)) / nullIf(CAST(2 AS Nullable(Float64)), 0) > 1
      )
      THEN 1
      ELSE 0
    END AS "active_level",
    CASE WHEN "income" IS NULL THEN -1 WHEN "income" < 1000.5 THEN 0 ELSE 1 END AS "income_level",
    CASE WHEN "adults_dropped" THEN 1 ELSE 0 END AS "dropped_by",
    "respelled_changed"
  FROM "respelled"
), "patterns" AS (
  /* every combination of levels, once */
  SELECT DISTINCT
    "age_level",
    "town_level",
    "active_level",
    "income_level"
  FROM "encoded"
  WHERE
    "dropped_by" = 0
), "scored" AS (
  /* the sum of each segment */
  SELECT
    "age_level",
    "town_level",
    "active_level",
    "income_level",
    "segment",
    CASE "segment"
      WHEN 1
      THEN CASE "age_level" WHEN 0 THEN 0.5e0 WHEN 1 THEN 0.0e0 WHEN 2 THEN 0.5e0 ELSE 0.0e0 END + CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 1.0e0 ELSE 0.0e0 END + CASE "active_level" WHEN 0 THEN 1.0e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END + CASE "income_level" WHEN 0 THEN 1.0e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
      WHEN 2
      THEN CASE "age_level" WHEN 0 THEN 0.5e0 WHEN 1 THEN 0.0e0 WHEN 2 THEN 0.5e0 ELSE 0.0e0 END + CASE "town_level" WHEN 0 THEN 1.0e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END + CASE "active_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 1.0e0 ELSE 0.0e0 END + CASE "income_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 1.0e0 ELSE 0.0e0 END
    END AS "score"
  FROM "patterns"
  CROSS JOIN (
    SELECT
      1 AS "segment"
    UNION ALL
    SELECT
      2 AS "segment"
  ) AS numbered
), "ranked" AS (
  /* the smallest sum wins, of equal ones the first */
  SELECT
    "age_level",
    "town_level",
    "active_level",
    "income_level",
    "segment",
    "score",
    MIN("score") OVER (PARTITION BY "age_level", "town_level", "active_level", "income_level") AS "best_score",
    ROW_NUMBER() OVER (
      PARTITION BY "age_level", "town_level", "active_level", "income_level"
      ORDER BY "score" ASC, "segment" ASC
    ) AS "place"
  FROM "scored"
), "placed" AS (
  /* a row per pattern again */
  SELECT
    "ranks"."age_level",
    "ranks"."town_level",
    "ranks"."active_level",
    "ranks"."income_level",
    MAX(CASE WHEN "ranks"."place" = 1 THEN "ranks"."segment" END) AS "segment",
    MAX(CASE WHEN "ranks"."place" = 2 THEN "ranks"."segment" END) AS "second_segment",
    MAX(CASE WHEN "ranks"."place" = 1 THEN "ranks"."score" END) AS "best_score",
    MAX(CASE WHEN "ranks"."place" = 2 THEN "ranks"."score" END) AS "next_score"
  FROM "ranked" AS "ranks"
  GROUP BY
    "ranks"."age_level",
    "ranks"."town_level",
    "ranks"."active_level",
    "ranks"."income_level"
)
SELECT
  "encoded"."id",
  "placed"."segment" AS "segment",
  CASE
    WHEN "placed"."next_score" > 0.0e0
    THEN 1.0e0 - "placed"."best_score" / "placed"."next_score"
    ELSE 0.0e0
  END AS "certainty",
  "placed"."second_segment" AS "second_segment",
  CASE
    WHEN "placed"."best_score" <= 1.5e0
    AND NOT (
      "placed"."age_level" IN (-2)
      OR "placed"."town_level" IN (-2)
      OR "placed"."active_level" IN (-2)
      OR "placed"."income_level" IN (-2)
      OR (
        "placed"."age_level" < 0
        AND "placed"."town_level" < 0
        AND "placed"."active_level" < 0
        AND "placed"."income_level" < 0
      )
    )
    THEN TRUE
    ELSE FALSE
  END AS "fits"
FROM "encoded"
INNER JOIN "placed"
  ON "encoded"."age_level" = "placed"."age_level"
  AND "encoded"."town_level" = "placed"."town_level"
  AND "encoded"."active_level" = "placed"."active_level"
  AND "encoded"."income_level" = "placed"."income_level"
WHERE
  "encoded"."dropped_by" = 0;
