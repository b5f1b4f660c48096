-- Segments: 2 segments by k-modes.
-- Reads crm.customers; one row per customer, but for rows that a cleaning step drops.
-- certainty is 1 - distance to the segment / distance to the next; fits is false for customers unlike those who made the segments.
--   segment 1: Urban
--   segment 2: Rural
-- Dialect mysql: executed in segmentry's tests on MariaDB, on the same rows as Python.
-- MySQL 8.0.17 or later, or MariaDB 10.4 or later, over a connection in utf8mb4.
WITH `source` AS (
  SELECT
    `id`,
    `age` AS `age`,
    `town`
  FROM `crm`.`customers`
), `encoded` AS (
  SELECT
    `id`,
    CASE WHEN `age` IS NULL THEN 2 WHEN `age` <= 40 THEN 0 ELSE 1 END AS `age_level`,
    CASE
      WHEN `town` IS NULL
      THEN -1
      WHEN CAST(CAST(`town` AS CHAR CHARACTER SET utf8mb4) AS BINARY) IN ('City', 'O''Town')
      THEN 0
      WHEN CAST(CAST(`town` AS CHAR CHARACTER SET utf8mb4) AS BINARY) IN ('Farm')
      THEN 1
      ELSE -2
    END AS `town_level`,
    0 AS `dropped_by`
  FROM `source`
), `pattern_segments` AS (
  SELECT
    -1 AS `age_level`,
    -1 AS `town_level`,
    1 AS `segment`,
    0.0e0 AS `certainty`,
    2 AS `second_segment`,
    0 AS `fits`,
    'no feature speaks for it' AS `reason`
  UNION ALL
  SELECT
    -1 AS `age_level`,
    0 AS `town_level`,
    1 AS `segment`,
    1.0e0 AS `certainty`,
    2 AS `second_segment`,
    1 AS `fits`,
    'Urban' AS `reason`
  UNION ALL
  SELECT
    -1 AS `age_level`,
    1 AS `town_level`,
    2 AS `segment`,
    1.0e0 AS `certainty`,
    1 AS `second_segment`,
    1 AS `fits`,
    'Rural' AS `reason`
  UNION ALL
  SELECT
    0 AS `age_level`,
    -1 AS `town_level`,
    2 AS `segment`,
    1.0e0 AS `certainty`,
    1 AS `second_segment`,
    1 AS `fits`,
    'Age up to 40' AS `reason`
  UNION ALL
  SELECT
    0 AS `age_level`,
    0 AS `town_level`,
    1 AS `segment`,
    0.5e0 AS `certainty`,
    2 AS `second_segment`,
    1 AS `fits`,
    'Urban' AS `reason`
  UNION ALL
  SELECT
    0 AS `age_level`,
    1 AS `town_level`,
    2 AS `segment`,
    1.0e0 AS `certainty`,
    1 AS `second_segment`,
    1 AS `fits`,
    'Rural; Age up to 40' AS `reason`
  UNION ALL
  SELECT
    1 AS `age_level`,
    -1 AS `town_level`,
    1 AS `segment`,
    1.0e0 AS `certainty`,
    2 AS `second_segment`,
    1 AS `fits`,
    'Age over 40' AS `reason`
  UNION ALL
  SELECT
    1 AS `age_level`,
    0 AS `town_level`,
    1 AS `segment`,
    1.0e0 AS `certainty`,
    2 AS `second_segment`,
    1 AS `fits`,
    'Urban; Age over 40' AS `reason`
  UNION ALL
  SELECT
    1 AS `age_level`,
    1 AS `town_level`,
    2 AS `segment`,
    0.5e0 AS `certainty`,
    1 AS `second_segment`,
    1 AS `fits`,
    'Rural' AS `reason`
  UNION ALL
  SELECT
    2 AS `age_level`,
    -1 AS `town_level`,
    1 AS `segment`,
    0.5e0 AS `certainty`,
    2 AS `second_segment`,
    1 AS `fits`,
    'Age missing' AS `reason`
  UNION ALL
  SELECT
    2 AS `age_level`,
    0 AS `town_level`,
    1 AS `segment`,
    0.75e0 AS `certainty`,
    2 AS `second_segment`,
    1 AS `fits`,
    'Urban; Age missing' AS `reason`
  UNION ALL
  SELECT
    2 AS `age_level`,
    1 AS `town_level`,
    2 AS `segment`,
    0.33333333333333337e0 AS `certainty`,
    1 AS `second_segment`,
    1 AS `fits`,
    'Rural' AS `reason`
)
SELECT
  `encoded`.`id`,
  `segment` AS `segment`,
  `certainty` AS `certainty`,
  `second_segment` AS `second_segment`,
  `reason` AS `reason`,
  CASE
    WHEN `fits` = 1
    AND NOT (
      `encoded`.`age_level` = -2 OR `encoded`.`town_level` = -2
    )
    THEN TRUE
    ELSE FALSE
  END AS `fits`
FROM `encoded`
LEFT JOIN `pattern_segments`
  ON CASE WHEN `encoded`.`age_level` = -2 THEN -1 ELSE `encoded`.`age_level` END = `pattern_segments`.`age_level`
  AND CASE WHEN `encoded`.`town_level` = -2 THEN -1 ELSE `encoded`.`town_level` END = `pattern_segments`.`town_level`
WHERE
  `encoded`.`dropped_by` = 0;
