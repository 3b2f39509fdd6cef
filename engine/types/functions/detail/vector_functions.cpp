#include <cmath>

#include "engine/types/functions/detail/registry.h"

namespace engine::types::detail {
namespace {

using Similarity = Result<float> (*)(const std::vector<float>&, const std::vector<float>&);

float dot(const std::vector<float>& a, const std::vector<float>& b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

bool allZero(const std::vector<float>& v) {
    return std::all_of(v.begin(), v.end(), [](float x) { return x == 0; });
}

Result<float> cosine(const std::vector<float>& a, const std::vector<float>& b) {
    if (allZero(a) || allZero(b)) {
        return invalid("Function system.similarity_cosine doesn't support all-zero vectors.");
    }
    const float cosineOfAngle =
        static_cast<float>(dot(a, b) / std::sqrt(static_cast<double>(dot(a, a)) * dot(b, b)));
    return (1 + cosineOfAngle) / 2;
}

Result<float> euclidean(const std::vector<float>& a, const std::vector<float>& b) {
    float squared = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        squared += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return 1 / (1 + squared);
}

Result<float> dotProduct(const std::vector<float>& a, const std::vector<float>& b) {
    return (1 + dot(a, b)) / 2;
}

void addSimilarity(Registry& registry, const std::string& name, Similarity similarity) {
    const auto make = [name, similarity](const std::vector<TypePtr>& types,
                                         const TypePtr&) -> Result<FunctionPtr> {
        if (types[0]->dimension() != types[1]->dimension()) {
            return invalid("All arguments must have the same vector dimensions");
        }
        const Body body = [similarity](const FunctionContext&,
                                       Arguments arguments) -> Result<Value> {
            if (arguments[0]->empty() || arguments[1]->empty()) {
                return Value();
            }
            TRY_ASSIGN(const float value, similarity(decodeFloatVector(*arguments[0]),
                                                     decodeFloatVector(*arguments[1])));
            return Value(encodeFloat(value));
        };
        return scalar(name, types, float32(), body);
    };
    registry.add(name, {sameAs(1, false, floatVector()), sameAs(0, false, floatVector())}, make);
}

}  // namespace

void addVectorFunctions(Registry& registry) {
    addSimilarity(registry, "similarity_cosine", cosine);
    addSimilarity(registry, "similarity_euclidean", euclidean);
    addSimilarity(registry, "similarity_dot_product", dotProduct);
}

}  // namespace engine::types::detail
