"""The input of estimators: any table-like X as codes of levels and numbers."""
