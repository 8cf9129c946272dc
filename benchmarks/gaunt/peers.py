# SPDX-License-Identifier: MIT
"""The other programs of run.py, on one thread: prints a JSON list of what Google Benchmark would
print. Needs torch and e3nn, and mace-torch for the many-body product.

    peers.py [--quick] [--seconds S] [--batch ATOMS]
"""
import argparse
import json
import os
import sys
import time

# e3nn 0.4 loads its own constants, which newer PyTorch would refuse.
os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
import torch  # noqa: E402
from e3nn import o3  # noqa: E402

CHANNELS = 64
BATCH = 16  # atoms or edges
E3NN_L_MAX = 11  # of its 3j


def peak_bytes(call):
    """Highest memory that the call's tensors take at a time."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU],
                                profile_memory=True) as profile:
        result = call()
    del result
    live = peak = 0
    events = [e for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda e: e.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak


def measure(name, forward, inputs, seconds, results):
    """Forward, and forward with the gradients for all inputs."""
    leaves = [x.requires_grad_() for x in inputs]

    def both():
        z = forward(*leaves)
        return torch.autograd.grad(z, leaves, torch.ones_like(z))

    def only():
        with torch.no_grad():
            return forward(*leaves)

    for label, call in (("forward", only), ("both", both)):
        for _ in range(5):
            call()
        times, end = [], time.perf_counter() + seconds
        while time.perf_counter() < end or len(times) < 3:
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
        operation, evaluator, L = name
        results.append({"name": f"{operation}/{evaluator}/float/{label}/{L}",
                        "cpu_time": 1e6 * min(times), "products": BATCH * CHANNELS,
                        "bytes": peak_bytes(call)})


def features(L, multiplicity):
    return o3.Irreps([(multiplicity, (l, (-1) ** l)) for l in range(L + 1)])


def gaunt_paths(L, l_out):
    """Couplings of the Gaunt product: triangles with even sums."""
    return [(l1, l2, l3) for l1 in range(L + 1) for l2 in range(L + 1) for l3 in range(l_out + 1)
            if abs(l1 - l2) <= l3 <= l1 + l2 and (l1 + l2 + l3) % 2 == 0]


def gaunt_factor(l1, l2, l3):
    """Ratio of a Gaunt coefficient to e3nn's 3j, by an integral of three harmonics."""
    grid = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    weights = torch.full_like(grid, grid[1] - grid[0])
    weights[1:-1:2] *= 4 / 3
    weights[2:-1:2] *= 2 / 3
    weights[0] = weights[-1] = (grid[1] - grid[0]) / 3
    points = torch.stack([torch.zeros_like(grid), grid, (1 - grid ** 2).sqrt()], 1)
    y = [o3.spherical_harmonics(l, points, True, "integral")[:, l] for l in (l1, l2, l3)]
    integral = 2 * torch.pi * (weights * y[0] * y[1] * y[2]).sum()
    return float(integral / o3.wigner_3j(l1, l2, l3, dtype=torch.float64)[l1, l2, l3])


def tensor_product(L, l_out, mode):
    second = 1 if mode == "uvu" else CHANNELS
    product = o3.TensorProduct(
        features(L, CHANNELS), features(L, second), features(l_out, CHANNELS),
        [(l1, l2, l3, mode, False, gaunt_factor(l1, l2, l3) ** 2)
         for l1, l2, l3 in gaunt_paths(L, l_out)],
        irrep_normalization="none", path_normalization="none")
    return product


def check(product, L):
    """The product of two functions at random points."""
    points = torch.randn(5, 3)
    x, y = product.irreps_in1.randn(1, -1), product.irreps_in2.randn(1, -1)

    def values(coefficients, l_max):
        total, start = 0, 0
        for l in range(l_max + 1):
            block = coefficients[0, start:start + CHANNELS * (2 * l + 1)]
            total = total + o3.spherical_harmonics(l, points, True, "integral") \
                @ block.reshape(CHANNELS, 2 * l + 1).T
            start += CHANNELS * (2 * l + 1)
        return total
    torch.testing.assert_close(values(product(x, y), 2 * L), values(x, L) * values(y, L),
                               rtol=1e-3, atol=1e-3)


def interaction(L, seconds, results):
    for operation, l_out in (("interaction", L), ("interaction-2L", 2 * L)):
        if l_out > E3NN_L_MAX:
            continue
        product = tensor_product(L, l_out, "uuu")
        if l_out == 2 * L:
            check(product, L)
        inputs = [product.irreps_in1.randn(BATCH, -1), product.irreps_in2.randn(BATCH, -1)]
        measure((operation, "e3nn", L), product, inputs, seconds, results)


class RotatedConvolution:
    """Rotation to the edge's frame, one matrix for each order, rotation back (arXiv:2302.03655)."""

    def __init__(self, L):
        self.L = L
        self.irreps = o3.Irreps([(1, (l, (-1) ** l)) for l in range(L + 1)])
        self.matrices = []
        pole = o3.spherical_harmonics(list(range(L + 1)), torch.tensor([0.0, 1.0, 0.0]), True,
                                      "integral")
        for m in range(L + 1):
            matrix = torch.zeros(L + 1 - m, L + 1 - m)
            for l1, l2, l3 in gaunt_paths(L, L):
                if min(l1, l3) >= m:
                    coupling = gaunt_factor(l1, l2, l3) * o3.wigner_3j(l1, l2, l3)
                    matrix[l3 - m, l1 - m] += coupling[l1 + m, l2, l3 + m] * pole[l2 * l2 + l2]
            self.matrices.append(matrix)
        self.rows = [[torch.tensor([l * l + l + sign * m for l in range(m, L + 1)])
                      for sign in ((1, -1) if m else (1,))] for m in range(L + 1)]

    def __call__(self, x, directions):
        alpha, beta = o3.xyz_to_angles(directions)
        d = self.irreps.D_from_angles(alpha, beta, torch.zeros_like(alpha))
        turned = d.transpose(1, 2) @ x
        out = torch.zeros_like(turned)
        for matrix, signs in zip(self.matrices, self.rows):
            for rows in signs:
                out = out.index_copy(1, rows, matrix @ turned[:, rows])
        return d @ out


def convolution(L, seconds, results):
    product = tensor_product(L, L, "uvu")
    harmonics = list(range(L + 1))
    directions = torch.nn.functional.normalize(torch.randn(BATCH, 3), dim=1)
    y = o3.spherical_harmonics(harmonics, directions, True, "integral")
    measure(("convolution", "e3nn", L), product, [product.irreps_in1.randn(BATCH, -1), y],
            seconds, results)
    rotated = RotatedConvolution(L)
    x = torch.randn(BATCH, (L + 1) ** 2, CHANNELS)
    flat = torch.cat([x[:, l * l:(l + 1) ** 2].transpose(1, 2).reshape(BATCH, -1)
                      for l in range(L + 1)], 1)
    expected = product(flat, y)
    found = rotated(x, directions)
    found = torch.cat([found[:, l * l:(l + 1) ** 2].transpose(1, 2).reshape(BATCH, -1)
                       for l in range(L + 1)], 1)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    measure(("convolution", "escn", L), rotated, [x, directions], seconds, results)


def many_body(L, seconds, results):
    from mace.modules.symmetric_contraction import SymmetricContraction
    contraction = SymmetricContraction(features(L, CHANNELS), features(L, CHANNELS), 3,
                                       num_elements=1)
    element = torch.ones(BATCH, 1)
    measure(("many-body", "mace", L), lambda x: contraction(x, element),
            [torch.randn(BATCH, CHANNELS, (L + 1) ** 2)], seconds, results)


def main():
    global BATCH
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--batch", type=int, default=BATCH)
    arguments = parser.parse_args()
    BATCH = arguments.batch
    torch.set_num_threads(1)
    torch.manual_seed(0)
    results = []
    for L in range(1, 3 if arguments.quick else 7):
        interaction(L, arguments.seconds, results)
        convolution(L, arguments.seconds, results)
        # MACE's couplings grow so fast that making those of L = 4 takes many minutes.
        if L <= 3:
            try:
                many_body(L, arguments.seconds, results)
            except ImportError as error:
                print(f"left out: many-body by mace-torch: {error}", file=sys.stderr)
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
