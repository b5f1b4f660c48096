"""How numbers, names and lists of them are written for people, and values for JSON."""
