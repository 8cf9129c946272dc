# SPDX-License-Identifier: MIT
"""Every shipped model says where it is from, is small, and stands in the table of its folder."""
import json
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "data" / "models"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.safetensors")), ids=lambda path: path.stem)
def test_model_has_its_papers(path):
    content = path.read_bytes()
    assert len(content) < 5e6
    size = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8:8 + size])["__metadata__"]
    assert metadata["license"] == "MIT"
    assert len(metadata["provenance"]) > 50
    table = (FOLDER / "README.md").read_text()
    assert f"| `{path.name}` |" in table
    assert f"\n`{path.stem}`: RMSE" in table
