// SPDX-License-Identifier: MIT
#include "ponita/KernelTable.h"

#include "ponita/BSpline.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace equivariant {

namespace {

/// Relative errors that tables are made for.
template <class Real> constexpr double wantedError = std::is_same_v<Real, float> ? 1e-7 : 1e-8;
constexpr double mostBytes = 512.0 * 1024 * 1024;

/// What a lookup costs, in arbitrary units: its knots, and more where a layer's table does not fit
/// into the caches.
double costOf(int degree, double layerBytes) {
    const double knots = (degree + 1) * (degree + 1);
    return knots * (1 + std::pow(layerBytes / 2e7, 2));
}

template <class Real> class TableMaker {
public:
    explicit TableMaker(const PonitaWeights<Real>& weights)
        : w(weights), range(weights.model.cutoff * (1 + 1e-4)),
          lowestB(weights.model.getDimension() == 2 ? -range : 0), random(1) {
        // One matrix for all layers; B to layers * C
        kernels.resize(w.model.basisDim, static_cast<Eigen::Index>(w.layers.size()) * w.channels);
        for (std::size_t t = 0; t < w.layers.size(); t++)
            kernels.middleCols(static_cast<Eigen::Index>(t) * w.channels, w.channels) =
                w.model.layers[t].kernel.transpose();
        samplePlaces = randomPlaces(4000);
        sampleKernels = basisAt(samplePlaces) * kernels;
        scales = sampleKernels.cwiseAbs().colwise().maxCoeff().cwiseMax(1e-300);
    }

    std::shared_ptr<const KernelTable<Real>> make() {
        int degree = 0;
        double spacing = 0, leastCost = 0;
        for (int candidate = minTableDegree; candidate <= maxTableDegree; candidate++) {
            const double found = spacingFor(candidate);
            const double bytes = bytesOf(found) / static_cast<double>(w.layers.size());
            if (bytesOf(found) > mostBytes)
                continue;
            const double cost = costOf(candidate, bytes);
            if (degree == 0 || cost < leastCost) {
                degree = candidate;
                spacing = found;
                leastCost = cost;
            }
        }
        for (; degree != 0 && bytesOf(spacing) <= mostBytes; spacing *= 0.85) {
            auto table = build(degree, spacing);
            table->error = errorOf(*table);
            if (table->error < 2 * wantedError<Real>)
                return table;
        }
        return nullptr;
    }

private:
    double bytesOf(double spacing) const {
        return 2 * range / spacing * (range - lowestB) / spacing * sizeof(Real) * w.blocks *
               w.lanes * static_cast<double>(w.layers.size());
    }

    /// Pairs (a, b) inside the cutoff.
    RowMatrix randomPlaces(int count) {
        std::uniform_real_distribution<double> a(-range, range), b(lowestB, range);
        RowMatrix result(count, 2);
        for (int k = 0; k < count;) {
            result.row(k) << a(random), b(random);
            k += result.row(k).norm() < w.model.cutoff;
        }
        return result;
    }

    /// [places][B]
    RowMatrix basisAt(const RowMatrix& places) const {
        PonitaTrace trace;
        trace.lift.attributes = places;
        kernelForward(w.model, trace);
        return std::move(trace.kernelBasis);
    }

    /// Largest relative error of any kernel.
    double largest(const RowMatrix& basisErrors) const {
        return ((basisErrors * kernels).cwiseAbs().colwise().maxCoeff().array() / scales.array())
            .maxCoeff();
    }

    /// Error of splines along a line of constant a or b.
    double lineError(int degree, double spacing, int axis, double other) const {
        const double end = std::sqrt(std::max(0.0, range * range - other * other));
        const double begin = axis == 0 ? -end : std::max(lowestB, -end);
        const int inside = static_cast<int>((end - begin) / spacing) + 2;
        const int count = inside + 2 * splineMargin;
        RowMatrix places(count, 2), middles(inside, 2);
        for (int k = 0; k < count; k++)
            places.row(k) << begin + (k - splineMargin) * spacing, other;
        const double fraction = degree % 2 ? 0.5 : 0.25;
        for (int k = 0; k < inside; k++)
            middles.row(k) << begin + (k + fraction) * spacing, other;
        if (axis == 1) {
            places.col(0).swap(places.col(1));
            middles.col(0).swap(middles.col(1));
        }
        RowMatrix coefficients = basisAt(places), errors = basisAt(middles);
        toSplineCoefficients(degree, coefficients, 0, 1, count);
        const Eigen::VectorXd weights =
            splineWeights(degree, degree % 2 ? fraction : fraction + 0.5);
        for (int k = 0; k < inside; k++)
            for (int s = 0; s <= degree; s++)
                errors.row(k) -= weights[s] * coefficients.row(splineMargin + k - degree / 2 + s);
        return largest(errors);
    }

    /// The spacing at which splines have the wanted error on some lines, roughly.
    double spacingFor(int degree) const {
        double spacing = range / 16;
        for (int round = 0; round < 8; round++) {
            double errors[2] = {0, 0};
            for (const double place : {0.03, 0.3, 0.6, 0.85})
                errors[0] = std::max(errors[0], lineError(degree, spacing, 0, place * range));
            for (const double place : {-0.8, -0.4, 0.1, 0.6})
                errors[1] = std::max(errors[1], lineError(degree, spacing, 1, place * range));
            const double ratio = (errors[0] + errors[1]) / (0.7 * wantedError<Real>);
            if (ratio < 1)
                break;
            spacing *= std::max(0.5, 0.98 * std::pow(ratio, -1.0 / (degree + 1)));
            if (bytesOf(spacing) > mostBytes)
                break;
        }
        return spacing;
    }

    std::shared_ptr<KernelTable<Real>> build(int degree, double spacing) const {
        auto table = std::make_shared<KernelTable<Real>>();
        // Sample k is at begin + k spacing; coefficients from the margin less the spline's reach on
        const int reach = degree / 2 + 1, skip = splineMargin - reach;
        const auto samples = [&](double length) {
            return static_cast<int>(length / spacing) + 2 + 2 * splineMargin;
        };
        const int countA = samples(2 * range), countB = samples(range - lowestB);
        const double beginA = -range - splineMargin * spacing;
        const double beginB = lowestB - splineMargin * spacing;
        RowMatrix basis(static_cast<Eigen::Index>(countA) * countB, w.model.basisDim);
        for (int i = 0; i < countA; i++) {
            RowMatrix places(countB, 2);
            for (int j = 0; j < countB; j++)
                places.row(j) << beginA + i * spacing, beginB + j * spacing;
            basis.middleRows(static_cast<Eigen::Index>(i) * countB, countB) = basisAt(places);
            toSplineCoefficients(degree, basis, static_cast<Eigen::Index>(i) * countB, 1, countB);
        }
        for (int j = 0; j < countB; j++)
            toSplineCoefficients(degree, basis, j, countB, countA);
        table->degree = degree;
        table->spacing = spacing;
        table->sizeA = countA - 2 * skip;
        table->sizeB = countB - 2 * skip;
        // cell k needs coefficients from k - degree/2 on; even degrees count cells from halves
        const double shift = skip + degree / 2 - (degree % 2 ? 0.0 : 0.5);
        table->firstA = beginA + shift * spacing;
        table->firstB = beginB + shift * spacing;
        const int padded = w.blocks * w.lanes;
        const std::size_t size = table->layerSize(padded);
        table->coefficients.assign(size * w.layers.size(), 0);
        for (int i = 0; i < table->sizeA; i++) {
            const RowMatrix row =
                basis.middleRows(static_cast<Eigen::Index>(i + skip) * countB + skip,
                                 table->sizeB) *
                kernels;
            for (std::size_t t = 0; t < w.layers.size(); t++)
                for (int j = 0; j < table->sizeB; j++)
                    for (int c = 0; c < w.channels; c++)
                        table->coefficients[t * size + static_cast<std::size_t>(
                                                           (i * table->sizeB + j) * padded + c)] =
                            static_cast<Real>(row(j, static_cast<int>(t) * w.channels + c));
        }
        return table;
    }

    /// Largest relative error at the samples, in the arithmetic of double precision.
    double errorOf(const KernelTable<Real>& table) const {
        const int padded = w.blocks * w.lanes;
        double result = 0;
        for (Eigen::Index k = 0; k < samplePlaces.rows(); k++) {
            const double placeA = (samplePlaces(k, 0) - table.firstA) / table.spacing;
            const double placeB = (samplePlaces(k, 1) - table.firstB) / table.spacing;
            const int cellA = static_cast<int>(placeA), cellB = static_cast<int>(placeB);
            const Eigen::VectorXd a = splineWeights(table.degree, placeA - cellA);
            const Eigen::VectorXd b = splineWeights(table.degree, placeB - cellB);
            for (std::size_t t = 0; t < w.layers.size(); t++) {
                Eigen::RowVectorXd values = Eigen::RowVectorXd::Zero(w.channels);
                for (int s = 0; s <= table.degree; s++)
                    for (int u = 0; u <= table.degree; u++) {
                        const Real* knot = table.coefficients.data() + t * table.layerSize(padded) +
                                           static_cast<std::size_t>(
                                               ((cellA + s) * table.sizeB + cellB + u) * padded);
                        values += a[s] * b[u] *
                                  Eigen::Map<const Eigen::Matrix<Real, 1, Eigen::Dynamic>>(
                                      knot, w.channels)
                                      .template cast<double>();
                    }
                const auto first = static_cast<Eigen::Index>(t) * w.channels;
                values -= sampleKernels.row(k).segment(first, w.channels);
                result = std::max(
                    result, (values.cwiseAbs().array() / scales.segment(first, w.channels).array())
                                .maxCoeff());
            }
        }
        return result;
    }

    const PonitaWeights<Real>& w;
    const double range, lowestB; ///< Å, of the attributes
    std::mt19937 random;
    RowMatrix kernels;                     ///< [B][layer, channel]
    RowMatrix samplePlaces, sampleKernels; ///< [samples][a, b], [samples][layer, channel]
    Eigen::RowVectorXd scales;             ///< [layer, channel] largest kernels
};

} // namespace

template <class Real>
std::shared_ptr<const KernelTable<Real>> makeKernelTable(const PonitaWeights<Real>& weights) {
    if (!weights.model.hasGrid() || weights.isBanded || std::isinf(weights.model.cutoff))
        return nullptr;
    return TableMaker<Real>(weights).make();
}

template std::shared_ptr<const KernelTable<float>> makeKernelTable(const PonitaWeights<float>&);
template std::shared_ptr<const KernelTable<double>> makeKernelTable(const PonitaWeights<double>&);

} // namespace equivariant
