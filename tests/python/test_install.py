# SPDX-License-Identifier: MIT
"""The installed C++ package and the Python package, each used by a program of three lines."""
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMER = ROOT / "tests/install"


def run(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1200)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


@pytest.mark.skipif(not (shutil.which("cmake") and shutil.which("ninja")),
                    reason="needs cmake and ninja")
def test_cmake_package(tiny, tmp_path):
    prefix, generator = tmp_path / "prefix", ("-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release")
    off = [f"-DEQUIVARIANT_BUILD_{part}=OFF" for part in ("OPENMM", "APPS", "PYTHON", "TESTS")]
    run("cmake", "-S", ROOT, "-B", tmp_path / "package", *generator, *off,
        f"-DCMAKE_INSTALL_PREFIX={prefix}")
    run("cmake", "--build", tmp_path / "package", "--target", "install")
    run("cmake", "-S", CONSUMER, "-B", tmp_path / "consumer", *generator,
        f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", tmp_path / "consumer")
    compiled = float(run(tmp_path / "consumer/consumer", tiny))
    assert compiled == float(run(sys.executable, CONSUMER / "consumer.py", tiny))
