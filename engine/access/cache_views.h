#pragma once

#include "engine/access/node_access.h"
#include "engine/system/virtual_tables.h"

namespace engine::access {

/// Adds to system_views what the caches of access control hold, which DELETE and TRUNCATE empty (db/virtual/RolesCacheKeysTable
/// and its siblings): roles_cache_keys, credentials_cache_keys, permissions_cache_keys; and those of caches that are not
/// here, empty. `access` may be null: nobody logs in. It outlives the tables.
void addCacheViews(system::NodeVirtualTables& tables, NodeAccess* access);

}  // namespace engine::access
