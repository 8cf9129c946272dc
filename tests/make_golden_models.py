# SPDX-License-Identifier: MIT
"""Converts tests/data/*/*.model.json to model files: make_golden_models.py OUTPUT_DIR.

The converters are imported by themselves, since the package around them needs the built module.
"""
import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "wrappers" / "python" / "openmmequivariant"))

from convert import convert_mace_json, convert_ponita_json  # noqa: E402


def main(output):
    output.mkdir(parents=True, exist_ok=True)
    for folder, convert in (("mace", convert_mace_json), ("ponita", convert_ponita_json)):
        for source in sorted((here / "data" / folder).glob("*.model.json")):
            convert(str(source), str(output / source.name.replace(".model.json", ".safetensors")))
    (output / "stamp").touch()


main(pathlib.Path(sys.argv[1]))
