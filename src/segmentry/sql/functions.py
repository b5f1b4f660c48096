"""Functions that a recipe's SQL may call: the same arguments always give the same value, one for each row or group.

Not among them is what reads files, settings or the clock, draws random numbers, makes rows, or makes values of any
length out of a number. Tests compare the list with what the installed DuckDB says of each function.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCALARS = _words(
    """
    abs acos acosh array_cat array_concat array_contains array_cosine_distance array_cosine_similarity array_cross_product
    array_distance array_distinct array_dot_product array_extract array_filter array_grade_up array_has array_has_all
    array_has_any array_indexof array_inner_product array_intersect array_length array_position array_reverse_sort array_select
    array_slice array_sort array_transform array_unique array_value array_where array_zip ascii asin asinh atan atan2 atanh
    base64 bin bit_count bit_length cbrt ceil ceiling century char_length character_length chr concat concat_ws contains cos
    cosh cot damerau_levenshtein date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
    dayofmonth dayofweek dayofyear decade decode degrees element_at encode ends_with epoch epoch_ms epoch_ns epoch_us era even
    exp factorial flatten floor fmod format_bytes from_base64 from_binary from_hex gamma gcd greatest greatest_common_divisor
    hamming hash hex hour instr isfinite isinf isnan isodow isoyear jaccard jaro_similarity jaro_winkler_similarity json_array
    json_array_length json_contains json_exists json_extract json_extract_path json_extract_path_text json_extract_string
    json_keys json_object json_quote json_type json_valid json_value julian last_day lcase lcm least least_common_multiple left
    left_grapheme len length length_grapheme levenshtein lgamma list_apply list_cat list_concat list_contains
    list_cosine_distance list_cosine_similarity list_distance list_distinct list_dot_product list_element list_extract
    list_filter list_grade_up list_has list_has_all list_has_any list_indexof list_inner_product list_intersect list_pack
    list_position list_reduce list_reverse_sort list_select list_slice list_sort list_transform list_unique list_value
    list_where list_zip ln log log10 log2 lower ltrim make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns
    map map_concat map_contains map_entries map_extract map_extract_value map_from_entries map_keys map_values md5 md5_number
    microsecond millennium millisecond minute mod month monthname nanosecond nextafter nfc_normalize octet_length ord overlay
    pi position pow power prefix quarter radians regexp_escape regexp_extract regexp_extract_all regexp_full_match
    regexp_matches regexp_replace regexp_split_to_array replace reverse right right_grapheme round round_even row rtrim second
    sha1 sha256 sign signbit sin sinh split sqrt starts_with str_split str_split_regex strftime string_split
    string_split_regex string_to_array strip_accents strlen strpos strptime struct_concat struct_contains struct_extract
    struct_insert struct_keys struct_pack struct_values substr substring substring_grapheme suffix tan tanh time_bucket timezone
    to_base64 to_binary to_centuries to_days to_decades to_hex to_hours to_json to_microseconds to_millennia to_milliseconds
    to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years translate trim trunc try_strptime ucase unbin
    unhex unicode upper url_decode url_encode week weekday weekofyear xor year yearweek
    """
)
MACROS = _words(
    """
    array_append array_prepend array_reverse array_to_string date_add days_in_month fdiv list_append
    list_avg list_count list_first list_last list_max list_median list_min list_prepend list_reverse list_sum nullif split_part
    """
)
AGGREGATES = _words(
    """
    any_value approx_count_distinct arbitrary arg_max arg_max_null arg_min arg_min_null argmax argmin array_agg avg bit_and
    bit_or bit_xor bool_and bool_or corr count count_if countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat
    histogram kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median min min_by mode product quantile
    quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem
    skewness stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance wavg weighted_avg
    """
)
WINDOWS = _words(
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number"
)
SYNTAX = _words("cast coalesce columns extract grouping if ifnull try try_cast")
"""What is written like a function, and is part of the language."""
SIZED = _words("lpad repeat rpad")
"""Functions whose second argument is a length, allowed where it is written out and small."""
ALLOWED = SCALARS | MACROS | AGGREGATES | WINDOWS | SYNTAX

TYPES = _words("bit char decimal enum map numeric struct text union varchar")
KEYWORDS = _words(
    """
    all and any array as asc between by case cube desc distinct else end escape except exclude exists filter first for from
    full group having ilike in inner intersect interval into is join last lateral left like limit materialized natural not
    nulls offset on or order outer over partition pivot qualify rename replace right rollup row rows select semi sets similar
    some then to union unpivot using values when where with within
    """
)
"""Words of the language that can stand before a parenthesis and call nothing."""
