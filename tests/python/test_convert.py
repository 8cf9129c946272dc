# SPDX-License-Identifier: MIT
"""python -m openmmequivariant convert ...: files, messages, exit status."""
import json
import lzma
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import DATA, assert_close, golden

from openmmequivariant import Evaluator, Model

MACE = DATA / "mace/a_l1c2_L0.model.json"


def convert(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "openmmequivariant", "convert",
                           *map(str, arguments)], capture_output=True, text=True, timeout=600,
                          **options)


def assert_refused(run, *words):
    assert run.returncode == 2, run.stdout + run.stderr
    assert run.stderr.startswith("error: ") and run.stderr.count("\n") == 1, run.stderr
    for word in words:
        assert str(word) in run.stderr


def test_mace_json(tmp_path):
    output = tmp_path / "out.safetensors"
    run = convert("mace-json", MACE, output, "--license", "CC-BY-4.0")
    assert run.returncode == 0, run.stderr
    assert "license: CC-BY-4.0" in run.stdout
    assert "citation: " in run.stdout and "provenance: converted from a_l1c2" in run.stdout
    assert Model(output).license == "CC-BY-4.0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.safetensors"]


def test_ponita_json(tmp_path):
    output = tmp_path / "out.safetensors"
    run = convert("ponita-json", DATA / "ponita/b_r3s2_o20_cutoff.model.json", output)
    assert run.returncode == 0, run.stderr
    assert Model(output).architecture == "ponita"


@pytest.mark.parametrize("kind", ["mace", "mace-json", "ponita", "ponita-json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"null", b"\x80\x04.", b"[" * 100000])
def test_bad_input(kind, content, tmp_path):
    source = tmp_path / "in"
    source.write_bytes(content)
    output = tmp_path / "out"
    output.write_text("kept")
    assert_refused(convert(kind, source, output), source)
    assert output.read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == 2


def test_damaged_json_models(tmp_path):
    """Every key removed or made nonsense in turn: refused by name, never a traceback."""
    from openmmequivariant.__main__ import main
    model = json.loads(MACE.read_text())
    source, output = tmp_path / "in.json", tmp_path / "out"
    for key in model:
        for damaged in ({k: v for k, v in model.items() if k != key}, {**model, key: "x"},
                        {**model, key: [[["x"]]]}):
            source.write_text(json.dumps(damaged))
            status = main(["convert", "mace-json", str(source), str(output)])
            assert status in (0, 2)  # 0: a key that says nothing about energies
            assert not output.exists() if status else Model(output)
            output.unlink(missing_ok=True)


def test_absent_files(tmp_path):
    assert_refused(convert("mace-json", tmp_path / "none", tmp_path / "out"), tmp_path / "none")
    assert_refused(convert("mace-json", MACE, tmp_path / "no/out"), tmp_path / "no")


def test_usage():
    run = convert("nonsense", "a", "b")
    assert run.returncode == 2 and "invalid choice: 'nonsense'" in run.stderr
    assert convert().returncode == 2
    assert convert("--help").returncode == 0


@pytest.mark.parametrize("case", ["a_l1c2_L0", "b_l3c3_L1", "c_l2c3_L1_density_zbl_agnesi_2heads"])
@pytest.mark.peers
def test_pickle_of_mace_torch(case, tmp_path):
    """The pickles of the golden models; EQUIVARIANT_SHARED_DIR names the folder that has golden/."""
    shared = os.environ.get("EQUIVARIANT_SHARED_DIR", DATA.parents[2] / "shared")
    folder = (DATA.parents[2] / shared) / "golden/mace"
    source = folder / f"{case}.model"
    if not source.exists():
        packed = folder / f"{case}.model.xz"
        if not packed.exists():
            pytest.skip(f"needs {source}")
        source = tmp_path / source.name
        source.write_bytes(lzma.decompress(packed.read_bytes()))
    output = tmp_path / "out.safetensors"
    run = convert("mace", source, output)
    assert run.returncode == 0, run.stderr
    evaluator = Evaluator(output, exactRadial=True)
    for expected in golden(case):
        periodic = np.any(expected["pbc"])
        result = evaluator.evaluate(expected["Z"], expected["positions"],
                                    expected["cell"] if periodic else None,
                                    head=evaluator.model.heads[expected["head"]])
        assert_close(result.energy, expected["energy"], 1e-10)
        assert_close(result.forces, expected["forces"], 1e-10)
