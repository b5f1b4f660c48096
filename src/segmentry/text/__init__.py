"""How numbers, lists, levels and names are written in texts for people."""
