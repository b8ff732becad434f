"""Writes a trained model as a safetensors file: the command, whose code is in `release/export.py`."""

from .release.export import main

if __name__ == "__main__":
    main()
