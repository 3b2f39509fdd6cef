#include "sample_rows.h"

#include "rows_fixture.h"

namespace fuzz {

using namespace engine;

schema::TablePtr sampleTable() {
    static const schema::TablePtr table = rowstest::makeTable();
    return table;
}

const schema::Schema& sampleSchema() {
    static const schema::Schema schema = [] {
        schema::Keyspace keyspace;
        keyspace.name = "ks";
        keyspace.tables[sampleTable()->name] = sampleTable();
        return schema::Schema().with(std::make_shared<const schema::Keyspace>(std::move(keyspace)));
    }();
    return schema;
}

rows::Partition samplePartition(std::uint64_t seed) {
    rowstest::RandomRows random(seed);
    return random.partition(*sampleTable(), static_cast<int>(seed));
}

}  // namespace fuzz
