# SPDX-License-Identifier: MIT
"""How the package is installed and imported."""
import importlib.metadata
import pathlib
import re
import subprocess
import sys

import openmm
import openmmequivariant
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(code, **environment):
    import os
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          timeout=300, env={**os.environ, **environment})


def test_version_is_that_of_the_sources():
    version = re.search(r"project\(OpenMMEquivariant VERSION (\S+)",
                        (ROOT / "CMakeLists.txt").read_text())[1]
    assert openmmequivariant.__version__ == version


def test_wheel_holds_what_runs_and_no_header():
    files = [str(file) for file in importlib.metadata.files("openmm-equivariant")]
    assert "OpenMM.libs/lib/libEquivariantModels.so" in files
    assert "OpenMM.libs/lib/libEquivariantEngine.so" in files
    assert "OpenMM.libs/lib/libOpenMMEquivariant.so" in files
    for platform in "Reference", "CPU":
        assert f"OpenMM.libs/lib/plugins/libOpenMMEquivariant{platform}.so" in files
    assert "openmmequivariant/py.typed" in files
    assert any(file.endswith("bin/equivariant") for file in files)
    assert not [file for file in files if file.endswith((".h", ".cmake", ".i", ".a"))]


def test_program_is_a_program():
    program, = [file.locate() for file in importlib.metadata.files("openmm-equivariant")
                if str(file).endswith("bin/equivariant")]
    assert pathlib.Path(program).read_bytes()[:4] == b"\x7fELF"
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert openmmequivariant.__version__ in answer.stdout


def test_swig_runtime_is_openmms():
    """Modules of SWIG share types only if they name the same table."""
    def table(folder, name):
        module, = pathlib.Path(folder).glob(f"{name}.*.so")
        return set(re.findall(rb"swig_runtime_data\d+", module.read_bytes()))
    theirs = table(pathlib.Path(openmm.__file__).parent, "_openmm")
    assert theirs
    assert table(pathlib.Path(openmmequivariant.__file__).parent, "_openmmequivariant") == theirs


def test_import_is_light():
    heavy = "torch", "mace", "e3nn", "ase", "safetensors", "openmmml"
    result = run("import sys, openmmequivariant as e; e.EquivariantForce; e.Evaluator; "
                 f"print([m for m in {heavy} if m in sys.modules])")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


def test_bare_import_needs_neither_openmm_nor_the_module():
    result = run("import sys, openmmequivariant, openmmequivariant.convert; "
                 "assert 'openmm' not in sys.modules")
    assert result.returncode == 0, result.stderr


def test_broken_module_does_not_break_openmmml():
    pytest.importorskip("openmmml")
    result = run("import sys; sys.modules['openmmequivariant._openmmequivariant'] = None\n"
                 "from openmmml import MLPotential\n"
                 "try:\n    MLPotential('equivariant', modelPath='x')\n"
                 "except ImportError as error:\n    print('refused', error)")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("refused")


def test_another_plugin_folder_does_not_hide_ours(tmp_path):
    """OpenMM loads no other folder than OPENMM_PLUGIN_DIR; our import loads our own plugins."""
    code = "import openmmequivariant as e; e.EquivariantForce; print(e.supportedPlatforms())"
    result = run(code, OPENMM_PLUGIN_DIR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "Reference" in result.stdout


def test_unknown_name():
    with pytest.raises(AttributeError, match="nonsense"):
        openmmequivariant.nonsense
    assert "EquivariantForce" in dir(openmmequivariant)
