"""Seeded tables whose truth is known, and what a run says of them: see README.md."""
