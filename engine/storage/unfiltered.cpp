#include "engine/storage/unfiltered.h"

namespace engine::storage {

const std::vector<rows::Slice>& allRows() {
    static const std::vector<rows::Slice> kAll{rows::Slice{}};
    return kAll;
}

}  // namespace engine::storage
