#pragma once

#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/storage_observer.h"

namespace engine::storage {

/// What people are told of a file, as far as the file itself knows it.
SstableInfo describeSstable(const SstableReader& sstable);

/// Of each file which share of it newer ones have replaced, estimated: that of its partitions which are in files with newer
/// writes too, by what their Statistics.db counted (as SSTableReader.estimateCompactionGain does). Only where a
/// partition is one row this says something: -1 for each file of a table with clustering columns, and for a file
/// whose Statistics.db does not count.
std::vector<double> replacedShares(const schema::Table& table, const std::vector<std::shared_ptr<const SstableReader>>& sstables);

}  // namespace engine::storage
