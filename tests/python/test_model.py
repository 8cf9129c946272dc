# SPDX-License-Identifier: MIT
import copy
import math
import pathlib
import pickle

import openmm as mm
import pytest

from openmmequivariant import Model


def test_properties(tiny):
    model = Model(tiny)
    assert model.architecture == "mace"
    assert model.atomicNumbers == [1, 6, 8]
    assert model.heads == ["Default"]
    assert model.cutoff == 4.0
    assert model.numLayers == 2
    assert len(model.hash) == 32
    assert "2206.07697" in model.citation
    assert model.license and model.provenance
    assert "mace" in repr(model)
    assert model.getIsolatedAtomEnergy(6) == -13.17100036651011


def test_ponita_joins_all_pairs(model_path):
    model = Model(model_path("a_r3s2_o12_all_pairs"))
    assert model.architecture == "ponita"
    assert math.isinf(model.cutoff)


def test_path_may_be_an_object(tiny):
    assert Model(pathlib.Path(tiny)) == Model(tiny)


def test_bytes_are_the_file(tiny):
    content = Model(tiny).toBytes()
    assert content == pathlib.Path(tiny).read_bytes()
    assert Model.fromBytes(content) == Model(tiny)


def test_copies_are_equal(tiny, two_heads):
    model = Model(tiny)
    assert copy.deepcopy(model) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert model != Model(two_heads)
    assert len({model, Model(tiny), Model(two_heads)}) == 2


@pytest.mark.parametrize("content", [b"", b"{}", b"\x10\0\0\0\0\0\0\0{}", b"\xff" * 100])
def test_bad_files_are_named(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(mm.OpenMMException, match="bad.safetensors: ") as error:
        Model(path)
    assert "\n" not in str(error.value)


def test_truncated_file_is_refused(tiny, tmp_path):
    content = pathlib.Path(tiny).read_bytes()
    for length in range(0, len(content), len(content) // 20):
        with pytest.raises(mm.OpenMMException):
            Model.fromBytes(content[:length])


def test_absent_file_and_wrong_type():
    with pytest.raises(mm.OpenMMException, match="/no/such/file"):
        Model("/no/such/file")
    with pytest.raises(TypeError):
        Model(3)
    with pytest.raises(TypeError):
        Model.fromBytes("text")


def test_unknown_element_and_head(tiny):
    with pytest.raises(mm.OpenMMException, match="atomic number 26"):
        Model(tiny).getIsolatedAtomEnergy(26)
    with pytest.raises(mm.OpenMMException, match="no head 'x'"):
        Model(tiny).getIsolatedAtomEnergy(6, "x")
