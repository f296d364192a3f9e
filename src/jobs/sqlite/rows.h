#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jobs/page.h"
#include "jobs/transitions.h"
#include "sqlite/connection.h"

namespace fadeout::jobs {

/// The statements of the tables of jobs and of tenures. Each takes a connection inside a read or write of
/// sqlite::Database.

std::optional<StoredJob> load_by_id(sqlite::Connection& connection, const std::string& id);
std::optional<StoredJob> load_by_idempotency_key(sqlite::Connection& connection, const std::string& key);
void insert(sqlite::Connection& connection, const StoredJob& stored);
void update(sqlite::Connection& connection, const StoredJob& stored);  ///< everything but what never changes

/// The queued job of one of `types` (empty: any) that has been due longest.
std::optional<StoredJob> load_longest_due(sqlite::Connection& connection,
                                          const std::vector<std::string>& types, Time now);
bool has_due(sqlite::Connection& connection, const std::vector<std::string>& types, Time now);
/// The leased job whose lease ran out first.
std::optional<StoredJob> load_expired(sqlite::Connection& connection, Time now);
bool has_expired(sqlite::Connection& connection, Time now);

JobPage load_page(sqlite::Connection& connection, const JobFilter& filter, const std::optional<Cursor>& after,
                  std::size_t limit);
std::size_t count(sqlite::Connection& connection, State state);
std::size_t remove_ended_rows(sqlite::Connection& connection, Time older_than, std::size_t limit);

Tenure load_tenure(sqlite::Connection& connection, const std::string& name);
void store_tenure(sqlite::Connection& connection, const std::string& name, const Tenure& tenure);

}  // namespace fadeout::jobs
