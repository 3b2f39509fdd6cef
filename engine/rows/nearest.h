#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/rows/index_rules.h"

namespace engine::rows {

/// similarity_function of an index over vectors.
enum class Similarity : std::uint8_t { Cosine, DotProduct, Euclidean };
Similarity similarityOf(const schema::Index& index);

/// Greater is nearer (org.apache.lucene.index.VectorSimilarityFunction).
float similarity(Similarity function, const std::vector<float>& a, const std::vector<float>& b);

/// What no index over vectors takes: NaN, infinity, and of cosines vectors that are all zero
/// (VectorUtil, SAI's VectorValidator).
Result<void> checkVector(Similarity function, const std::vector<float>& vector);

}  // namespace engine::rows
