# SPDX-License-Identifier: Apache-2.0
"""Builds libsotto with Swift and puts it into the wheel, with the models."""

import subprocess
import sysconfig
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if version == "editable":
            return
        repository = Path(self.root).parent
        subprocess.run([repository / ".ci" / "libsotto"], check=True)
        inside = {repository / ".build-c" / "libsotto.so.1": "sotto_codec/libsotto.so.1"}
        for model in sorted((repository / "Models").glob("*.safetensors")):
            # The package doesn't speak by the word.
            if not model.stem.endswith("-words"):
                inside[model] = f"sotto_codec/models/{model.name}"
        build_data["force_include"].update({str(path): place for path, place in inside.items()})
        # One wheel for all Pythons of this platform; auditwheel says afterwards what it needs of the C library.
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data.update(pure_python=False, tag=f"py3-none-{platform}")
