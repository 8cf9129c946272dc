// SPDX-License-Identifier: MIT
//
// The functions of invariants that kernels are made of: an MLP of monomials of the attributes, or
// sum over l of R_l(r) P_l(cos) with MLPs R_l of powers of r; forward and adjoint.
#include "Stages.h"

namespace equivariant {

namespace {

RowMatrix gelu(const RowMatrix& x) {
    return x.unaryExpr([](double value) { return equivariant::gelu(value); });
}

RowMatrix geluDerivative(const RowMatrix& x) {
    return x.unaryExpr([](double value) { return equivariant::geluDerivative(value); });
}

/// Powers of r only, for band-limited kernels.
RowMatrix radialPart(const PonitaParameters& parameters, const RowMatrix& attributes) {
    return parameters.kernelType == PonitaKernel::BandLimited ? attributes.leftCols(1) : attributes;
}

} // namespace

RowMatrix apply(const PonitaLinear& linear, const RowMatrix& x) {
    RowMatrix y = x * linear.weight.transpose();
    y.rowwise() += linear.bias.transpose();
    return y;
}

RowMatrix monomialsOf(const RowMatrix& attributes, int numFactors) {
    const int count = static_cast<int>(attributes.cols());
    int features = 0, power = 1;
    for (int k = 0; k < numFactors; k++)
        features += power *= count;
    RowMatrix result(attributes.rows(), features);
    result.leftCols(count) = attributes;
    for (int column = count; column < features; column++) // older index major
        result.col(column) =
            result.col(column / count - 1).cwiseProduct(attributes.col(column % count));
    return result;
}

RowMatrix monomialsBackward(const RowMatrix& attributes, const RowMatrix& monomials,
                            RowMatrix adjoint) {
    const int count = static_cast<int>(attributes.cols());
    RowMatrix result = RowMatrix::Zero(attributes.rows(), count);
    for (int column = static_cast<int>(monomials.cols()) - 1; column >= count; column--) {
        const int shorter = column / count - 1, factor = column % count;
        adjoint.col(shorter) += adjoint.col(column).cwiseProduct(attributes.col(factor));
        result.col(factor) += adjoint.col(column).cwiseProduct(monomials.col(shorter));
    }
    return result + adjoint.leftCols(count);
}

Legendre legendre(int lMax, double x) {
    Legendre result{Eigen::VectorXd::Ones(lMax + 1), Eigen::VectorXd::Zero(lMax + 1)};
    for (int l = 1; l <= lMax; l++) {
        const double before = l > 1 ? result.values[l - 2] : 0.0;
        result.values[l] = ((2 * l - 1) * x * result.values[l - 1] - (l - 1) * before) / l;
        result.derivatives[l] = x * result.derivatives[l - 1] + l * result.values[l - 1];
    }
    return result;
}

void kernelForward(const PonitaParameters& parameters, PonitaTrace& trace) {
    const PonitaLift& lift = trace.lift;
    trace.monomials = monomialsOf(radialPart(parameters, lift.attributes), parameters.numFactors);
    trace.inner = apply(parameters.basis.inner, trace.monomials);
    trace.outer = apply(parameters.basis.outer, gelu(trace.inner));
    if (parameters.kernelType == PonitaKernel::Mlp) {
        trace.kernelBasis = gelu(trace.outer);
        return;
    }
    const int B = parameters.basisDim;
    trace.kernelBasis = trace.outer.leftCols(B);
    for (int k = 0; k < trace.outer.rows(); k++) {
        if (lift.pairs[static_cast<std::size_t>(k)].edge < 0)
            continue; // a self-edge has no direction: l = 0 only
        const Legendre p = legendre(parameters.lMax, lift.attributes(k, 1));
        for (int l = 1; l <= parameters.lMax; l++)
            trace.kernelBasis.row(k) += p.values[l] * trace.outer.row(k).segment(l * B, B);
    }
}

RowMatrix kernelBackward(const PonitaParameters& parameters, const PonitaTrace& trace,
                         const RowMatrix& basisAdjoint) {
    const PonitaLift& lift = trace.lift;
    const int B = parameters.basisDim;
    RowMatrix result = RowMatrix::Zero(lift.attributes.rows(), lift.attributes.cols());
    RowMatrix outer;
    if (parameters.kernelType == PonitaKernel::Mlp) {
        outer = basisAdjoint.cwiseProduct(geluDerivative(trace.outer));
    } else {
        outer = RowMatrix::Zero(trace.outer.rows(), trace.outer.cols());
        outer.leftCols(B) = basisAdjoint;
        for (int k = 0; k < outer.rows(); k++) {
            if (lift.pairs[static_cast<std::size_t>(k)].edge < 0)
                continue;
            const Legendre p = legendre(parameters.lMax, lift.attributes(k, 1));
            for (int l = 1; l <= parameters.lMax; l++) {
                outer.row(k).segment(l * B, B) = p.values[l] * basisAdjoint.row(k);
                result(k, 1) += p.derivatives[l] *
                                basisAdjoint.row(k).dot(trace.outer.row(k).segment(l * B, B));
            }
        }
    }
    const RowMatrix inner =
        (outer * parameters.basis.outer.weight).cwiseProduct(geluDerivative(trace.inner));
    const RowMatrix radial = radialPart(parameters, lift.attributes);
    result.leftCols(radial.cols()) +=
        monomialsBackward(radial, trace.monomials, inner * parameters.basis.inner.weight);
    return result;
}

RowMatrix fiberBasisOf(const PonitaParameters& parameters) {
    const int O = static_cast<int>(parameters.orientations.size());
    RowMatrix cosines(O * O, 1);
    for (int o = 0; o < O; o++)
        for (int p = 0; p < O; p++)
            cosines(o * O + p, 0) = parameters.orientations[static_cast<std::size_t>(o)].dot(
                parameters.orientations[static_cast<std::size_t>(p)]);
    if (parameters.kernelType == PonitaKernel::Mlp) {
        const RowMatrix inner =
            apply(parameters.fiberBasis.inner, monomialsOf(cosines, parameters.numFactors));
        return gelu(apply(parameters.fiberBasis.outer, gelu(inner)));
    }
    RowMatrix result(O * O, parameters.basisDim);
    for (int row = 0; row < O * O; row++)
        result.row(row) = legendre(parameters.lMax, cosines(row, 0)).values.transpose() *
                          parameters.fiberCoefficients;
    return result;
}

} // namespace equivariant
