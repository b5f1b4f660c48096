"""The audit's queries: expressions over a table called ``data``, and over the audit's own small tables."""
