# SPDX-License-Identifier: MIT
"""MACE against mace-torch: random models of each class and option, and the 3BPA model."""
import json
import os
import pathlib

import numpy as np
import pytest
from conftest import CELL, DATA, ETHANOL, assert_close

pytestmark = pytest.mark.peers
SHARED = pathlib.Path(os.environ.get("EQUIVARIANT_SHARED_DIR", DATA.parents[2] / "shared"))
CLASSES = ("RealAgnosticInteractionBlock", "RealAgnosticResidualInteractionBlock",
           "RealAgnosticDensityInteractionBlock", "RealAgnosticDensityResidualInteractionBlock")
AGNOSTIC, RESIDUAL, DENSITY, DENSITY_RESIDUAL = CLASSES

VARIANTS = {
    "plain": {},
    "residual_first": {"interaction_cls_first": RESIDUAL},
    "no_residual": {"interaction_cls": AGNOSTIC},
    "density": {"interaction_cls_first": DENSITY, "interaction_cls": DENSITY_RESIDUAL},
    "density_residual_first": {"interaction_cls_first": DENSITY_RESIDUAL,
                               "interaction_cls": DENSITY},
    "zbl": {"pair_repulsion": True},
    "agnesi": {"distance_transform": "Agnesi"},
    "soft": {"distance_transform": "Soft"},
    "zbl_agnesi_density": {"pair_repulsion": True, "distance_transform": "Agnesi",
                           "interaction_cls_first": DENSITY, "interaction_cls": DENSITY_RESIDUAL},
    "gaussian": {"radial_type": "gaussian"},
    "chebyshev": {"radial_type": "chebyshev", "distance_transform": "Agnesi"},
    "cutoff_after_network": {"apply_cutoff": False},
    "cutoff_after_network_density": {"apply_cutoff": False, "interaction_cls_first": DENSITY,
                                     "interaction_cls": DENSITY_RESIDUAL},
    "hidden_l2": {"hidden_irreps": "4x0e+4x1o+4x2e", "max_ell": 3, "correlation": 2},
    "hidden_l0": {"hidden_irreps": "4x0e"},
    "max_ell_4": {"max_ell": 4, "correlation": 2},
    "one_layer": {"num_interactions": 1},
    "three_layers": {"num_interactions": 3, "max_ell": 1},
    "correlation_1": {"correlation": 1},
    "correlation_4": {"correlation": 4, "max_ell": 1},
    "correlation_4_l2": {"correlation": 4, "max_ell": 2, "hidden_irreps": "4x0e"},
    "two_heads": {"heads": ["a", "b"], "MLP_irreps": "10x0e"},
    "agnostic_product": {"use_agnostic_product": True},
    "last_readout_only": {"use_last_readout_only": True},
    "gate_tanh": {"gate": "tanh"},
    "gate_abs": {"gate": "abs"},
    "gate_none": {"gate": "None"},
}


@pytest.fixture(scope="module")
def mace():
    """mace-torch, in double precision."""
    os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    from mace import modules
    import torch
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield modules
    torch.set_default_dtype(before)


def make_peer(mace, changes):
    import torch
    from e3nn import o3
    torch.manual_seed(7)
    options = {"r_max": 3.5, "num_bessel": 5, "num_polynomial_cutoff": 5, "max_ell": 2,
               "interaction_cls": RESIDUAL, "interaction_cls_first": AGNOSTIC,
               "num_interactions": 2, "hidden_irreps": "4x0e+4x1o", "MLP_irreps": "5x0e",
               "avg_num_neighbors": 6.3, "correlation": 3, "gate": "silu",
               "radial_MLP": [6, 6], "heads": ["Default"], **changes}
    for key in ("interaction_cls", "interaction_cls_first"):
        options[key] = mace.interaction_classes[options[key]]
    for key in ("hidden_irreps", "MLP_irreps"):
        options[key] = o3.Irreps(options[key])
    options["gate"] = mace.gate_dict[options["gate"]]
    heads = len(options["heads"])
    return mace.ScaleShiftMACE(
        num_elements=3, atomic_numbers=[1, 6, 8], atomic_energies=np.arange(3.0 * heads).reshape(
            heads, 3) - 4, atomic_inter_scale=[0.8, 1.3][:heads], atomic_inter_shift=[0.1, -0.2][
                :heads], use_reduced_cg=False, **options)


def evaluate_peer(model, numbers, positions, cell, head):
    import torch
    from mace import data
    from mace.tools import AtomicNumberTable, torch_geometric
    periodic = (cell is not None,) * 3
    configuration = data.Configuration(
        atomic_numbers=np.array(numbers), positions=np.array(positions), properties={},
        property_weights={}, cell=None if cell is None else np.array(cell), pbc=periodic,
        head=model.heads[head])
    table = AtomicNumberTable([int(z) for z in model.atomic_numbers])
    graph = data.AtomicData.from_config(configuration, z_table=table, cutoff=float(model.r_max),
                                        heads=model.heads)
    batch = next(iter(torch_geometric.dataloader.DataLoader([graph], batch_size=1)))
    result = model(batch.to_dict(), compute_stress=cell is not None)
    return {key: value.detach().numpy() for key, value in result.items()
            if isinstance(value, torch.Tensor)}


def peer_force(model, numbers, positions, cell, head, step=1e-3):
    """The force on atom 2 along x from energies, to fourth order."""
    def difference(h):
        shift = np.zeros_like(positions)
        shift[2, 0] = h
        plus, minus = (evaluate_peer(model, numbers, positions + sign * shift, cell, head)
                       for sign in (1, -1))
        return (plus["energy"][0] - minus["energy"][0]) / (2 * h)
    return -(4 * difference(step / 2) - difference(step)) / 3


@pytest.mark.parametrize("variant", VARIANTS)
def test_random_models(mace, variant, tmp_path):
    import torch

    from openmmequivariant import Evaluator
    from openmmequivariant.convert import convert_mace
    model = make_peer(mace, VARIANTS[variant])
    source, output = str(tmp_path / "peer.model"), str(tmp_path / "peer.safetensors")
    torch.save(model, source)
    convert_mace(source, output)
    evaluator = Evaluator(output, exactRadial=True)
    numbers, positions = ETHANOL
    for head, name in enumerate(model.heads):
        for cell in (None, 0.8 * CELL):
            expected = evaluate_peer(model, numbers, positions, cell, head)
            found = evaluator.evaluate(numbers, positions, cell, head=name)
            assert_close(found.energy, expected["energy"][0])
            assert_close(found.interactionEnergy, expected["interaction_energy"][0])
            assert_close(found.atomEnergies, expected["node_energy"])
            if variant == "chebyshev":  # PyTorch has no derivative of its Chebyshev polynomials
                assert_close(found.forces[2, 0], peer_force(model, numbers, positions, cell, head),
                             1e-7)
                continue
            assert_close(found.forces, expected["forces"])
            if cell is not None:
                assert_close(found.stress, expected["stress"].reshape(3, 3))


def test_unknown_blocks_are_refused(mace, tmp_path):
    import torch

    from openmmequivariant.convert import ConversionError, convert_mace
    name = "RealAgnosticResidualNonLinearInteractionBlock"
    source = str(tmp_path / "peer.model")
    torch.save(make_peer(mace, {"interaction_cls": name}), source)
    with pytest.raises(ConversionError, match=name):
        convert_mace(source, str(tmp_path / "out"))


def test_3bpa_model(mace, tmp_path):
    """Conversion of the trained model, on 20 frames of its data."""
    import ase.io

    from openmmequivariant import Evaluator
    from openmmequivariant.convert import convert_mace
    source, frames = SHARED / "models/3bpa-mace.model", SHARED / "data/3bpa/train_300K.xyz"
    for path in (source, frames):
        if not path.exists():
            pytest.skip(f"needs {path}")
    output = str(tmp_path / "3bpa.safetensors")
    convert_mace(str(source), output)
    evaluator = Evaluator(output, exactRadial=True)
    results = json.loads((SHARED / "models/3bpa-mace.expected.json").read_text())
    assert len(results) == 20
    for expected in results:
        atoms = ase.io.read(frames, expected["frame"])
        found = evaluator.evaluate(atoms.numbers, atoms.positions)
        assert abs(found.energy - expected["energy"]) <= 1e-6
        assert np.max(np.abs(found.forces - expected["forces"])) <= 1e-6
