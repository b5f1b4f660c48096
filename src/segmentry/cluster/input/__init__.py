"""What estimators are given: any table-like X as codes of levels, and numbers beside them."""
