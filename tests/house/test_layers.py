# SPDX-License-Identifier: MIT
"""Dependencies between the folders point one way: docs/architecture.md has the table in words."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# folder: prefixes of what its #include lines may name, besides the C++ library and its own files.
MODELS = ("equivariant/", "Eigen/", "unsupported/Eigen/FFT", "nlohmann/", "xxhash.h")
OPENMM = ("OpenMM", "openmm/", "EquivariantForce.h", "EquivariantKernels.h", "internal/")
ALLOWED = {
    "models": MODELS,
    "engine": MODELS + ("Kokkos_Core.hpp", "sched.h", "sys/mman.h", "xmmintrin.h"),
    "training": MODELS + ("torch/", "ATen/", "valijson/"),
    "openmmapi": MODELS + OPENMM + ("EquivariantForceProxy.h",),
    "serialization": MODELS + OPENMM,
    "platforms/common-host": MODELS + OPENMM,
    "platforms/reference": MODELS + OPENMM + ("HostEquivariantKernel.h",),
    "platforms/cpu": MODELS + OPENMM + ("HostEquivariantKernel.h",),
    "platforms/common": MODELS + OPENMM + ("mace/",),
    "platforms/opencl": MODELS + OPENMM + ("CommonKernelFactory.h",),
    "platforms/cuda": MODELS + OPENMM + ("CommonKernelFactory.h",),
    "apps": MODELS + OPENMM + ("LaunchCount.h", "CLI/", "dlfcn.h", "link.h", "malloc.h", "unistd.h",
                            "sys/", "climits", "torch/torch.h", "TrainingConfig.h", "spawn.h"),
    "examples": MODELS + ("CLI/", "torch/", "Dataset.h", "ExtendedXyz.h", "Initialize.h", "Plot.h",
                          "PonitaLift.h", "PonitaNetwork.h", "PonitaPotential.h",
                          "TrainableTensors.h", "Trainer.h", "WeightFiller.h"),
}
# A tool may use any library that it declares.
SOURCES = [*ALLOWED, "tools"]
STANDARD = re.compile(r"^[a-z_0-9]+$")


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1)


def sources(folder):
    return [path for suffix in ("*.h", "*.cpp") for path in (ROOT / folder).rglob(suffix)]


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_includes_follow_the_table(folder):
    files = sources(folder)
    assert files
    own = {path.name for path in files}
    wrong = []
    for path in files:
        for number, name in includes(path):
            if STANDARD.match(name) or pathlib.PurePath(name).name in own:
                continue
            if not name.startswith(ALLOWED[folder]):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {name}")
    assert not wrong, "\n".join(wrong)


def test_tools_stand_alone():
    folders = [path.parent for path in (ROOT / "tools").glob("*/Command.cpp")]
    wrong = []
    for folder in folders:
        others = {path.name for other in folders if other != folder for path in other.glob("*.h")}
        for path in sources(folder):
            for number, name in includes(path):
                own = (folder / name).exists()
                if name.startswith(OPENMM) or (not own and pathlib.PurePath(name).name in others):
                    wrong.append(f"{path.relative_to(ROOT)}:{number}: {name}")
    assert folders and not wrong, "\n".join(wrong)


def test_tools_have_a_page_and_are_registered():
    registered = re.search(r"EQUIVARIANT_TOOLS\n([^)]*)\)",
                           (ROOT / "tools/CMakeLists.txt").read_text())[1].split()
    folders = {path.parent.name for path in (ROOT / "tools").glob("*/Command.cpp")}
    assert sorted(folders) == sorted(registered)
    index = (ROOT / "docs/tools/README.md").read_text()
    for tool in registered:
        assert (ROOT / f"docs/tools/{tool}.md").exists(), tool
        assert f"({tool}.md)" in index, tool


def test_sources_name_their_license():
    missing = [str(path.relative_to(ROOT))
               for folder in [*SOURCES, "tests"] for path in sources(folder)
               if "SPDX-License-Identifier: MIT" not in path.read_text()[:200]]
    assert not missing, "\n".join(missing)


def test_long_files_say_why():
    long = []
    for folder in SOURCES:
        for path in sources(folder):
            text = path.read_text()
            if text.count("\n") > 400 and not re.search(r"file\s(// )?is long because", text):
                long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
    assert not long, "\n".join(long)


def test_relative_links_of_the_documents_exist():
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/**/*.md")]:
        prose = re.sub(r"(?m)^ {4}.*$", "", re.sub(r"(?s)```.*?```", "", page.read_text()))
        for target in re.findall(r"\]\(([^)#\s]+)", prose):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken, "\n".join(broken)
