"""Collection of the pattern table by a recipe and an engine, and of what else is read of the table."""
