"""k-modes: the levels that stand for each cluster, found and proved."""
