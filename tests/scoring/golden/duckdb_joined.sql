-- Small: 2 segments by latent-class.
-- Reads crm.customers; one row per customer, but for rows that a cleaning step drops.
-- certainty is the posterior probability; fits is false for customers unlike those who made the segments.
--   segment 1: Urban
--   segment 2: Rural
-- Dialect duckdb: executed in segmentry's tests on the same rows as Python.
WITH "source" AS (
  SELECT
    "id",
    NULLIF("age", CAST('NaN' AS DOUBLE)) AS "age",
    "town",
    "visits",
    NULLIF("income", CAST('NaN' AS DOUBLE)) AS "income"
  FROM "crm"."customers"
), "adults" AS (
  /* no children */
  SELECT
    *,
    NOT COALESCE((
      "age" >= 18 OR "age" IS NULL
    ), FALSE) AS "adults_dropped"
  FROM "source"
), "respelled" AS (
  SELECT
    "id",
    "age",
    CASE WHEN "town" = 'Ville' THEN 'City' ELSE "town" END AS "town",
    "visits",
    "income",
    "adults_dropped",
    COALESCE((
      "town" = 'Ville'
    ), FALSE) AS "respelled_changed"
  FROM "adults"
), "encoded" AS (
  SELECT
    "id",
    CASE WHEN "age" IS NULL THEN 2 WHEN "age" <= 40 THEN 0 ELSE 1 END AS "age_level",
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
    CASE
      WHEN (
        CAST("visits" AS DOUBLE) / NULLIF(CAST(2 AS DOUBLE), 0) > 1
      ) IS NULL
      THEN -1
      WHEN (
        CAST("visits" AS DOUBLE) / NULLIF(CAST(2 AS DOUBLE), 0) > 1
      )
      THEN 1
      ELSE 0
    END AS "active_level",
    CASE WHEN "income" IS NULL THEN -1 WHEN "income" < 1000.5 THEN 0 ELSE 1 END AS "income_level",
    CASE WHEN "adults_dropped" THEN 1 ELSE 0 END AS "dropped_by",
    "respelled_changed"
  FROM "respelled"
), "scored" AS (
  /* the sum of each segment; the smallest wins, of equal ones the first */
  SELECT
    "id",
    "age_level",
    "town_level",
    "active_level",
    "income_level",
    CASE "age_level"
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
    END AS "score_1", /* segment 1: Urban */
    CASE "age_level"
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
    END AS "score_2", /* segment 2: Rural */
    CASE
      WHEN "age_level" IN (-2)
      OR "town_level" IN (-2)
      OR "active_level" IN (-2)
      OR "income_level" IN (-2)
      OR (
        "age_level" < 0 AND "town_level" < 0 AND "active_level" < 0 AND "income_level" < 0
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
    END AS "next_score",
    CASE
      WHEN "score_1" - "best_score" > 700.0e0
      THEN 0.0e0
      ELSE EXP("best_score" - "score_1")
    END + CASE
      WHEN "score_2" - "best_score" > 700.0e0
      THEN 0.0e0
      ELSE EXP("best_score" - "score_2")
    END AS "odds"
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
), "gained" AS (
  /* how much each feature speaks for the segment */
  SELECT
    *,
    (
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
    ) AS "gain_1",
    CASE "second_segment"
      WHEN 1
      THEN CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END
      WHEN 2
      THEN CASE "town_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
    END - CASE "segment"
      WHEN 1
      THEN CASE "town_level" WHEN 0 THEN 0.0e0 WHEN 1 THEN 690.7755278982137e0 ELSE 0.0e0 END
      WHEN 2
      THEN CASE "town_level" WHEN 0 THEN 690.7755278982137e0 WHEN 1 THEN 0.0e0 ELSE 0.0e0 END
    END AS "gain_2",
    CASE "second_segment"
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
    END AS "gain_3",
    (
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
    ) AS "gain_4"
  FROM "placed"
), "led" AS (
  SELECT
    *,
    CASE
      WHEN "gain_1" IS NULL OR "gain_2" IS NULL OR "gain_3" IS NULL OR "gain_4" IS NULL
      THEN NULL
      ELSE GREATEST("gain_1", "gain_2", "gain_3", "gain_4")
    END AS "first_gain"
  FROM "gained"
), "decided" AS (
  SELECT
    *,
    CASE
      WHEN "gain_1" = "first_gain"
      THEN 1
      WHEN "gain_2" = "first_gain"
      THEN 2
      WHEN "gain_3" = "first_gain"
      THEN 3
      WHEN "gain_4" = "first_gain"
      THEN 4
    END AS "decided_first"
  FROM "led"
), "explained" AS (
  SELECT
    *,
    CASE
      WHEN CASE WHEN "decided_first" = 1 THEN -1e+18 ELSE "gain_1" END IS NULL
      OR CASE WHEN "decided_first" = 2 THEN -1e+18 ELSE "gain_2" END IS NULL
      OR CASE WHEN "decided_first" = 3 THEN -1e+18 ELSE "gain_3" END IS NULL
      OR CASE WHEN "decided_first" = 4 THEN -1e+18 ELSE "gain_4" END IS NULL
      THEN NULL
      ELSE GREATEST(
        CASE WHEN "decided_first" = 1 THEN -1e+18 ELSE "gain_1" END,
        CASE WHEN "decided_first" = 2 THEN -1e+18 ELSE "gain_2" END,
        CASE WHEN "decided_first" = 3 THEN -1e+18 ELSE "gain_3" END,
        CASE WHEN "decided_first" = 4 THEN -1e+18 ELSE "gain_4" END
      )
    END AS "next_gain"
  FROM "decided"
)
SELECT
  "id",
  "segment" AS "segment",
  1.0e0 / "odds" AS "certainty",
  "second_segment" AS "second_segment",
  CASE
    WHEN "next_gain" > 0.0e0
    THEN CASE
      WHEN "gain_1" = "first_gain"
      THEN CASE "age_level"
        WHEN 0
        THEN 'Age up to 40'
        WHEN 1
        THEN 'Age over 40'
        WHEN 2
        THEN 'Age missing'
      END
      WHEN "gain_2" = "first_gain"
      THEN CASE "town_level" WHEN 0 THEN 'Urban' WHEN 1 THEN 'Rural' END
      WHEN "gain_3" = "first_gain"
      THEN CASE "active_level" WHEN 0 THEN 'Active: no' WHEN 1 THEN 'Active: yes' END
      WHEN "gain_4" = "first_gain"
      THEN CASE "income_level"
        WHEN 0
        THEN 'Income under 1,000.5'
        WHEN 1
        THEN 'Income 1,000.5 and over'
      END
    END || '; ' || CASE
      WHEN "gain_1" = "next_gain" AND "decided_first" <> 1
      THEN CASE "age_level"
        WHEN 0
        THEN 'Age up to 40'
        WHEN 1
        THEN 'Age over 40'
        WHEN 2
        THEN 'Age missing'
      END
      WHEN "gain_2" = "next_gain" AND "decided_first" <> 2
      THEN CASE "town_level" WHEN 0 THEN 'Urban' WHEN 1 THEN 'Rural' END
      WHEN "gain_3" = "next_gain" AND "decided_first" <> 3
      THEN CASE "active_level" WHEN 0 THEN 'Active: no' WHEN 1 THEN 'Active: yes' END
      WHEN "gain_4" = "next_gain" AND "decided_first" <> 4
      THEN CASE "income_level"
        WHEN 0
        THEN 'Income under 1,000.5'
        WHEN 1
        THEN 'Income 1,000.5 and over'
      END
    END
    WHEN "first_gain" > 0.0e0
    THEN CASE
      WHEN "gain_1" = "first_gain"
      THEN CASE "age_level"
        WHEN 0
        THEN 'Age up to 40'
        WHEN 1
        THEN 'Age over 40'
        WHEN 2
        THEN 'Age missing'
      END
      WHEN "gain_2" = "first_gain"
      THEN CASE "town_level" WHEN 0 THEN 'Urban' WHEN 1 THEN 'Rural' END
      WHEN "gain_3" = "first_gain"
      THEN CASE "active_level" WHEN 0 THEN 'Active: no' WHEN 1 THEN 'Active: yes' END
      WHEN "gain_4" = "first_gain"
      THEN CASE "income_level"
        WHEN 0
        THEN 'Income under 1,000.5'
        WHEN 1
        THEN 'Income 1,000.5 and over'
      END
    END
    ELSE 'no feature speaks for it'
  END AS "reason",
  CASE
    WHEN "best_score" - LN("odds") <= 3.786e0 AND "is_strange" = 0
    THEN TRUE
    ELSE FALSE
  END AS "fits"
FROM "explained";
