// SPDX-License-Identifier: MIT
#include "Vanishing.h"

#include "Identification.h"
#include "Monomials.h"

#include "support/Failure.h"

#include <flint/fmpq.h>
#include <flint/ulong_extras.h>
#include <stdexcept>

namespace equivariant::one_connection_rule {

RingPointer makeCovarianceRing(int n) {
    std::vector<std::string> names;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++)
            names.push_back("s" + std::to_string(i) + (n > 10 ? "x" : "") + std::to_string(j));
    return std::make_shared<Ring>(names);
}

/// A polynomial of one multidegree d takes on sigma_ij = N_ij/(d_i d_j) its value on N over
/// prod d_i^(multidegree of i).
Substitution::Substitution(const MixedGraph& graph) {
    CovarianceFormula formula(graph);
    for (int i = 0; i < graph.n; i++)
        for (int j = i; j < graph.n; j++)
            numerators.push_back(formula.numerator(i, j));
}

bool Substitution::isZero(const Polynomial& polynomial) const {
    return polynomial.substitute(numerators).isZero();
}

namespace {

constexpr double maxMonomials = 2e6;
constexpr int extraPoints = 10;

using Vector = std::vector<unsigned long>; ///< coefficients of the monomials of a block

/// What is sought in one multidegree modulo one prime.
class Search {
public:
    Search(const MixedGraph& graph, unsigned long prime, std::uint64_t seed)
        : graph(graph), prime(prime), seed(seed) {}

    /// A basis of the vanishing combinations of the monomials of a block.
    std::vector<Vector> findKernel(const Block& block) {
        const int rows = block.size() + extraPoints;
        ModularMatrix values(rows, block.size(), prime), basis(block.size(), block.size(), prime);
        for (int row = 0; row < rows; row++) {
            const Vector& sigma = getPoint(row);
            for (int k = 0; k < block.size(); k++)
                values(row, k) = evaluate(block[k], sigma, values.modulus());
        }
        std::vector<Vector> kernel(values.nullspace(basis), Vector(block.size()));
        for (std::size_t k = 0; k < kernel.size(); k++)
            for (int i = 0; i < block.size(); i++)
                kernel[k][i] = basis(i, static_cast<long>(k));
        return kernel;
    }

    long rank(const std::vector<Vector>& vectors) const {
        if (vectors.empty())
            return 0;
        ModularMatrix matrix(static_cast<long>(vectors.size()),
                             static_cast<long>(vectors[0].size()), prime);
        for (std::size_t i = 0; i < vectors.size(); i++)
            for (std::size_t j = 0; j < vectors[i].size(); j++)
                matrix(static_cast<long>(i), static_cast<long>(j)) = vectors[i][j];
        return matrix.rank();
    }

    /// The polynomial of rational coefficients that a vector stands for, made integer.
    Polynomial lift(const Block& block, const Vector& vector, const RingPointer& ring) const {
        std::vector<mpq_class> coefficients;
        mpz_class denominator = 1, divisor = 0;
        for (unsigned long entry : vector) {
            coefficients.push_back(reconstruct(entry));
            denominator = lcm(denominator, coefficients.back().get_den());
        }
        for (mpq_class& coefficient : coefficients) {
            coefficient *= denominator;
            divisor = gcd(divisor, coefficient.get_num());
        }
        Polynomial polynomial(ring);
        for (int k = 0; k < block.size(); k++)
            if (coefficients[k] != 0)
                polynomial.push(coefficients[k] / divisor, block[k]);
        polynomial.finish();
        return polynomial;
    }

    /// Coefficients of an integer polynomial times a monomial.
    Vector multiply(const Polynomial& polynomial, const Exponents& monomial,
                    const Block& block) const {
        Vector vector(block.size(), 0);
        for (const auto& [coefficient, exponents] : polynomial.terms()) {
            Exponents sum = exponents;
            for (std::size_t k = 0; k < sum.size(); k++)
                sum[k] += monomial[k];
            vector[block.find(sum)] = mpz_fdiv_ui(coefficient.get_num_mpz_t(), prime);
        }
        return vector;
    }

private:
    const Vector& getPoint(int index) {
        while (static_cast<int>(points.size()) <= index) {
            support::Random random(seed, points.size());
            const ModularMatrix sigma = drawPoint(graph, prime, random).sigma;
            points.emplace_back();
            for (int i = 0; i < graph.n; i++)
                for (int j = i; j < graph.n; j++)
                    points.back().push_back(sigma(i, j));
        }
        return points[index];
    }

    static unsigned long evaluate(const Exponents& exponents, const Vector& sigma,
                                  const nmod_t& modulus) {
        unsigned long product = 1;
        for (std::size_t k = 0; k < exponents.size(); k++)
            for (unsigned long power = 0; power < exponents[k]; power++)
                product = nmod_mul(product, sigma[k], modulus);
        return product;
    }

    mpq_class reconstruct(unsigned long entry) const {
        fmpq_t rational;
        fmpz_t residue, modulus;
        fmpq_init(rational);
        fmpz_init_set_ui(residue, entry);
        fmpz_init_set_ui(modulus, prime);
        fmpq_reconstruct_fmpz(rational, residue, modulus); // a wrong one does not pass verification
        mpq_class result;
        fmpq_get_mpq(result.get_mpq_t(), rational);
        fmpz_clear(residue);
        fmpz_clear(modulus);
        fmpq_clear(rational);
        return result;
    }

    const MixedGraph& graph;
    unsigned long prime;
    std::uint64_t seed;
    std::vector<Vector> points; ///< covariances i <= j
};

struct Unlucky {};

class IdealFinder {
public:
    IdealFinder(const MixedGraph& graph, const Substitution& substitution, unsigned long prime,
                std::uint64_t seed)
        : n(graph.n), substitution(substitution), ring(makeCovarianceRing(graph.n)),
          search(graph, prime, seed) {}

    void addDegree(int degree) {
        blocks.push_back(makeBlocks(n, degree));
        ideal.dimensions.push_back(0);
        const std::size_t numLower = ideal.generators.size();
        for (const auto& [multidegree, block] : blocks.back()) {
            const std::vector<Vector> kernel = search.findKernel(block);
            ideal.dimensions.back() += static_cast<long>(kernel.size());
            std::vector<Vector> known = multiplesOfGenerators(multidegree, block, degree, numLower);
            long rank = search.rank(known);
            for (const Vector& vector : kernel) {
                if (rank == static_cast<long>(kernel.size()))
                    break;
                known.push_back(vector);
                if (const long with = search.rank(known); with > rank) {
                    rank = with;
                    addGenerator(search.lift(block, vector, ring), degree, multidegree);
                } else {
                    known.pop_back();
                }
            }
        }
    }

    VanishingIdeal ideal;

private:
    std::vector<Vector> multiplesOfGenerators(const Multidegree& multidegree, const Block& block,
                                              int degree, std::size_t numLower) const {
        std::vector<Vector> products;
        for (std::size_t g = 0; g < numLower; g++) {
            Multidegree rest = multidegree;
            for (int i = 0; i < n; i++)
                rest[i] -= multidegrees[g][i];
            const auto& cofactors = blocks[degree - ideal.generators[g].degree - 1];
            const auto place = cofactors.find(rest);
            for (int k = 0; place != cofactors.end() && k < place->second.size(); k++)
                products.push_back(
                    search.multiply(ideal.generators[g].polynomial, place->second[k], block));
        }
        return products;
    }

    void addGenerator(Polynomial polynomial, int degree, const Multidegree& multidegree) {
        if (!substitution.isZero(polynomial))
            throw Unlucky();
        ideal.generators.push_back({std::move(polynomial), degree});
        multidegrees.push_back(multidegree);
    }

    int n;
    const Substitution& substitution;
    RingPointer ring;
    Search search;
    std::vector<std::map<Multidegree, Block>> blocks; ///< [degree - 1]
    std::vector<Multidegree> multidegrees;            ///< [generators]
};

} // namespace

VanishingIdeal findVanishing(const MixedGraph& graph, int maxDegree, std::uint64_t seed) {
    if (maxDegree < 1)
        throw Error("the degree has to be at least 1");
    if (const double count = countMonomials(graph.n, maxDegree); count > maxMonomials)
        throw support::Failure(4, std::to_string(static_cast<long long>(count)) +
                                      " monomials of degree " + std::to_string(maxDegree) +
                                      ", more than two million");
    const Substitution substitution(graph);
    unsigned long prime = 1ul << 61;
    for (int attempt = 0; attempt < 3; attempt++) {
        prime = n_nextprime(prime, 1);
        try {
            IdealFinder finder(graph, substitution, prime, seed);
            for (int degree = 1; degree <= maxDegree; degree++)
                finder.addDegree(degree);
            return std::move(finder.ideal);
        } catch (const Unlucky&) { // the next prime
        }
    }
    throw std::runtime_error("a polynomial that vanishes at random points is not 0");
}

} // namespace equivariant::one_connection_rule
