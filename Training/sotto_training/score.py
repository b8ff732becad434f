"""PESQ and STOI of such pairs: the command, whose code is in `release/score.py`."""

from .release.score import main

if __name__ == "__main__":
    main()
