WITH "source" AS (
  SELECT
    "id",
    NULLIF("income", CAST('NaN' AS DOUBLE)) AS "income",
    "age",
    "town",
    "grade",
    "kids",
    "teens"
  FROM "data"
), "known" AS (
  /* no income, no pattern */
  SELECT
    *,
    "income" IS NULL AS "known_dropped"
  FROM "source"
), "adults" AS (
  SELECT
    *,
    NOT COALESCE((
      "age" >= 18 OR "age" IS NULL
    ), FALSE) AS "adults_dropped"
  FROM "known"
), "respelled" AS (
  SELECT
    "id",
    "income",
    "age",
    CASE WHEN "town" = 'Ville' THEN 'City' ELSE "town" END AS "town",
    "grade",
    "kids",
    "teens",
    "known_dropped",
    "adults_dropped",
    COALESCE((
      "town" = 'Ville'
    ), FALSE) AS "respelled_changed"
  FROM "adults"
), "encoded" AS (
  SELECT
    "id",
    CASE
      WHEN "income" IS NULL
      THEN -1
      WHEN "income" < 1000
      THEN 0
      WHEN "income" < 2000
      THEN 1
      ELSE 2
    END AS "income_level",
    CASE WHEN "age" IS NULL THEN -1 WHEN "age" <= 40 THEN 0 ELSE 1 END AS "age_level",
    CASE
      WHEN "town" IS NULL
      THEN -1
      WHEN (
        "town" = 'City' OR "town" = 'Town'
      )
      THEN 0
      WHEN (
        "town" = 'Farm'
      )
      THEN 1
      ELSE -1
    END AS "town_level",
    CASE
      WHEN "grade" IS NULL
      THEN 3
      WHEN "grade" IN (1)
      THEN 0
      WHEN "grade" IN (2)
      THEN 1
      ELSE 2
    END AS "grade_level",
    CASE
      WHEN (
        "kids" + "teens" > 0
      ) IS NULL
      THEN -1
      WHEN (
        "kids" + "teens" > 0
      )
      THEN 1
      ELSE 0
    END AS "children_level",
    CASE
      WHEN "known_dropped"
      THEN 1
      WHEN "adults_dropped"
      THEN 2
      WHEN "age" IS NULL
      THEN 3
      ELSE 0
    END AS "dropped_by",
    "respelled_changed"
  FROM "respelled"
)
SELECT
  "encoded"."id",
  "pattern_segments"."segment",
  "pattern_segments"."certainty"
FROM "encoded"
LEFT JOIN pattern_segments
  ON "encoded"."income_level" = "pattern_segments"."code_1"
  AND "encoded"."age_level" = "pattern_segments"."code_2"
  AND "encoded"."town_level" = "pattern_segments"."code_3"
  AND "encoded"."grade_level" = "pattern_segments"."code_4"
  AND "encoded"."children_level" = "pattern_segments"."code_5"
WHERE
  "dropped_by" = 0
ORDER BY
  "encoded"."id"
