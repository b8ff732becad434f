#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Leaves of a report what `sotto bench --compare` reads of the older one: strip_report.py < report.json > quality.json

    mkdir clips && cp ../../../Samples/{campfire,sermons,strikes}.flac clips
    sotto bench clips --codes 2,8 -o report && ./strip_report.py < report/report.json > quality.json

Where the shipped model's figures are meant to change; what got worse is to be said with it.
"""

import json
import sys

report = json.load(sys.stdin)
for system in report["systems"]:
    system.pop("tokens", None)
    system |= {"figures": {}, "differences": {}}
for clip in report["clips"]:
    clip["clip"]["path"] = clip["clip"]["id"]
    for result in clip["systems"].values():
        result.pop("codes", None)
        result["frameMilliseconds"] = []
        result["figures"] = {name: round(value, 6) for name, value in sorted(result["figures"].items()) if not name.endswith("_rtf")}
json.dump(report, sys.stdout, indent=1)
print()
