# SPDX-License-Identifier: Apache-2.0
"""A model as the library `transformers` takes them: a folder for `AutoModel.from_pretrained(FOLDER, trust_remote_code=True)`.

    python -m sotto_codec.transformers FOLDER --model sotto-16k

The folder holds configuration and code. The weights are those of this package, or lie beside them where the model is a file of yours.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from ..errors import UsageError
from ..model import MODELS, load

__all__ = ["write_folder"]

_CODE = ("configuration_sotto.py", "modeling_sotto.py")


def write_folder(folder: str | os.PathLike, model: str | os.PathLike = "sotto-16k") -> None:
    """Writes such a folder, which may be there already.

    Args:
        model: what `sotto_codec.load` takes. Of a file of weights, a copy is made, without the file that it may build on.
    """
    loaded, place = load(model), Path(folder)
    config = {
        "model_type": "sotto",
        "architectures": ["SottoModel"],
        "auto_map": {
            "AutoConfig": "configuration_sotto.SottoConfig",
            "AutoModel": "modeling_sotto.SottoModel",
        },
        "sotto_model": loaded.name,
        "codes_id": loaded.id,
        "sampling_rate": loaded.sample_rate,
        "frame_rate": loaded.frame_rate,
        "frame_size": loaded.frame_size,
        "num_quantizers": loaded.num_codebooks,
        "codebook_size": loaded.codebook_size,
        "codebook_dim": loaded.latent_size,
    }
    extractor = {
        "feature_extractor_type": "EncodecFeatureExtractor",
        "sampling_rate": loaded.sample_rate,
        "feature_size": 1,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": True,
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not (MODELS / f"{loaded.name}.safetensors").exists():
            config["sotto_model"] = "weights.safetensors"
            shutil.copyfile(loaded.path, place / config["sotto_model"])
        for name in _CODE:
            shutil.copyfile(Path(__file__).parent / name, place / name)
        for name, values in (("config.json", config), ("preprocessor_config.json", extractor)):
            (place / name).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{place} can't be written: {error}") from error
