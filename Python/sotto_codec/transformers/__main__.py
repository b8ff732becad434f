# SPDX-License-Identifier: Apache-2.0
import argparse
import sys

from ..errors import SottoError
from . import write_folder

parser = argparse.ArgumentParser(
    prog="python -m sotto_codec.transformers",
    description="Writes a folder for transformers.AutoModel.from_pretrained(FOLDER, trust_remote_code=True).",
)
parser.add_argument("folder", metavar="FOLDER")
parser.add_argument("--model", default="sotto-16k", help="a model's name, or a file of weights (default: %(default)s)")
arguments = parser.parse_args()
try:
    write_folder(arguments.folder, arguments.model)
except SottoError as error:
    sys.exit(str(error))
