// SPDX-License-Identifier: MIT
//
// Sparse tables of how often the vertices of a pattern can be mapped where: the relational algebra
// behind Homomorphisms.h.
#pragma once

#include "LabelledGraph.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <numeric>

namespace equivariant::wl_motif_dimension {

__extension__ using Wide = unsigned __int128;

/// A row is the images of the vertices, one after the other, in as many bits as any image takes.
template <class Count> struct Relation {
    struct Row {
        Wide images;
        Count count;
    };
    std::vector<int> vertices; ///< ascending
    std::vector<Row> rows;     ///< each combination of images once, counts not 0
};

/// Bits of one image among those of a row.
class Packing {
public:
    explicit Packing(int numImages) {
        while (numImages > 1 && (numImages - 1) >> width)
            width++;
    }

    int get(Wide images, std::size_t place) const {
        return static_cast<int>(images >> (place * width)) & ((1 << width) - 1);
    }
    Wide put(int image, std::size_t place) const { return Wide(image) << (place * width); }

    /// Throws Error if rows of so many images do not fit.
    void check(std::size_t numVertices) const {
        if (numVertices * width > 128)
            throw Error("the pattern is too wide for a graph of this size");
    }

    /// The images at some places, packed.
    Wide select(Wide images, const std::vector<std::size_t>& places) const {
        Wide selected = 0;
        for (std::size_t k = 0; k < places.size(); k++)
            selected |= put(get(images, places[k]), k);
        return selected;
    }

private:
    int width = 1;
};

/// Places of those of `wanted` in `vertices`. Requires: they are there.
inline std::vector<std::size_t> findPlaces(const std::vector<int>& vertices,
                                           const std::vector<int>& wanted) {
    std::vector<std::size_t> places;
    for (int v : wanted)
        places.push_back(std::lower_bound(vertices.begin(), vertices.end(), v) - vertices.begin());
    return places;
}

/// Throws Error if a table would take more than about 4 GB.
inline void checkRows(std::size_t rows) {
    if (rows > std::size_t(1) << 27)
        throw Error("counting needs a table of more than 2^27 rows; the graph is too large for a "
                    "pattern of this treewidth");
}

/// Rows that agree in all common vertices, their counts multiplied.
template <class Count>
Relation<Count> join(const Relation<Count>& a, const Relation<Count>& b, const Packing& packing) {
    Relation<Count> result;
    std::set_union(a.vertices.begin(), a.vertices.end(), b.vertices.begin(), b.vertices.end(),
                   std::back_inserter(result.vertices));
    packing.check(result.vertices.size());
    std::vector<int> common, fresh;
    std::set_intersection(a.vertices.begin(), a.vertices.end(), b.vertices.begin(),
                          b.vertices.end(), std::back_inserter(common));
    std::set_difference(b.vertices.begin(), b.vertices.end(), a.vertices.begin(), a.vertices.end(),
                        std::back_inserter(fresh));
    const auto inA = findPlaces(a.vertices, common), inB = findPlaces(b.vertices, common),
               freshInB = findPlaces(b.vertices, fresh);
    std::vector<std::pair<Wide, std::size_t>> index(b.rows.size());
    for (std::size_t k = 0; k < index.size(); k++)
        index[k] = {packing.select(b.rows[k].images, inB), k};
    std::sort(index.begin(), index.end());

    const auto fromA = findPlaces(result.vertices, a.vertices),
               fromB = findPlaces(result.vertices, fresh);
    for (const auto& row : a.rows) {
        const Wide key = packing.select(row.images, inA);
        Wide images = 0;
        for (std::size_t k = 0; k < fromA.size(); k++)
            images |= packing.put(packing.get(row.images, k), fromA[k]);
        for (auto place =
                 std::lower_bound(index.begin(), index.end(), std::pair(key, std::size_t(0)));
             place != index.end() && place->first == key; ++place) {
            const auto& other = b.rows[place->second];
            Wide both = images;
            for (std::size_t k = 0; k < fromB.size(); k++)
                both |= packing.put(packing.get(other.images, freshInB[k]), fromB[k]);
            result.rows.push_back({both, row.count * other.count});
        }
        checkRows(result.rows.size());
    }
    return result;
}

/// Sums over all images of a vertex.
template <class Count>
Relation<Count> sumOut(Relation<Count> relation, int vertex, const Packing& packing) {
    std::vector<int> rest;
    for (int v : relation.vertices)
        if (v != vertex)
            rest.push_back(v);
    const auto places = findPlaces(relation.vertices, rest);
    for (auto& row : relation.rows)
        row.images = packing.select(row.images, places);
    std::sort(relation.rows.begin(), relation.rows.end(),
              [](const auto& a, const auto& b) { return a.images < b.images; });
    std::size_t last = 0;
    for (std::size_t k = 1; k < relation.rows.size(); k++)
        if (relation.rows[k].images == relation.rows[last].images)
            relation.rows[last].count = relation.rows[last].count + relation.rows[k].count;
        else
            relation.rows[++last] = relation.rows[k];
    if (!relation.rows.empty())
        relation.rows.erase(relation.rows.begin() + static_cast<std::ptrdiff_t>(last) + 1,
                            relation.rows.end());
    relation.vertices = rest;
    return relation;
}

} // namespace equivariant::wl_motif_dimension
