"""From a recipe and an engine to the pattern table, and what is read of the table beside it."""
