"""One of the commands beside this file: `python -m sotto_training.release onnx …` is `python -m sotto_training.release.onnx …`."""

import importlib
import sys
from pathlib import Path

COMMANDS = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        raise SystemExit(f"usage: python -m sotto_training.release COMMAND …, with one of {', '.join(COMMANDS)}")
    del sys.argv[1]
    importlib.import_module(f"sotto_training.release.{name}").main()


if __name__ == "__main__":
    main()
