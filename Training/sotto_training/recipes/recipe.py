"""Runs a whole recipe, stage after stage; what is done already isn't done again.

    python -m sotto_training.recipes.recipe decoder --work work --audio FOLDER --train train.tsv \\
        --valid-audio FOLDER --valid valid.tsv --dry-run

`decoder.toml`, `encoder.toml`, `scratch.toml` and `voice.toml` in this folder are recipes; any other TOML file of that form may be given by its path. With --dry-run the stages are listed, each with its command and how many minutes of a core it takes, and nothing is run.

A stage that was broken off is run again from its start, but for training, which goes on from its checkpoint. A stage whose
command has changed is run again, and all stages after it. Everything is written below --work.
"""

import argparse
import csv
import ctypes.util
import json
import os
import shlex
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TRAINING = HERE.parents[1]
# Hours of speech, if the list doesn't say how long its clips are.
USUAL_HOURS = 15.8


@dataclass
class Stage:
    """One command of a recipe: a module of this package and its words, and the minutes of a core that it takes, altogether and
    for each hour of speech."""
    name: str
    why: str
    module: str
    words: list[str]
    minutes: float = 0.0
    minutes_an_hour: float = 0.0

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", f"sotto_training.{self.module}", *self.words]

    def cost(self, hours: float) -> float:
        return self.minutes + self.minutes_an_hour * hours


def stages_of(path: Path, values: dict[str, str]) -> list[Stage]:
    """The stages of a recipe, with `{name}` in their words replaced by values."""
    stages = []
    for entry in tomllib.loads(path.read_text())["stage"]:
        words = [word.format(**values) for word in shlex.split(entry.pop("words"))]
        # How long the main run takes is for who starts the recipe to say.
        minutes = float(str(entry.pop("minutes", 0)).format(**values))
        stages.append(Stage(words=words, minutes=minutes, **entry))
    return stages


def hours_of(tsv: Path) -> float:
    """What the `seconds` of a list add up to."""
    with open(tsv, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return sum(float(row["seconds"]) for row in rows) / 3600 if rows and rows[0].get("seconds") else USUAL_HOURS


class Record:
    """Which stages are done, and by which command: a JSON file."""

    def __init__(self, path: Path):
        self.path = path
        self.done = json.loads(path.read_text()) if path.exists() else {}

    def holds(self, stage: Stage) -> bool:
        return self.done.get(stage.name) == stage.words

    def add(self, stage: Stage):
        self.done[stage.name] = stage.words
        self.path.write_text(json.dumps(self.done, indent=1) + "\n")

    def forget(self, stages: list[Stage]):
        for stage in stages:
            self.done.pop(stage.name, None)


def environment(threads: int) -> dict[str, str]:
    """For the stages: so many threads, and tcmalloc if it is installed, which makes a step 4 to 12 % faster."""
    values = dict(os.environ, OMP_NUM_THREADS=str(threads))
    found = ctypes.util.find_library("tcmalloc_minimal")
    if found and "LD_PRELOAD" not in values:
        values["LD_PRELOAD"] = found
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="decoder, encoder, scratch, or a TOML file")
    parser.add_argument("--work", required=True, type=Path, help="where everything is written")
    parser.add_argument("--audio", required=True, type=Path, help="the folder of the clips to train on")
    parser.add_argument("--train", required=True, type=Path, help="the list of them")
    parser.add_argument("--valid-audio", required=True, type=Path)
    parser.add_argument("--valid", required=True, type=Path)
    parser.add_argument("--noises", type=Path, default=Path("noises"), help="a folder of recordings of noise, for encoder")
    parser.add_argument("--minutes", type=float, default=60, help="of the main run of training")
    parser.add_argument("--threads", type=int, default=1, help="of each stage")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes that prepare the clips")
    parser.add_argument("--until", help="the last stage to run")
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    path = HERE / f"{arguments.recipe}.toml"
    path = path if path.exists() else Path(arguments.recipe)
    values = {name: getattr(arguments, name) for name in ("work", "audio", "train", "valid_audio", "valid", "noises")}
    values = {name: str(value.resolve()) for name, value in values.items()}
    values |= {"root": str(TRAINING.parent), "training": str(TRAINING), "minutes": f"{arguments.minutes:g}",
               "threads": str(arguments.threads), "jobs": str(arguments.jobs)}
    stages = stages_of(path, values)
    if arguments.until:
        names = [stage.name for stage in stages]
        if arguments.until not in names:
            parser.error(f"--until {arguments.until}: the stages are {', '.join(names)}")
        stages = stages[: names.index(arguments.until) + 1]
    hours = hours_of(arguments.train)
    record = Record(arguments.work / "stages.json")
    first = next((number for number, stage in enumerate(stages) if not record.holds(stage)), len(stages))
    record.forget(stages[first:])
    print(f"{len(stages)} stages, {first} of them done; {sum(s.cost(hours) for s in stages[first:]):.0f} minutes of a core "
          f"for {hours:.1f} h of speech", flush=True)
    for number, stage in enumerate(stages, 1):
        state = "done" if number <= first else f"about {stage.cost(hours):.0f} min"
        print(f"\n{number}. {stage.name}: {stage.why} ({state})", flush=True)
        if arguments.dry_run:
            print("   python " + shlex.join(stage.command[1:]))
        elif number > first:
            arguments.work.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            subprocess.run(stage.command, check=True, cwd=TRAINING, env=environment(arguments.threads))
            print(f"   took {(time.monotonic() - began) / 60:.1f} min", flush=True)
            record.add(stage)


if __name__ == "__main__":
    main()
