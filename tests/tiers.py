"""The tier of a test: what `make quick` leaves out, and what stays together in one process."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = {"postgres_url", "mariadb", "spark"}
SERVICE_OF = {"postgres": "postgres_url", "redshift": "postgres_url", "mysql": "mariadb", "spark": "spark"}
BROWSERS = {"browser"}
"""Fixtures that are not to be had without a service, or a browser."""
CHEAP = {"few_null_tables"}
"""Fixtures of a module that each process may make again."""

SLOW = {
    "src/segmentry/__init__.py",
    "src/segmentry/runs/audit.py",
    "src/segmentry/runs/drift.py",
    "src/segmentry/runs/score.py",
    "src/segmentry/runs/segment.py",
    "src/segmentry/segmentation/loading.py",
    "src/segmentry/workbench/notebook.py",
    "tests/auditing/test_bad_files.py",
    "tests/auditing/test_bad_input.py",
    "tests/auditing/test_findings.py::test_what_is_planted_is_found",
    "tests/auditing/test_no_false_findings.py::test_the_rows_of_customers_with_several_are_those_of_the_query",
    "tests/auditing/test_original_figures.py::test_a_recipe_names_the_groups",
    "tests/auditing/test_original_figures.py::test_birth_years_and_incomes",
    "tests/auditing/test_replay.py",
    "tests/auditing/test_script.py",
    "tests/browser/test_notebook.py",
    "tests/browser/test_pages.py::test_it_is_under_two_megabytes",
    "tests/browser/test_ugly.py::test_its_files_are_small",
    "tests/cli/test_cli.py::test_a_failure_while_writing_leaves_the_earlier_files",
    "tests/cli/test_cli.py::test_a_mistake_in_the_data_is_one_line_and_leaves_nothing",
    "tests/cli/test_cli.py::test_a_mistake_in_the_recipe_is_one_line_and_leaves_nothing",
    "tests/cli/test_cli.py::test_a_pattern_file_fills_quantiles_in_and_refuses_another_recipe",
    "tests/cli/test_cli.py::test_collect_and_merge",
    "tests/cli/test_cli.py::test_demo_writes_every_file_and_says_where_the_report_is",
    "tests/cli/test_cli.py::test_init_overwrites_only_when_told",
    "tests/cli/test_cli.py::test_init_writes_a_recipe_that_check_and_run_take",
    "tests/cli/test_cli.py::test_one_segment_is_said_in_the_singular",
    "tests/cli/test_cli.py::test_profile_of_labels_in_another_file",
    "tests/cli/test_cli.py::test_run_can_be_repeated_into_the_same_folder",
    "tests/cli/test_cli.py::test_the_list_of_all_customers_comes_as_csv_where_asked_for",
    "tests/cli/test_cli.py::test_withheld_patterns_are_said_from_collect_to_the_report",
    "tests/cli/test_failures.py",
    "tests/cli/test_odd_calls.py",
    "tests/cli/test_outputs.py",
    "tests/cluster/test_inputs.py::test_every_form_of_a_table_gives_the_same_fit",
    "tests/cluster/test_inputs.py::test_every_spelling_of_missing_gives_the_same_fit",
    "tests/cluster/test_kmodes.py",
    "tests/cluster/test_latent_class.py",
    "tests/cluster/test_ordered.py::test_a_weight_is_so_many_rows",
    "tests/cluster/test_ordered.py::test_criteria_choose_the_planted_number_and_one_class_for_independent_columns",
    "tests/cluster/test_ordered.py::test_only_the_order_of_levels_counts",
    "tests/cluster/test_ordinal_kmeans.py::test_ordinal_kmeans_is_at_most_half_a_percent_above_the_reference",
    "tests/cluster/test_ordinal_kmeans.py::test_ordinal_kmeans_is_never_above_scikit_learn_on_the_rows",
    "tests/cluster/test_proof.py::test_a_time_limit_returns_the_best_with_its_gap",
    "tests/cluster/test_sklearn_checks.py",
    "tests/cluster/test_standard_errors.py",
    "tests/collecting/test_collection.py::test_recipes_that_do_not_fit_are_refused",
    "tests/collecting/test_histograms.py",
    "tests/collecting/test_ids.py",
    "tests/datasets/test_households.py",
    "tests/datasets/test_planted.py::test_bic_of_latent_classes_finds_the_four_segments",
    "tests/disclosure/test_every_file.py",
    "tests/disclosure/test_model_file.py",
    "tests/disclosure/test_rules.py::test_a_column_that_no_rule_knows_is_left_out",
    "tests/disclosure/test_rules.py::test_a_field_without_a_rule_is_refused",
    "tests/disclosure/test_rules.py::test_a_value_with_an_unknown_part_is_refused",
    "tests/disclosure/test_rules.py::test_every_column_of_a_thorough_scan_is_known",
    "tests/disclosure/test_rules.py::test_values_of_other_classes_are_in_no_disclosed_segmentation",
    "tests/disclosure/test_same_files.py",
    "tests/disclosure/test_stricter.py",
    "tests/drafting/test_any_table.py",
    "tests/drafting/test_bins.py::test_an_edge_moves_no_more_customers_than_the_tolerance",
    "tests/drafting/test_columns.py::test_other_languages",
    "tests/drafting/test_columns.py::test_use_and_form",
    "tests/drafting/test_derived.py::test_a_column_that_is_made_of_another_is_left_out_and_said_so",
    "tests/drafting/test_drafts.py",
    "tests/drafting/test_headline.py::test_it_is_a_group_of_its_own_the_first_and_no_feature",
    "tests/drafting/test_headline.py::test_what_cannot_be_compared_is_refused",
    "tests/drafting/test_headline.py::test_what_happened_is_the_headline_in_any_words",
    "tests/drafting/test_keys.py",
    "tests/drafting/test_nonresponse.py::test_an_answer_that_was_not_given_is_missing_and_the_others_are_ordered",
    "tests/drift/test_calibration.py",
    "tests/drift/test_command.py",
    "tests/drift/test_shares.py::test_the_interval_of_a_rate_is_newcombes",
    "tests/drift/test_unlike.py::test_the_same_customers_are_as_unlike_as_before",
    "tests/engine/test_audits.py",
    "tests/engine/test_changed_files.py",
    "tests/engine/test_changed_urls.py",
    "tests/engine/test_clickhouse.py",
    "tests/engine/test_documents.py",
    "tests/engine/test_frames.py",
    "tests/engine/test_handed_over.py::test_workbooks",
    "tests/engine/test_infinite.py",
    "tests/engine/test_limits.py::test_a_packed_file_that_unpacks_to_gigabytes",
    "tests/engine/test_limits.py::test_a_workbook_whose_list_of_files_is_damaged",
    "tests/engine/test_opening_errors.py::test_wrong_encoding_in_the_recipe",
    "tests/engine/test_postgresql.py",
    "tests/engine/test_reach.py::test_a_foreign_model_reads_and_writes_nothing_through_score",
    "tests/engine/test_reach.py::test_what_was_named_is_read_and_written",
    "tests/engine/test_same_patterns.py",
    "tests/engine/test_sources.py::test_delimited_files_are_detected",
    "tests/engine/test_spark.py",
    "tests/engine/test_survey.py",
    "tests/engine/test_warehouses.py",
    "tests/inputs/test_files.py::test_an_encoding_is_told_by_its_letters_and_said",
    "tests/inputs/test_values.py::test_infinite_values_of_tables_with_types_are_missing_and_said",
    "tests/inputs/test_values.py::test_long_ids_join_back_exactly",
    "tests/inputs/test_values.py::test_several_codes_for_missing_are_one_block",
    "tests/inputs/test_values.py::test_times_with_a_zone_are_the_same_everywhere",
    "tests/packaging/test_wheel.py",
    "tests/patterns/test_fine.py::test_a_run_of_a_fine_table_is_that_of_the_recipes_levels",
    "tests/patterns/test_fine.py::test_fine_levels_add_up_to_those_of_the_recipe",
    "tests/patterns/test_folds.py",
    "tests/patterns/test_foreign_files.py",
    "tests/patterns/test_roll_up.py::test_a_table_collected_coarse_equals_a_fine_one_rolled_up",
    "tests/profiling/test_associations.py::test_weights_equal_replicated_rows",
    "tests/profiling/test_features.py::test_weights_equal_replicated_rows",
    "tests/profiling/test_misclassification.py::test_bch_removes_four_fifths_of_the_attenuation",
    "tests/profiling/test_outcome_simulations.py",
    "tests/profiling/test_shrinkage.py",
    "tests/profiling/test_tails.py::test_intervals_hold_means_of_eighty_customers_beside_many",
    "tests/profiling/test_tails.py::test_unrelated_long_tailed_amounts_are_seldom_claimed",
    "tests/profiling/test_texts.py",
    "tests/properties/test_encoder.py",
    "tests/properties/test_weights_cluster.py",
    "tests/recipe/test_changed_recipes.py",
    "tests/reference/test_latent_class_references.py",
    "tests/reference/test_original_figures.py::test_levels_of_the_text_of_the_analysis",
    "tests/reference/test_original_figures.py::test_sizes",
    "tests/reference/test_proved_optima.py",
    "tests/report/test_exports.py",
    "tests/report/test_locales.py::test_a_pattern_table_is_read_in_any_locale",
    "tests/report/test_locales.py::test_a_saved_segmentation_keeps_its_locale_and_assigns_alike",
    "tests/report/test_locales.py::test_no_english_separator_is_left",
    "tests/report/test_locales.py::test_numbers_in_texts_are_written_by_the_locale_alone",
    "tests/report/test_locales.py::test_other_forms_agree_and_facts_stay_exact",
    "tests/report/test_locales.py::test_the_numbers_are_the_same",
    "tests/report/test_locales.py::test_they_are_written_as_the_locale_writes_them",
    "tests/report/test_report.py",
    "tests/report/test_slides.py",
    "tests/runs/test_budget.py",
    "tests/runs/test_fine_ordered.py",
    "tests/runs/test_given_names.py",
    "tests/runs/test_live.py",
    "tests/runs/test_moved.py",
    "tests/runs/test_nasty_texts.py",
    "tests/runs/test_nightly.py",
    "tests/runs/test_ordered.py",
    "tests/runs/test_previous.py",
    "tests/runs/test_previous_numbers.py",
    "tests/runs/test_protected_columns.py",
    "tests/runs/test_segment.py",
    "tests/runs/test_strata.py::test_a_band_forms_no_segments",
    "tests/runs/test_unit_of_weights.py",
    "tests/scoring/test_dbt.py",
    "tests/scoring/test_doubts.py::test_a_column_without_any_value_is_named",
    "tests/scoring/test_doubts.py::test_customers_like_those_who_made_the_segments_give_none",
    "tests/scoring/test_doubts.py::test_the_share_of_then_is_said_where_it_is_known",
    "tests/scoring/test_grids.py",
    "tests/scoring/test_history.py",
    "tests/scoring/test_receipt.py",
    "tests/scoring/test_score.py",
    "tests/scoring/test_sql.py",
    "tests/scoring/test_tables.py",
    "tests/segmentation/test_model_files.py",
    "tests/segmentation/test_segmentation.py::test_a_batch_of_one_is_assigned_as_in_a_batch_of_all",
    "tests/segmentation/test_segmentation.py::test_a_file_from_before_misclassification_was_saved_still_loads",
    "tests/segmentation/test_segmentation.py::test_a_loaded_model_corrects_for_misclassification",
    "tests/segmentation/test_segmentation.py::test_assignments_keep_the_order_of_the_rows_and_add_up_to_the_sizes",
    "tests/segmentation/test_segmentation.py::test_save_load_assign_is_identical",
    "tests/segmentation/test_segmentation.py::test_the_json_is_plain",
    "tests/segmentation/test_segmentation.py::test_the_model_is_the_estimator_that_scikit_learn_knows",
    "tests/segmentation/test_segmentation.py::test_the_same_seed_gives_the_same_segmentation",
    "tests/segmentation/test_segmentation.py::test_unseen_and_missing_values_follow_the_recipe",
    "tests/selection/test_confusable_pairs.py::test_the_file_forced_to_four_segments_names_the_confusable_two",
    "tests/selection/test_indices.py",
    "tests/selection/test_inner_dependence.py",
    "tests/selection/test_joined.py",
    "tests/selection/test_left_out.py",
    "tests/selection/test_missing_values.py",
    "tests/selection/test_null_curves.py",
    "tests/selection/test_null_models.py::test_what_has_no_classes_is_described_better_without",
    "tests/selection/test_null_tables.py",
    "tests/selection/test_ordered_tables.py",
    "tests/selection/test_other_analyses.py",
    "tests/selection/test_splits.py",
    "tests/selection/test_verdict.py",
    "tests/selection/test_verdict_rates.py",
    "tests/sql/test_boundary.py::test_what_no_planner_can_bear_is_refused_before_it_is_parsed",
    "tests/sql/test_changed_expressions.py",
    "tests/system/test_kills.py",
    "tests/system/test_random_kills.py",
    "tests/test_benchmarks.py::test_a_contestant_that_fails_is_a_row_that_says_why",
    "tests/test_benchmarks.py::test_a_name_holds_for_those_who_meet_all_its_conditions",
    "tests/test_benchmarks.py::test_drafts_beside_an_expert_are_measured",
    "tests/test_docs.py",
    "tests/test_errors.py::test_nobody_reads_the_text_of_an_error",
    "tests/test_imports.py::test_a_run_does_not_load_scikit_learn",
    "tests/test_imports.py::test_scoring_loads_nothing_that_draws_or_serves_and_needs_no_scikit_learn",
    "tests/test_public.py::test_using_it_shows_nothing_more",
    "tests/test_site.py",
    "tests/text/test_display.py",
    "tests/text/test_locales.py::test_every_locale_has_the_numerals_that_babel_gives_it",
    "tests/text/test_locales.py::test_the_table_is_made_from_cldr",
    "tests/text/test_plain_json.py",
    "tests/typing_tool/test_typing_tool.py",
    "tests/workbench/test_cleaning.py",
    "tests/workbench/test_column_moves.py",
    "tests/workbench/test_command.py",
    "tests/workbench/test_desk.py",
    "tests/workbench/test_ending.py",
    "tests/workbench/test_panel.py",
    "tests/workbench/test_reception.py",
    "tests/workbench/test_server.py",
}
"""Modules that take longer than five seconds, or the tests of one that take about one: calibrations, proofs, whole runs."""


def mark(item: pytest.Item) -> None:
    """Mark a test by its fixtures and its place; keep together what shares something dear."""
    fixtures = _fixtures(item)
    module = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
    function = f"{module}::{getattr(item, 'originalname', '')}"
    if module in SLOW or function in SLOW:
        item.add_marker(pytest.mark.slow)
    if fixtures & SERVICES:
        item.add_marker(pytest.mark.service)
    if fixtures & BROWSERS:
        item.add_marker(pytest.mark.browser)
    group = "spark" if "spark" in fixtures else "browser" if fixtures & BROWSERS else None
    if group or _has_fixtures_of_its_module(item, fixtures):
        item.add_marker(pytest.mark.xdist_group(group or module))


def _fixtures(item: pytest.Item) -> set[str]:
    fixtures = set(getattr(item, "fixturenames", ()))
    if "request" in fixtures and hasattr(item, "callspec"):  # a parameter names the fixture of an engine
        engines = {str(value).rpartition("_")[2] for value in item.callspec.params.values()}
        fixtures |= {fixture for engine, fixture in SERVICE_OF.items() if engine in engines}
    return fixtures


def _has_fixtures_of_its_module(item: pytest.Item, fixtures: Collection[str]) -> bool:
    """Whether something is made once per module for the test: each process would make it again."""
    known = item.session._fixturemanager
    found = [d for name in set(fixtures) - CHEAP for d in known.getfixturedefs(name, item) or ()]
    return any(d.scope == "module" for d in found)
