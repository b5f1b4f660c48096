"""The audit: facts about the columns of a table, what is wrong with it, and every query that tells so."""
