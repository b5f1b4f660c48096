"""k-prototypes: means of numbers beside modes of levels."""
