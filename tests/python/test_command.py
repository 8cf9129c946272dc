# SPDX-License-Identifier: MIT
"""The program 'equivariant' and the Python package give the same numbers."""
import json
import subprocess

import pytest
from conftest import CELL, ETHANOL, assert_close

from openmmequivariant import Evaluator, Model

SYMBOLS = {1: "H", 6: "C", 8: "O"}


@pytest.mark.parametrize("platform", ["native", "Reference"])
def test_eval(platform, program, tiny, tmp_path):
    frames = tmp_path / "frames.xyz"
    atoms = "".join(f"{SYMBOLS[z]} {x!r} {y!r} {w!r}\n"
                    for z, (x, y, w) in zip(ETHANOL[0], ETHANOL[1].tolist()))
    lattice = " ".join(map(repr, CELL.ravel().tolist()))
    frames.write_text(f"9\nProperties=species:S:1:pos:R:3\n{atoms}"
                      f'9\nLattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"\n{atoms}')
    run = subprocess.run([program, "eval", tiny, str(frames), "--platform", platform, "--json"],
                         capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    evaluator = Evaluator(tiny, exactRadial=platform == "Reference")
    for frame, cell in zip(json.loads(run.stdout), (None, CELL), strict=True):
        expected = evaluator.evaluate(*ETHANOL, cell)
        assert frame["atomic_numbers"] == ETHANOL[0]
        assert_close(frame["energy"], expected.energy)
        assert_close(frame["interaction_energy"], expected.interactionEnergy)
        assert_close(frame["forces"], expected.forces)
        assert_close(frame["atom_energies"], expected.atomEnergies)
        if cell is None:
            assert frame["stress"] is None
        else:
            assert_close(frame["stress"], expected.stress)


def test_info_prints_the_license(program, tiny):
    run = subprocess.run([program, "info", tiny], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert Model(tiny).citation in run.stdout
