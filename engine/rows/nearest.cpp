#include "engine/rows/nearest.h"

#include <algorithm>
#include <cmath>

namespace engine::rows {

namespace {

double dot(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    return sum;
}

double squaredDistance(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        sum += difference * difference;
    }
    return sum;
}

}  // namespace

Similarity similarityOf(const schema::Index& index) {
    const auto it = index.options.find("similarity_function");
    std::string name = it == index.options.end() ? "COSINE" : it->second;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name == "EUCLIDEAN" ? Similarity::Euclidean
                               : name == "DOT_PRODUCT" ? Similarity::DotProduct : Similarity::Cosine;
}

float similarity(Similarity function, const std::vector<float>& a, const std::vector<float>& b) {
    switch (function) {
        case Similarity::Cosine: {
            const double lengths = std::sqrt(dot(a, a) * dot(b, b));
            return static_cast<float>((1 + (lengths == 0 ? 0 : dot(a, b) / lengths)) / 2);
        }
        case Similarity::DotProduct: return static_cast<float>((1 + dot(a, b)) / 2);
        case Similarity::Euclidean: return static_cast<float>(1 / (1 + squaredDistance(a, b)));
    }
    return 0;
}

Result<void> checkVector(Similarity function, const std::vector<float>& vector) {
    if (!std::all_of(vector.begin(), vector.end(), [](float f) { return std::isfinite(f); })) {
        return invalid("non-finite value in a vector");
    }
    if (function == Similarity::Cosine &&
        std::all_of(vector.begin(), vector.end(), [](float f) { return f == 0; })) {
        return invalid("Zero and near-zero vectors cannot be indexed or queried with cosine similarity");
    }
    return ok();
}

}  // namespace engine::rows
