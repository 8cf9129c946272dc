// SPDX-License-Identifier: MIT
#include "ponita/KernelTable.h"

#include "ponita/BSpline.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace equivariant {

namespace {

/// Root mean squares of relative errors that tables are made for, of values and of slopes. Those of
/// forces are about as large as those of slopes.
template <class Real> constexpr double wantedError = std::is_same_v<Real, float> ? 1e-6 : 1e-8;
template <class Real> constexpr double wantedSlopeError = std::is_same_v<Real, float> ? 5e-6 : 1e-7;
constexpr double mostBytes = 512.0 * 1024 * 1024;

/// What a lookup costs, in knots: those it reads, and its share of bringing a table of that many
/// into the caches (measured for a hundred thousand lookups).
double costOf(int degree, double tableKnots) {
    return (degree + 1) * (degree + 1) + 6e-5 * tableKnots;
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
        samplePlaces = randomPlaces(2000);
        samples[0] = basisAt(samplePlaces) * kernels;
        scale = samples[0].cwiseAbs().colwise().maxCoeff().cwiseMax(1e-300);
        slopeScale = Eigen::RowVectorXd::Constant(kernels.cols(), 1e-300);
        for (int axis = 0; axis < 2; axis++) {
            RowMatrix& slopes = samples[1 + axis];
            slopes = slopesAt(samplePlaces, axis, range / 10000) * kernels;
            slopeScale = slopeScale.cwiseMax(slopes.cwiseAbs().colwise().maxCoeff());
        }
    }

    std::shared_ptr<const KernelTable<Real>> make() {
        int degree = 0;
        double spacing = 0, leastCost = 0;
        for (int candidate = minTableDegree; candidate <= maxTableDegree; candidate++) {
            const double found = spacingFor(candidate);
            if (bytesOf(found) > mostBytes)
                continue;
            const double cost = costOf(candidate, knotsOf(found));
            if (degree == 0 || cost < leastCost) {
                degree = candidate;
                spacing = found;
                leastCost = cost;
            }
        }
        for (int round = 0; degree != 0 && round < 6 && bytesOf(spacing) <= mostBytes;
             round++, spacing *= 0.9) {
            auto table = build(degree, spacing);
            const Errors errors = errorsOf(*table);
            table->error = errors.largest;
            if (errors.overWanted() < 1.5)
                return table;
        }
        return nullptr;
    }

private:
    /// Relative errors of values and of slopes: relative to the largest one of the channel.
    struct Errors {
        double values = 0, slopes = 0; ///< sums of squares
        double numValues = 0, numSlopes = 0;
        double largest = 0;

        template <class Array> void addValues(const Array& errors) {
            values += errors.square().sum();
            numValues += static_cast<double>(errors.size());
            largest = std::max(largest, errors.abs().maxCoeff());
        }
        template <class Array> void addSlopes(const Array& errors) {
            slopes += errors.square().sum();
            numSlopes += static_cast<double>(errors.size());
            largest = std::max(largest, errors.abs().maxCoeff());
        }
        double overWanted() const {
            return std::max(std::sqrt(values / numValues) / wantedError<Real>,
                            std::sqrt(slopes / numSlopes) / wantedSlopeError<Real>);
        }
    };

    double knotsOf(double spacing) const {
        return 2 * range / spacing * (range - lowestB) / spacing;
    }
    double bytesOf(double spacing) const {
        return knotsOf(spacing) * sizeof(typename TableNumber<Real>::type) * w.blocks * w.lanes *
               static_cast<double>(w.layers.size());
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

    /// Derivatives of the basis by a (axis 0) or b, [places][B]: differences of fourth order.
    RowMatrix slopesAt(const RowMatrix& places, int axis, double step) const {
        const auto at = [&](double offset) {
            RowMatrix moved = places;
            moved.col(axis).array() += offset;
            return basisAt(moved);
        };
        return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
    }

    /// Of kernels, from those of the basis.
    RowMatrix relativeErrors(const RowMatrix& basisErrors, const Eigen::RowVectorXd& scales) const {
        return (basisErrors * kernels).array().rowwise() / scales.array();
    }

    /// Errors of splines along a line of constant a or b.
    void addLineErrors(int degree, double spacing, int axis, double other, Errors& errors) const {
        const double end = std::sqrt(std::max(0.0, range * range - other * other));
        const double begin = axis == 0 ? -end : std::max(lowestB, -end);
        const int inside = static_cast<int>((end - begin) / spacing) + 2;
        const int count = inside + 2 * splineMargin;
        const double fraction = 0.3; // of an interval between samples: no error is small there
        RowMatrix knots(count, 2), places(inside, 2);
        for (int k = 0; k < count; k++)
            knots.row(k) << begin + (k - splineMargin) * spacing, other;
        for (int k = 0; k < inside; k++)
            places.row(k) << begin + (k + fraction) * spacing, other;
        if (axis == 1) {
            knots.col(0).swap(knots.col(1));
            places.col(0).swap(places.col(1));
        }
        RowMatrix coefficients = basisAt(knots), values = basisAt(places);
        RowMatrix slopes = slopesAt(places, axis, spacing / 20);
        toSplineCoefficients(degree, coefficients, 0, 1, count);
        const SplineWeights weights = splineWeights(degree, degree % 2 ? fraction : fraction + 0.5);
        for (int k = 0; k < inside; k++)
            for (int s = 0; s <= degree; s++) {
                const auto knot = coefficients.row(splineMargin + k - degree / 2 + s);
                values.row(k) -= weights.values[s] * knot;
                slopes.row(k) -= weights.slopes[s] / spacing * knot;
            }
        errors.addValues(relativeErrors(values, scale).array());
        errors.addSlopes(relativeErrors(slopes, slopeScale).array());
    }

    /// The spacing at which splines have the wanted error on some lines, roughly.
    double spacingFor(int degree) const {
        double spacing = range / 16;
        for (int round = 0; round < 8; round++) {
            Errors errors;
            for (const double place : {0.03, 0.3, 0.6, 0.85})
                addLineErrors(degree, spacing, 0, place * range, errors);
            for (const double place : {-0.8, -0.4, 0.1, 0.6})
                addLineErrors(degree, spacing, 1, place * range, errors);
            const double ratio = errors.overWanted();
            if (ratio < 1.1 || bytesOf(spacing) > mostBytes)
                break;
            spacing *= std::max(0.5, std::pow(ratio, -1.0 / degree));
        }
        return spacing;
    }

    std::shared_ptr<KernelTable<Real>> build(int degree, double spacing) const {
        auto table = std::make_shared<KernelTable<Real>>();
        // Sample k is at begin + k spacing; coefficients from the margin less the spline's reach on
        const int reach = degree / 2 + 1, skip = splineMargin - reach;
        // Samples at multiples of the spacing, so that knots lie symmetrically about zero.
        const auto stepsTo = [&](double end) {
            return static_cast<int>(std::ceil(end / spacing)) + splineMargin;
        };
        const int belowA = stepsTo(range), belowB = stepsTo(-lowestB);
        const int countA = 2 * belowA + 1, countB = belowB + stepsTo(range) + 1;
        const double beginA = -belowA * spacing, beginB = -belowB * spacing;
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
        const auto mirror = [&](int below) {
            return static_cast<int>(std::lround(2 * (below - shift))) - 1 + degree;
        };
        table->mirrorA = mirror(belowA);
        table->mirrorB = mirror(belowB);
        fill(*table, basis, static_cast<Eigen::Index>(skip) * countB + skip, countB);
        return table;
    }

    /// Multiplies the basis' coefficients by the kernels and stores what is of use: knots within
    /// reach of the cutoff. Row `first` of the basis is the first knot.
    void fill(KernelTable<Real>& table, const RowMatrix& basis, Eigen::Index first,
              Eigen::Index stride) const {
        using Number = typename TableNumber<Real>::type;
        const auto knotsOfRow = [&](int i) {
            RowMatrix row = basis.middleRows(first + i * stride, table.sizeB) * kernels;
            for (int j = 0; j < table.sizeB; j++) {
                const double middle = (1 - table.degree) / 2.0; // of a knot's spline
                const double a = table.firstA + (i + middle) * table.spacing;
                const double b = table.firstB + (j + middle) * table.spacing;
                if (std::hypot(a, b) > range + (table.degree + 2) * table.spacing)
                    row.row(j).setZero();
            }
            return row;
        };
        const int padded = w.blocks * w.lanes;
        const std::size_t size = table.layerSize(padded);
        Eigen::RowVectorXd units = Eigen::RowVectorXd::Ones(kernels.cols());
        if (std::is_integral_v<Number>) {
            units.setConstant(1e-300);
            for (int i = 0; i < table.sizeA; i++)
                units = units.cwiseMax(knotsOfRow(i).cwiseAbs().colwise().maxCoeff());
            units /= std::numeric_limits<std::int32_t>::max();
        }
        table.scales.assign(static_cast<std::size_t>(padded) * w.layers.size(), 0);
        table.coefficients.assign(size * w.layers.size(), 0);
        for (int i = 0; i < table.sizeA; i++) {
            const RowMatrix row = knotsOfRow(i);
            for (std::size_t t = 0; t < w.layers.size(); t++)
                for (int c = 0; c < w.channels; c++) {
                    const auto column = static_cast<Eigen::Index>(t) * w.channels + c;
                    table.scales[t * static_cast<std::size_t>(padded) +
                                 static_cast<std::size_t>(c)] = static_cast<Real>(units[column]);
                    for (int j = 0; j < table.sizeB; j++) {
                        const double number = row(j, column) / units[column];
                        table.coefficients[t * size + table.indexOf(i, j, c, w.lanes)] =
                            static_cast<Number>(std::is_integral_v<Number> ? std::round(number)
                                                                           : number);
                    }
                }
        }
    }

    /// Errors at the samples, in the arithmetic of double precision.
    Errors errorsOf(const KernelTable<Real>& table) const {
        const int padded = w.blocks * w.lanes;
        Errors result;
        for (Eigen::Index k = 0; k < samplePlaces.rows(); k++) {
            const double placeA = (samplePlaces(k, 0) - table.firstA) / table.spacing;
            const double placeB = (samplePlaces(k, 1) - table.firstB) / table.spacing;
            const int cellA = static_cast<int>(placeA), cellB = static_cast<int>(placeB);
            const SplineWeights a = splineWeights(table.degree, placeA - cellA);
            const SplineWeights b = splineWeights(table.degree, placeB - cellB);
            for (std::size_t t = 0; t < w.layers.size(); t++) {
                const auto first = static_cast<Eigen::Index>(t) * w.channels;
                // samples less value, derivatives by a and by b
                Eigen::MatrixXd rest(3, w.channels);
                for (int kind = 0; kind < 3; kind++)
                    rest.row(kind) = samples[kind].row(k).segment(first, w.channels);
                for (int s = 0; s <= table.degree; s++)
                    for (int u = 0; u <= table.degree; u++) {
                        const auto* data = table.coefficients.data() + t * table.layerSize(padded);
                        Eigen::RowVectorXd knot(w.channels);
                        for (int c = 0; c < w.channels; c++)
                            knot[c] =
                                double(data[table.indexOf(cellA + s, cellB + u, c, w.lanes)]) *
                                double(table.scales[t * static_cast<std::size_t>(padded) +
                                                    static_cast<std::size_t>(c)]);
                        rest.row(0) -= a.values[s] * b.values[u] * knot;
                        rest.row(1) -= a.slopes[s] / table.spacing * b.values[u] * knot;
                        rest.row(2) -= a.values[s] * b.slopes[u] / table.spacing * knot;
                    }
                for (int kind = 0; kind < 3; kind++)
                    rest.row(kind).array() /=
                        (kind == 0 ? scale : slopeScale).segment(first, w.channels).array();
                result.addValues(rest.row(0).array());
                result.addSlopes(rest.bottomRows(2).array());
            }
        }
        return result;
    }

    const PonitaWeights<Real>& w;
    const double range, lowestB; ///< Å, of the attributes
    std::mt19937 random;
    RowMatrix kernels;                    ///< [B][layer, channel]
    RowMatrix samplePlaces;               ///< [samples][a, b]
    RowMatrix samples[3];                 ///< kernels, their derivatives by a and b
    Eigen::RowVectorXd scale, slopeScale; ///< [layer, channel] largest value and slope
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
