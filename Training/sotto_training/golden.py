"""Golden vectors for the Swift tests: the command, whose code is in `release/golden.py`."""

from .release.golden import main

if __name__ == "__main__":
    main()
