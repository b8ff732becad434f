#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does this build of Sotto give the codes, packets, files and samples that every build must give, bit for bit?

    conformance.py [--command .build/release/sotto] [--fft own] [--only TEXT] [--jobs N] [--record]
    conformance.py --wheel [--only TEXT]

Runs the command on the recordings in Samples/ in the ways listed in `cases.py` and compares the SHA-256 of what it writes
with vectors.tsv. Fails if a digest differs, if a vector has no case, or if a case has no vector. `--record` writes the
vectors anew: only where what changes is meant to change.

Samples differ in their last bits with the FFT. A third column has the digests of builds with our own FFT, as those of `.ci/libsotto` are,
where they are others: `--fft own` compares with these. Codes, packets and files are the same with each. `--wheel` takes the Python package that is
installed where this runs in place of the command, which has that FFT and does some of the cases.
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
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {name: {"fftw": digest, "own": own[0] if own else digest} for name, digest, *own in rows}


def write_vectors(vectors):
    lines = ["# SHA-256 of what each case writes, the first 16 bytes; with our own FFT, if that is another; see conformance.py.\n"]
    for name, digests in sorted(vectors.items()):
        fftw, own = digests["fftw"], digests["own"]
        lines.append(f"{name}\t{fftw}" + (f"\t{own}" if own != fftw else "") + "\n")
    VECTORS.write_text("".join(lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default=str(ROOT / ".build/release/sotto"))
    parser.add_argument("--fft", choices=("fftw", "own"), default="fftw")
    parser.add_argument("--wheel", action="store_true")
    parser.add_argument("--only", default="", help="the groups whose name holds this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    fft = "own" if options.wheel else options.fft

    known = read_vectors()
    found, failures = {}, []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        groups = [group for group in cases.groups() if options.only in group.name]
        if options.wheel:
            import wheel
            sotto = wheel.Wheel(ROOT / "Samples")
            groups = [group for group in groups if group.name.endswith("/rates")]
        else:
            sotto = cases.Sotto(options.command, ROOT / "Samples", pathlib.Path(folder))
        for group, result in zip(groups, pool.map(lambda group: group.outcome(sotto), groups)):
            if isinstance(result, cases.Failed):
                failures.append(f"{group.name}: {result}")
            else:
                found |= result
    if options.record:
        for name, digest in found.items():
            known[name] = {"fftw": digest, "own": digest} | known.get(name, {}) | {fft: digest}
        write_vectors({name: digests for name, digests in known.items() if options.only or name in found})
    else:
        ran = {group.name for group in groups}
        expected = {name: digests[fft] for name, digests in known.items() if name.partition(": ")[0] in ran or not options.only and not options.wheel}
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
