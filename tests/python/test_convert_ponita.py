# SPDX-License-Identifier: MIT
"""Checkpoints laid out as ebekkers/ponita's, made here of the golden models."""
import argparse
import json
import pathlib

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from openmmequivariant.convert import ConversionError, convert_ponita, convert_ponita_json

root = pathlib.Path(__file__).resolve().parents[2]
torch = pytest.importorskip("torch", reason="reading checkpoints needs PyTorch")

CASES = ("a_r3s2_o12_all_pairs", "b_r3s2_o20_cutoff", "c_r3_cutoff", "h_r3s2_point_cloud_cutoff")
ELEMENTS = [1, 6, 7, 8]


def golden(case):
    return json.loads((root / "tests" / "data" / "ponita" / f"{case}.model.json").read_text())


def optimizer_names(state):
    """The order of the published optimizer: sorted weights of linear layers, sorted rest."""
    norms = {name for name in state if ".norm." in name}
    linear = sorted(name for name in state if name.endswith("weight") and name not in norms)
    return linear, sorted(name for name in state if name not in linear)


def make_checkpoint(path, case, *, arguments=None, change=lambda checkpoint: None):
    """A checkpoint whose moving averages are the golden weights and whose last weights are not."""
    source = golden(case)
    averages = {f"model.{name}": torch.tensor(entry["data"], dtype=torch.float64).reshape(
        entry["shape"]) for name, entry in source["state"].items()}
    state = {name: tensor + 1 for name, tensor in averages.items()}
    for layer in range(source["config"]["num_layers"]):
        state[f"model.interaction_layers.{layer}.conv.callibrated"] = torch.tensor(True)
    if source["config"]["radius"] is not None:
        state["model.windowing_fn.p"] = torch.tensor(6.0)
        state["model.windowing_fn.r_max"] = torch.tensor(source["config"]["radius"],
                                                         dtype=torch.float64)
    linear, rest = optimizer_names(averages)
    groups = [{"params": list(range(len(linear)))},
              {"params": list(range(len(linear), len(averages)))}]
    checkpoint = {
        "state_dict": state,
        "optimizer_states": [{"opt": {"state": {}, "param_groups": groups},
                              "ema": tuple(averages[name] for name in linear + rest),
                              "decay": 0.99}],
    }
    if arguments is not None:
        checkpoint["hyper_parameters"] = {"args": argparse.Namespace(**arguments)}
    change(checkpoint)
    torch.save(checkpoint, path)
    return str(path)


def read(path):
    with safetensors.safe_open(path, framework="numpy") as file:
        config = json.loads(file.metadata()["config"])
    return config, safetensors.numpy.load_file(path)


def given(case, **changes):
    return {"grid": golden(case)["orientation_grid"], "scale": 1.0, "shift": 0.0,
            "atomic_numbers": ELEMENTS, **changes}


@pytest.mark.parametrize("case", CASES)
def test_averages_give_the_model_of_the_golden_file(case, tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", case)
    # the three features of R3 could be those of a point cloud of degree 1
    space = {"c_r3_cutoff": "R3"}.get(case)
    convert_ponita(checkpoint, str(tmp_path / "found"), space=space, **given(case))
    convert_ponita_json(str(root / "tests/data/ponita" / f"{case}.model.json"),
                        str(tmp_path / "expected"))
    found_config, found = read(tmp_path / "found")
    config, tensors = read(tmp_path / "expected")
    config.update(atomic_numbers=ELEMENTS, input_index=ELEMENTS)
    assert found_config == config
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor, err_msg=name)


def test_ambiguous_shapes_need_the_space(tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", "c_r3_cutoff")
    with pytest.raises(ConversionError, match="fit R3 and a point cloud"):
        convert_ponita(checkpoint, str(tmp_path / "out"), **given("c_r3_cutoff"))
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", "c_r3_cutoff", arguments={"num_ori": 0})
    convert_ponita(checkpoint, str(tmp_path / "out"), **given("c_r3_cutoff"))
    assert read(tmp_path / "out")[0]["space"] == "R3"


def test_last_weights_on_request(tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0])
    for weights in ("ema", "raw"):
        convert_ponita(checkpoint, str(tmp_path / weights), weights=weights, **given(CASES[0]))
    averages, last = read(tmp_path / "ema")[1], read(tmp_path / "raw")[1]
    np.testing.assert_array_equal(last["x_embedder.weight"], averages["x_embedder.weight"] + 1)
    np.testing.assert_array_equal(last["orientations"], averages["orientations"])


def test_scale_shift_and_elements_are_those_given(tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0])
    convert_ponita(checkpoint, str(tmp_path / "out"), input_index=[2, 0, 1],
                   **given(CASES[0], scale=0.25, shift=-7.5, atomic_numbers=[8, 1, 6]))
    config, _ = read(tmp_path / "out")
    assert (config["scale"], config["shift"]) == (0.25, -7.5)
    assert (config["atomic_numbers"], config["input_index"]) == ([1, 6, 8], [0, 1, 2])


@pytest.mark.parametrize("suffix", ["json", "txt"])
def test_grid_from_a_file(suffix, tmp_path):
    grid = golden(CASES[0])["orientation_grid"]
    path = tmp_path / f"grid.{suffix}"
    if suffix == "json":
        path.write_text(json.dumps(grid))
    else:
        np.savetxt(path, grid, fmt="%.17g")
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0])
    convert_ponita(checkpoint, str(tmp_path / "out"), **given(CASES[0], grid=str(path)))
    _, tensors = read(tmp_path / "out")
    np.testing.assert_array_equal(tensors["orientations"], np.asarray(grid))
    np.testing.assert_allclose(tensors["orientation_weights"], 1 / 12)


@pytest.mark.parametrize("key, reason", [
    ("grid", "does not contain its orientation grid"),
    ("scale", "does not contain the scale"),
    ("shift", "does not contain the shift"),
    ("atomic_numbers", "does not say which elements"),
])
def test_refused_without_what_a_checkpoint_lacks(key, reason, tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0])
    with pytest.raises(ConversionError, match=reason) as error:
        convert_ponita(checkpoint, str(tmp_path / "out"), **given(CASES[0], **{key: None}))
    assert checkpoint in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("changes, reason", [
    ({"grid": np.eye(3)}, "3 orientations given, but the model was trained with 12"),
    ({"grid": 2 * np.ones((12, 3))}, "not unit vectors"),
    ({"grid": np.ones((12, 2))}, "shape"),
    ({"grid": "/no/such/grid"}, "/no/such/grid"),
    ({"scale": float("nan")}, "scale nan is not finite"),
    ({"atomic_numbers": [1, 17]}, "element 17 has input 17, but the model has 9 inputs"),
    ({"weights": "best"}, "neither 'ema' nor 'raw'"),
    ({"space": "R3"}, "the space is R3xS2, not 'R3'"),
])
def test_refused_arguments(changes, reason, tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0], arguments={"num_ori": 12})
    with pytest.raises(ConversionError, match=reason):
        convert_ponita(checkpoint, str(tmp_path / "out"), **given(CASES[0], **changes))


def drop_average(checkpoint):
    checkpoint["optimizer_states"][0]["ema"] = checkpoint["optimizer_states"][0]["ema"][1:]


def drop_averages(checkpoint):
    del checkpoint["optimizer_states"]


def swap_averages(checkpoint):
    averages = list(checkpoint["optimizer_states"][0]["ema"])
    checkpoint["optimizer_states"][0]["ema"] = averages[::-1]


def drop_embedding(checkpoint):
    checkpoint["optimizer_states"] = []
    del checkpoint["state_dict"]["model.basis_fn.1.weight"]


@pytest.mark.parametrize("change, weights, reason", [
    (drop_average, "ema", "do not fit"),
    (drop_averages, "ema", "holds no moving averages"),
    (swap_averages, "ema", "the moving average of"),
    (drop_embedding, "raw", "not laid out as"),
    (lambda checkpoint: checkpoint.pop("state_dict"), "ema", "no state_dict"),
])
def test_refused_checkpoints(change, weights, reason, tmp_path):
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0], change=change)
    with pytest.raises(ConversionError, match=reason):
        convert_ponita(checkpoint, str(tmp_path / "out"), weights=weights, **given(CASES[0]))


def test_more_than_tensors_needs_trust(tmp_path):
    def change(checkpoint):
        checkpoint["callbacks"] = {"path": pathlib.PurePosixPath("/tmp")}
    checkpoint = make_checkpoint(tmp_path / "last.ckpt", CASES[0], change=change)
    with pytest.raises(ConversionError, match="trusted=True"):
        convert_ponita(checkpoint, str(tmp_path / "out"), **given(CASES[0]))
    convert_ponita(checkpoint, str(tmp_path / "out"), trusted=True, **given(CASES[0]))
    assert (tmp_path / "out").exists()


def test_files_that_are_no_checkpoints(tmp_path):
    (tmp_path / "text.ckpt").write_text("no checkpoint")
    for name in ("text.ckpt", "absent.ckpt"):
        with pytest.raises(ConversionError, match=name):
            convert_ponita(str(tmp_path / name), str(tmp_path / "out"), **given(CASES[0]))
