"""The only place that knows every stage: one module for each thing that people do with a table."""
