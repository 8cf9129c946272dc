# SPDX-License-Identifier: MIT
"""equivariant label: energies, forces and stresses of tblite, and what it refuses."""
import subprocess
import sys

import numpy as np
import pytest
from conftest import ETHANOL, WATER, assert_close, import_tblite

ase = pytest.importorskip("ase")
interface = import_tblite()
import ase.io  # noqa: E402

from openmmequivariant.label import isolated_atoms, label  # noqa: E402
from openmmequivariant.program import InputError, run  # noqa: E402

HARTREE, BOHR = 27.211386245988, 0.529177210903  # eV, Å; CODATA 2018
# tblite brings atoms into the box, where those on its border make the energy jump by some µeV.
INSIDE = WATER[0], WATER[1] + 1.3
BOX = np.array([[4.0, 0, 0], [0.5, 4.2, 0], [-0.3, 0.4, 4.1]])


def energy(atoms, charge=0, unpaired=0, method="GFN2-xTB"):
    """eV, by tblite's own interface and tightly converged."""
    cell, pbc = (atoms.cell[:] / BOHR, atoms.pbc) if atoms.pbc.any() else (None, None)
    calculator = interface.Calculator(method, atoms.numbers, atoms.positions / BOHR, charge,
                                      unpaired, cell, pbc)
    calculator.set("verbosity", 0)
    calculator.set("accuracy", 0.001)
    return calculator.singlepoint().get("energy") * HARTREE


def derivative(function, step=1e-4):
    return (function(step) - function(-step)) / (2 * step)


def make(molecule, cell=None, **info):
    return ase.Atoms(numbers=molecule[0], positions=molecule[1], info=info, cell=cell,
                     pbc=cell is not None)


@pytest.mark.parametrize("atoms", [make(ETHANOL), make(INSIDE, BOX)])
def test_forces_are_derivatives_of_energies(atoms):
    labelled = label(atoms)
    assert labelled.get_potential_energy() == pytest.approx(energy(atoms), abs=1e-4)
    for atom in 0, 2:
        for axis in range(3):
            def moved(step, atom=atom, axis=axis):
                other = atoms.copy()
                other.positions[atom, axis] += step
                return energy(other)
            assert labelled.get_forces()[atom, axis] == pytest.approx(-derivative(moved), abs=2e-3)


def test_stress_is_the_derivative_by_strain():
    atoms = make(INSIDE, BOX)
    stress = label(atoms).get_stress(voigt=False)
    for i, j in (0, 0), (1, 2), (2, 2):
        def strained(step, i=i, j=j):
            strain = np.eye(3)
            strain[i, j] += step / 2
            strain[j, i] += step / 2
            other = atoms.copy()
            other.set_cell(atoms.cell[:] @ strain, scale_atoms=True)
            return energy(other)
        assert stress[i, j] == pytest.approx(derivative(strained) / atoms.get_volume(), abs=1e-4)


def test_published_energies():
    """Water in tblite's documentation, a hydrogen atom in the output of xtb."""
    water = ase.Atoms("OHH", [[0, 0, 0.119262], [0, 0.763239, -0.477047],
                              [0, -0.763239, -0.477047]])
    assert label(water).get_potential_energy() == pytest.approx(-137.96777, abs=1e-4)
    assert label(water, "gfn1").get_potential_energy() == pytest.approx(-156.96751, abs=1e-4)
    hydrogen, = isolated_atoms([1, 1])
    assert hydrogen.get_potential_energy() == pytest.approx(-0.393482764 * HARTREE, abs=1e-5)


def test_isolated_atoms_are_in_their_ground_states():
    atoms = isolated_atoms([8, 6, 1, 7, 6])
    assert [frame.numbers.tolist() for frame in atoms] == [[1], [6], [7], [8]]
    for frame, unpaired in zip(atoms, (1, 2, 3, 2), strict=True):
        assert frame.get_potential_energy() == pytest.approx(energy(frame, 0, unpaired), abs=1e-4)
        assert frame.info["config_type"] == "IsolatedAtom"


def test_charge_and_multiplicity():
    hydroxide = ase.Atoms("OH", [[0, 0, 0], [0, 0, 0.96]])
    anion, radical = energy(hydroxide, -1), energy(hydroxide, 0, 1)
    assert abs(anion - radical) > 1
    assert label(hydroxide, charge=-1).get_potential_energy() == pytest.approx(anion, abs=1e-4)
    assert label(hydroxide, multiplicity=2).get_potential_energy() == pytest.approx(
        radical, abs=1e-4)
    hydroxide.info = {"charge": -1, "multiplicity": 1}
    assert label(hydroxide, charge=0, multiplicity=2).get_potential_energy() == pytest.approx(
        anion, abs=1e-4)


@pytest.mark.parametrize("atoms, message", [
    (ase.Atoms("OH", [[0, 0, 0], [0, 0, 0.96]]), "odd number of electrons"),
    (make(WATER, multiplicity=2), "multiplicity 2"),
    (make(WATER, charge=0.5), "charge has to be an integer"),
    (make(WATER, charge=12), "charge 12"),
    (ase.Atoms("OHH", [[0, 0, 0], [0, 0, 0], [0, 1, 0]]), "tblite"),
    (ase.Atoms("OHH", [[0, 0, 0], [0, 0, np.nan], [0, 1, 0]]), "finite"),
    (ase.Atoms("U"), "element U"),
    (ase.Atoms("X"), "element X"),
    (ase.Atoms("H2", [[0, 0, 0], [0, 0, 0.7]], cell=[5, 5, 5], pbc=[1, 1, 0]), "periodic"),
])
def test_what_cannot_be_labelled(atoms, message):
    with pytest.raises(InputError, match=message):
        label(atoms)


@pytest.fixture
def frames(tmp_path):
    """Five frames, the third of which is a radical."""
    water = make(WATER, config_type="water", REF=-3.5)
    shaken = make(ETHANOL, note="two words")
    shaken.rattle(0.05, seed=1)
    radical = ase.Atoms("OH", [[0, 0, 0], [0, 0, 0.96]])
    hydronium = ase.Atoms("OH3", [[0, 0, 0], [0.95, 0, 0.25], [-0.48, 0.82, 0.25],
                                  [-0.48, -0.82, 0.25]], info={"charge": 1})
    crystal = make(INSIDE, BOX)
    path = tmp_path / "in.xyz"
    ase.io.write(path, [water, shaken, radical, hydronium, crystal])
    return path


def test_command(frames, program, tmp_path):
    output, isolated = tmp_path / "out.xyz", tmp_path / "isolated.xyz"
    result = subprocess.run([program, "label", frames, output, "--method", "gfn2", "--skip-failed",
                             "--isolated-atoms", isolated], capture_output=True, text=True,
                            timeout=300)
    assert result.returncode == 0, result.stderr
    assert "4 of 5 frames" in result.stdout
    assert result.stderr.count("\n") == 1 and "frame 3" in result.stderr
    labelled = ase.io.read(output, ":")
    source = ase.io.read(frames, ":")
    del source[2]
    for frame, start in zip(labelled, source, strict=True):
        expected = label(start)
        assert frame.info == start.info
        assert frame.get_chemical_formula() == start.get_chemical_formula()
        assert frame.get_potential_energy() == pytest.approx(expected.get_potential_energy(),
                                                             abs=1e-7)
        assert_close(frame.get_forces(), expected.get_forces(), 1e-6)
    assert_close(labelled[3].get_stress(), label(source[3]).get_stress(), 1e-8)
    assert [(atom.symbols[0], len(atom)) for atom in ase.io.read(isolated, ":")] == [
        ("H", 1), ("C", 1), ("O", 1)]


def test_a_frame_that_fails_stops_the_command(frames, tmp_path, capsys):
    output = tmp_path / "out.xyz"
    output.write_text("before")
    assert run("label", [str(frames), str(output)]) == 2
    error = capsys.readouterr().err
    assert "in.xyz: frame 3: " in error and "--skip-failed" in error and error.count("\n") == 1
    assert output.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.xyz", "out.xyz"}


@pytest.mark.parametrize("text, message", [
    (None, "in.xyz: No such file"),
    ("", "no structure"),
    ("1\n\nH 0 0 0\n1\n\nXx 0 0 0\n", "frame 2"),
    ("2\n\nH 0 0 0\n", "in.xyz"),
    ("nonsense\n", "in.xyz"),
    ("1\nProperties=species:S:1:pos:R:3\nH 0 zero 0\n", "frame 1"),
])
def test_files_that_cannot_be_read(text, message, tmp_path, capsys):
    path = tmp_path / "in.xyz"
    if text is not None:
        path.write_text(text)
    assert run("label", [str(path), str(tmp_path / "out.xyz")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out.xyz").exists()


def test_output_into_no_folder(frames, tmp_path, capsys):
    assert run("label", [str(frames), str(tmp_path / "absent/out.xyz")]) == 2
    assert "absent: No such file" in capsys.readouterr().err


def test_missing_package_is_named():
    code = ("import sys; sys.modules['tblite'] = None\n"
            "from openmmequivariant.program import run; sys.exit(run('label', ['a', 'b']))")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                            timeout=300)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1 and "pip install tblite" in result.stderr
