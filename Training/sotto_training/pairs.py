"""Pairs (reference, decoded) for a judge: the command, whose code is in `release/pairs.py`."""

from .release.pairs import main

if __name__ == "__main__":
    main()
