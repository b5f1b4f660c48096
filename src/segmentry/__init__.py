"""segmentry."""
