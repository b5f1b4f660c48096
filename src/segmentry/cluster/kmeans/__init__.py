"""k-means on standardised ordinal codes."""
