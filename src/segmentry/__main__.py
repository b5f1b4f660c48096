"""``python -m segmentry``: the command line."""

from segmentry.cli import main

main()
