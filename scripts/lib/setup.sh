# Sourced by scripts/demo and scripts/test: Debian packages, the virtual environment, the build.
# Each step looks whether it is needed, so that a second run is quick.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '\n== %s\n' "$*"; }

# What compiles and what runs OpenCL on a processor. Versions tested: cmake/Dependencies.cmake.
debian_packages=(
    build-essential cmake ninja-build ccache pkg-config git
    libeigen3-dev nlohmann-json3-dev libcli11-dev libxxhash-dev libgtest-dev
    libtrilinos-kokkos-dev pocl-opencl-icd ocl-icd-opencl-dev
    libtorch-dev libopenblas0-openmp libvalijson-dev gnuplot-nox
    libhdf5-dev libcsv-dev librandom123-dev coinor-libclp-dev liblbfgs-dev libgmp-dev libnauty2-dev libflint-dev
    python3 python3-venv python3-dev
)

install_debian_packages() {
    command -v dpkg-query >/dev/null || {
        echo "This is not Debian: install the equivalents of ${debian_packages[*]} yourself." >&2
        return 0
    }
    local missing=() package
    for package in "${debian_packages[@]}"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "Please install as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    say "Installing Debian packages: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        >/dev/null
}

# install_python_packages NAME [OPTIONS of pip install]: the packages of
# scripts/lib/requirements-NAME.txt into .venv.
install_python_packages() {
    local list=scripts/lib/requirements-$1.txt
    local stamp=.venv/installed-$1.txt
    shift
    [ -x .venv/bin/python ] || { say "Creating .venv"; "${PYTHON:-python3}" -m venv .venv; }
    cmp -s "$list" "$stamp" && return 0
    say "Installing Python packages of $list"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@" -r "$list"
    cp "$list" "$stamp"
}

# build_and_install TESTS(ON|OFF): builds in build/venv and installs into .venv, if a source changed;
# the tools only together with the tests, as they take half of the time.
build_and_install() {
    local stamp=.venv/built-tests-$1
    local sources=(CMakeLists.txt pyproject.toml cmake models engine openmmapi platforms
        serialization training wrappers apps)
    [ "$1" = ON ] && sources+=(tests examples tools)
    if [ -e "$stamp" ] && [ -z "$(find "${sources[@]}" -newer "$stamp" -type f \
        -not -name '*.pyc' -print -quit)" ]; then
        return 0
    fi
    say "Building (log: build/venv.log)"
    mkdir -p build
    local started
    started=$(mktemp)
    if ! .venv/bin/python -m pip install --disable-pip-version-check --no-build-isolation \
        --no-deps --force-reinstall -v --config-settings=build-dir=build/venv \
        --config-settings=cmake.define.EQUIVARIANT_BUILD_TESTS="$1" \
        --config-settings=cmake.define.EQUIVARIANT_BUILD_EXAMPLES="$1" \
        --config-settings=cmake.define.EQUIVARIANT_BUILD_TRAINING=ON \
        --config-settings=cmake.define.EQUIVARIANT_BUILD_TOOLS="$1" \
        --config-settings=cmake.define.EQUIVARIANT_WARNINGS_AS_ERRORS="${CI:+ON}" . >build/venv.log 2>&1; then
        tail -n 60 build/venv.log >&2
        rm -f "$started"
        exit 1
    fi
    mv "$started" "$stamp" # dated before the build, so that an edit made meanwhile counts
}
