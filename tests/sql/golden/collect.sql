WITH "source" AS (
  SELECT
    "id",
    NULLIF("income", CAST('NaN' AS DOUBLE)) AS "income",
    "age",
    "town",
    "grade",
    "kids",
    "teens",
    NULLIF("wine", CAST('NaN' AS DOUBLE)) AS "wine",
    "contacted",
    "accepted"
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
    "wine",
    "contacted",
    "accepted",
    "known_dropped",
    "adults_dropped",
    COALESCE((
      "town" = 'Ville'
    ), FALSE) AS "respelled_changed"
  FROM "adults"
), "encoded" AS (
  SELECT
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
      ELSE -2
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
    "respelled_changed",
    "wine" AS "wine_value",
    CAST("wine" AS DOUBLE) - 10.0 AS "wine_centred",
    CASE
      WHEN "contacted" = 1
      THEN CASE WHEN "accepted" THEN 1 WHEN NOT "accepted" THEN 0 END
    END AS "accepted_value",
    COALESCE(
      ABS((
        (
          CAST("id" % 2147483647 AS BIGINT) * 1583458089
        ) % 2147483647
      ) % 2),
      0
    ) AS "fold"
  FROM "respelled"
)
SELECT
  "dropped_by",
  "income_level",
  "age_level",
  "town_level",
  "grade_level",
  "children_level",
  COUNT(*) AS "customers",
  SUM(CASE WHEN "respelled_changed" THEN 1 ELSE 0 END) AS "respelled_changed",
  COUNT("wine_value") AS "wine_n",
  SUM("wine_value") AS "wine_sum",
  SUM("wine_centred" * "wine_centred") AS "wine_squares",
  SUM("wine_centred" * "wine_centred" * "wine_centred") AS "wine_cubes",
  COUNT("accepted_value") AS "accepted_n",
  SUM("accepted_value") AS "accepted_sum",
  SUM(CASE WHEN NOT "accepted_value" BETWEEN 0 AND 1 THEN 1 ELSE 0 END) AS "other_flags",
  "fold"
FROM "encoded"
GROUP BY
  "dropped_by",
  "income_level",
  "age_level",
  "town_level",
  "grade_level",
  "children_level",
  "fold"
