-- Small: 2 segments by latent-class.
-- Reads crm.customers; one row per customer, but for rows that a cleaning step drops.
-- certainty is the posterior probability; fits is false for customers unlike those who made the segments.
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
      THEN CASE "age_level"
        WHEN 0
        THEN 1.0051219455807707e0
        WHEN 1
        THEN 0.6311117896404926e0
        WHEN 2
        THEN 2.282782465697866e0
        ELSE 0.0e0
      END + 0.4588658848352796e0 + CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END + CASE "active_level"
        WHEN 0
        THEN 0.7592869830644903e0
        WHEN 1
        THEN 0.6311117896404926e0
        ELSE 0.0e0
      END + CASE "income_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END + CASE "age_level"
        WHEN 0
        THEN CASE "income_level" WHEN 0 THEN -1.005121945580754e0 ELSE 0.0e0 END
        WHEN 1
        THEN CASE "income_level" WHEN 0 THEN -0.6311117896404994e0 ELSE 0.0e0 END
        WHEN 2
        THEN CASE "income_level" WHEN 0 THEN -2.282782465697892e0 ELSE 0.0e0 END
        ELSE 0.0e0
      END
      WHEN 2
      THEN CASE "age_level"
        WHEN 0
        THEN 0.8255363686056909e0
        WHEN 1
        THEN 0.8255363686056909e0
        WHEN 2
        THEN 2.0874737133771e0
        ELSE 0.0e0
      END + 0.9996723408132061e0 + CASE "town_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END + CASE "active_level"
        WHEN 0
        THEN 0.6851790109107684e0
        WHEN 1
        THEN 0.7011793522572096e0
        ELSE 0.0e0
      END + CASE "income_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END + CASE "age_level"
        WHEN 0
        THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
        WHEN 1
        THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
        WHEN 2
        THEN CASE "income_level" WHEN 1 THEN -2.0874737133771077e0 ELSE 0.0e0 END
        ELSE 0.0e0
      END
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
    MAX(CASE WHEN "ranks"."place" = 2 THEN "ranks"."score" END) AS "next_score",
    MAX(
      CASE
        WHEN "ranks"."segment" = 1 AND "ranks"."score" - "ranks"."best_score" <= 700.0e0
        THEN EXP("ranks"."best_score" - "ranks"."score")
        ELSE 0.0e0
      END
    ) + MAX(
      CASE
        WHEN "ranks"."segment" = 2 AND "ranks"."score" - "ranks"."best_score" <= 700.0e0
        THEN EXP("ranks"."best_score" - "ranks"."score")
        ELSE 0.0e0
      END
    ) AS "odds"
  FROM "ranked" AS "ranks"
  GROUP BY
    "ranks"."age_level",
    "ranks"."town_level",
    "ranks"."active_level",
    "ranks"."income_level"
), "gained" AS (
  /* how much each feature speaks for the segment */
  SELECT
    "age_level",
    "town_level",
    "active_level",
    "income_level",
    "segment",
    "second_segment",
    "best_score",
    "next_score",
    "odds",
    "feature",
    CASE "feature"
      WHEN 1
      THEN (
        CASE "second_segment"
          WHEN 1
          THEN CASE "age_level"
            WHEN 0
            THEN 1.0051219455807707e0
            WHEN 1
            THEN 0.6311117896404926e0
            WHEN 2
            THEN 2.282782465697866e0
            ELSE 0.0e0
          END
          WHEN 2
          THEN CASE "age_level"
            WHEN 0
            THEN 0.8255363686056909e0
            WHEN 1
            THEN 0.8255363686056909e0
            WHEN 2
            THEN 2.0874737133771e0
            ELSE 0.0e0
          END
        END - CASE "segment"
          WHEN 1
          THEN CASE "age_level"
            WHEN 0
            THEN 1.0051219455807707e0
            WHEN 1
            THEN 0.6311117896404926e0
            WHEN 2
            THEN 2.282782465697866e0
            ELSE 0.0e0
          END
          WHEN 2
          THEN CASE "age_level"
            WHEN 0
            THEN 0.8255363686056909e0
            WHEN 1
            THEN 0.8255363686056909e0
            WHEN 2
            THEN 2.0874737133771e0
            ELSE 0.0e0
          END
        END
      ) + 0.5e0 * (
        CASE "second_segment"
          WHEN 1
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 0 THEN -1.005121945580754e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 0 THEN -0.6311117896404994e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 0 THEN -2.282782465697892e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
          WHEN 2
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 1 THEN -2.0874737133771077e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
        END - CASE "segment"
          WHEN 1
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 0 THEN -1.005121945580754e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 0 THEN -0.6311117896404994e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 0 THEN -2.282782465697892e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
          WHEN 2
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 1 THEN -2.0874737133771077e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
        END
      )
      WHEN 2
      THEN CASE "second_segment"
        WHEN 1
        THEN CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END
        WHEN 2
        THEN CASE "town_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
      END - CASE "segment"
        WHEN 1
        THEN CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END
        WHEN 2
        THEN CASE "town_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
      END
      WHEN 3
      THEN CASE "second_segment"
        WHEN 1
        THEN CASE "active_level"
          WHEN 0
          THEN 0.7592869830644903e0
          WHEN 1
          THEN 0.6311117896404926e0
          ELSE 0.0e0
        END
        WHEN 2
        THEN CASE "active_level"
          WHEN 0
          THEN 0.6851790109107684e0
          WHEN 1
          THEN 0.7011793522572096e0
          ELSE 0.0e0
        END
      END - CASE "segment"
        WHEN 1
        THEN CASE "active_level"
          WHEN 0
          THEN 0.7592869830644903e0
          WHEN 1
          THEN 0.6311117896404926e0
          ELSE 0.0e0
        END
        WHEN 2
        THEN CASE "active_level"
          WHEN 0
          THEN 0.6851790109107684e0
          WHEN 1
          THEN 0.7011793522572096e0
          ELSE 0.0e0
        END
      END
      WHEN 4
      THEN (
        CASE "second_segment"
          WHEN 1
          THEN CASE "income_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
          WHEN 2
          THEN CASE "income_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END
        END - CASE "segment"
          WHEN 1
          THEN CASE "income_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
          WHEN 2
          THEN CASE "income_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END
        END
      ) + 0.5e0 * (
        CASE "second_segment"
          WHEN 1
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 0 THEN -1.005121945580754e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 0 THEN -0.6311117896404994e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 0 THEN -2.282782465697892e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
          WHEN 2
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 1 THEN -2.0874737133771077e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
        END - CASE "segment"
          WHEN 1
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 0 THEN -1.005121945580754e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 0 THEN -0.6311117896404994e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 0 THEN -2.282782465697892e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
          WHEN 2
          THEN CASE "age_level"
            WHEN 0
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 1
            THEN CASE "income_level" WHEN 1 THEN -0.8255363686056398e0 ELSE 0.0e0 END
            WHEN 2
            THEN CASE "income_level" WHEN 1 THEN -2.0874737133771077e0 ELSE 0.0e0 END
            ELSE 0.0e0
          END
        END
      )
    END AS "gain"
  FROM "placed"
  CROSS JOIN (
    SELECT
      1 AS "feature"
    UNION ALL
    SELECT
      2 AS "feature"
    UNION ALL
    SELECT
      3 AS "feature"
    UNION ALL
    SELECT
      4 AS "feature"
  ) AS numbered
), "led" AS (
  SELECT
    "age_level",
    "town_level",
    "active_level",
    "income_level",
    "segment",
    "second_segment",
    "best_score",
    "next_score",
    "odds",
    "feature",
    "gain",
    ROW_NUMBER() OVER (
      PARTITION BY "age_level", "town_level", "active_level", "income_level"
      ORDER BY "gain" DESC, "feature" ASC
    ) AS "place"
  FROM "gained"
), "explained" AS (
  /* the two features that speak most for it */
  SELECT
    "ranks"."age_level",
    "ranks"."town_level",
    "ranks"."active_level",
    "ranks"."income_level",
    MIN("ranks"."segment") AS "segment",
    MIN("ranks"."second_segment") AS "second_segment",
    MIN("ranks"."best_score") AS "best_score",
    MIN("ranks"."next_score") AS "next_score",
    MIN("ranks"."odds") AS "odds",
    MAX(
      CASE WHEN "ranks"."place" = 1 AND "ranks"."gain" > 0.0e0 THEN "ranks"."feature" END
    ) AS "decided_first",
    MAX(
      CASE WHEN "ranks"."place" = 2 AND "ranks"."gain" > 0.0e0 THEN "ranks"."feature" END
    ) AS "decided_second"
  FROM "led" AS "ranks"
  GROUP BY
    "ranks"."age_level",
    "ranks"."town_level",
    "ranks"."active_level",
    "ranks"."income_level"
)
SELECT
  "encoded"."id",
  "explained"."segment" AS "segment",
  1.0e0 / "explained"."odds" AS "certainty",
  "explained"."second_segment" AS "second_segment",
  CASE
    WHEN NOT (
      "explained"."decided_second" IS NULL
    )
    THEN CONCAT(
      CASE "explained"."decided_first"
        WHEN 1
        THEN CASE "explained"."age_level"
          WHEN 0
          THEN 'Age up to 40'
          WHEN 1
          THEN 'Age over 40'
          WHEN 2
          THEN 'Age missing'
        END
        WHEN 2
        THEN CASE "explained"."town_level" WHEN 0 THEN 'Urban' WHEN 1 THEN 'Rural' END
        WHEN 3
        THEN CASE "explained"."active_level"
          WHEN 0
          THEN 'Active: no'
          WHEN 1
          THEN 'Active: yes'
        END
        WHEN 4
        THEN CASE "explained"."income_level"
          WHEN 0
          THEN 'Income under 1,000.5'
          WHEN 1
          THEN 'Income 1,000.5 and over'
        END
      END,
      '; ',
      CASE "explained"."decided_second"
        WHEN 1
        THEN CASE "explained"."age_level"
          WHEN 0
          THEN 'Age up to 40'
          WHEN 1
          THEN 'Age over 40'
          WHEN 2
          THEN 'Age missing'
        END
        WHEN 2
        THEN CASE "explained"."town_level" WHEN 0 THEN 'Urban' WHEN 1 THEN 'Rural' END
        WHEN 3
        THEN CASE "explained"."active_level"
          WHEN 0
          THEN 'Active: no'
          WHEN 1
          THEN 'Active: yes'
        END
        WHEN 4
        THEN CASE "explained"."income_level"
          WHEN 0
          THEN 'Income under 1,000.5'
          WHEN 1
          THEN 'Income 1,000.5 and over'
        END
      END
    )
    WHEN NOT (
      "explained"."decided_first" IS NULL
    )
    THEN CASE "explained"."decided_first"
      WHEN 1
      THEN CASE "explained"."age_level"
        WHEN 0
        THEN 'Age up to 40'
        WHEN 1
        THEN 'Age over 40'
        WHEN 2
        THEN 'Age missing'
      END
      WHEN 2
      THEN CASE "explained"."town_level" WHEN 0 THEN 'Urban' WHEN 1 THEN 'Rural' END
      WHEN 3
      THEN CASE "explained"."active_level"
        WHEN 0
        THEN 'Active: no'
        WHEN 1
        THEN 'Active: yes'
      END
      WHEN 4
      THEN CASE "explained"."income_level"
        WHEN 0
        THEN 'Income under 1,000.5'
        WHEN 1
        THEN 'Income 1,000.5 and over'
      END
    END
    ELSE 'no feature speaks for it'
  END AS "reason",
  CASE
    WHEN "explained"."best_score" - LN("explained"."odds") <= 3.786e0
    AND NOT (
      "explained"."age_level" IN (-2)
      OR "explained"."town_level" IN (-2)
      OR "explained"."active_level" IN (-2)
      OR "explained"."income_level" IN (-2)
      OR (
        "explained"."age_level" < 0
        AND "explained"."town_level" < 0
        AND "explained"."active_level" < 0
        AND "explained"."income_level" < 0
      )
    )
    THEN TRUE
    ELSE FALSE
  END AS "fits"
FROM "encoded"
INNER JOIN "explained"
  ON "encoded"."age_level" = "explained"."age_level"
  AND "encoded"."town_level" = "explained"."town_level"
  AND "encoded"."active_level" = "explained"."active_level"
  AND "encoded"."income_level" = "explained"."income_level"
WHERE
  "encoded"."dropped_by" = 0;
