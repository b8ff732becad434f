#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does this build of Sotto give the codes, packets, files and samples that every build must give, bit for bit?

    conformance.py [--command .build/release/sotto] [--only TEXT] [--jobs N] [--record]

Runs the command on the recordings in Samples/ in the ways listed in `cases.py` and compares the SHA-256 of what it writes
with vectors.tsv. Fails if a digest differs, if a vector has no case, or if a case has no vector. `--record` writes the
vectors anew: only where what changes is meant to change.
"""

import argparse
import concurrent.futures
import os
import pathlib
import sys
import tempfile

import cases

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
VECTORS = FOLDER / "vectors.tsv"


def read_vectors():
    lines = VECTORS.read_text(encoding="utf-8").splitlines() if VECTORS.exists() else []
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default=str(ROOT / ".build/release/sotto"))
    parser.add_argument("--only", default="", help="the groups whose name holds this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()

    known = read_vectors()
    found, failures = {}, []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        sotto = cases.Sotto(options.command, ROOT / "Samples", pathlib.Path(folder))
        groups = [group for group in cases.groups() if options.only in group.name]
        for group, result in zip(groups, pool.map(lambda group: group.outcome(sotto), groups)):
            if isinstance(result, cases.Failed):
                failures.append(f"{group.name}: {result}")
            else:
                found |= result
    if options.record:
        vectors = sorted((known | found if options.only else found).items())
        text = "# SHA-256 of what each case writes, the first 16 bytes; see conformance.py.\n"
        VECTORS.write_text(text + "".join(f"{name}\t{digest}\n" for name, digest in vectors), encoding="utf-8")
    else:
        expected = {name: digest for name, digest in known.items() if options.only in name.partition(": ")[0]}
        failures += [f"{name}: no vector" for name in found.keys() - expected.keys()]
        failures += [f"{name}: a vector without a case" for name in expected.keys() - found.keys()]
        failures += [f"{name}: differs" for name in found.keys() & expected.keys() if found[name] != expected[name]]
    for failure in sorted(failures):
        print(f"conformance: {failure}", file=sys.stderr)
    passed = len(found) - sum(failure.endswith(("no vector", "differs")) for failure in failures)
    print(f"conformance: {passed} passed, {len(failures)} failed")
    return 1 if failures or not found else 0


if __name__ == "__main__":
    sys.exit(main())
