#include "engine/storage/storage_observer.h"

namespace engine::storage {

std::string_view toString(FlushReason reason) {
    switch (reason) {
        case FlushReason::CommitLogDirty: return "COMMITLOG_DIRTY";
        case FlushReason::MemtableLimit: return "MEMTABLE_LIMIT";
        case FlushReason::MemtablePeriodExpired: return "MEMTABLE_PERIOD_EXPIRED";
        case FlushReason::UserForced: return "USER_FORCED";
        case FlushReason::Drain: return "DRAIN";
        case FlushReason::Startup: return "STARTUP";
        case FlushReason::Snapshot: return "SNAPSHOT";
        case FlushReason::SchemaChange: return "SCHEMA_CHANGE";
    }
    return "?";
}

}  // namespace engine::storage
