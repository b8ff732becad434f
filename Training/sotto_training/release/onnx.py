"""The encoder and the decoder as ONNX graphs, streams whose state goes in and comes out; Docs/onnx.md says how they are run.

    python -m sotto_training.release onnx --model ../Models/sotto-16k.safetensors --out FOLDER

They compute what the product computes, with the same codes. Transcripts, lost frames and frames that have as many codes as they need are
left to the product.
"""

import argparse
from pathlib import Path

from ..model.codec import Codec
from ..model.weights import exported, load_exported


def metadata(codec: Codec, known: dict[str, str]) -> dict[str, str]:
    """What the graphs say of themselves: all that one needs to run them."""
    quantizer, synthesis = codec.config["quantizer"], codec.config["synthesis"]
    numbers = {"sample_rate": codec.config["sample_rate"], "frame_size": codec.frame, "delay": synthesis["window"] - codec.hop,
               "codebooks": quantizer["codebooks"], "codebook_size": quantizer["codes"], "nominal_level": codec.config["level"]["middle"]}
    return {"model": codec.config["name"], "codes": known["codes_sha256"][:16], "weights": known["weights_sha256"][:16],
            **{name: str(number) for name, number in numbers.items()}}


def main():
    parser = argparse.ArgumentParser(prog="python -m sotto_training.release onnx", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path, help="an exported model")
    parser.add_argument("--out", required=True, type=Path, help="a folder for encoder.onnx and decoder.onnx")
    arguments = parser.parse_args()
    try:
        import onnx

        from ..graphs.decoder import decoder
        from ..graphs.encoder import encoder
    except ModuleNotFoundError as error:
        raise SystemExit(f"the package {error.name} is missing: pip install -e '.[onnx]'") from None
    if not arguments.model.is_file():
        raise SystemExit(f"there is no model {arguments.model}")
    codec = load_exported(arguments.model)
    if "level" not in codec.config or codec.config["features"].get("precision") != "double":
        raise SystemExit(f"{arguments.model} is a model of an older kind, without a level or with features in single precision")
    known = metadata(codec, exported(arguments.model)[0])
    arguments.out.mkdir(parents=True, exist_ok=True)
    for make in (encoder, decoder):
        path = arguments.out / f"{make.__name__}.onnx"
        onnx.save(make(codec).model(known, make.__doc__), path)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
