#include "jobs/sqlite/rows.h"

#include <limits>

#include "jobs/sqlite/statements.h"

namespace fadeout::jobs {

namespace {

std::int64_t milliseconds(Time t) {
    return t.time_since_epoch().count();
}
Time to_time(std::int64_t value) {
    return Time(Duration(value));
}

StoredJob read_job(sqlite::Query& row) {
    StoredJob s;
    s.job.id = row.text(0);
    s.job.type = row.text(1);
    s.job.state = parse_state(row.text(2)).value();
    s.job.progress = static_cast<int>(row.integer(3));
    s.job.attempts = static_cast<int>(row.integer(4));
    s.job.process_deaths = static_cast<int>(row.integer(5));
    s.job.created_at = to_time(row.integer(6));
    s.job.updated_at = to_time(row.integer(7));
    s.job.run_at = to_time(row.integer(8));
    s.idempotency_key = row.text(9);
    s.token = row.text(10);
    s.lease_until = to_time(row.integer(11));
    s.job.error = row.text(12);
    s.job.result = row.text(13);
    s.job.payload = row.text(14);
    s.job.follow_up = row.text(15);
    s.job.failures = static_cast<int>(row.integer(16));
    return s;
}

template <class... Values>
std::optional<StoredJob> load(sqlite::Connection& connection, const std::string& sql,
                              const Values&... values) {
    sqlite::Query row = connection.query(sql, values...);
    if (!row.next()) return std::nullopt;
    return read_job(row);
}

struct DueJob {
    std::int64_t run_at = 0;
    std::int64_t seq = 0;
    auto operator<=>(const DueJob&) const = default;
};

std::optional<DueJob> find_longest_due(sqlite::Connection& connection, const std::vector<std::string>& types,
                                       Time now) {
    std::optional<DueJob> best;
    const auto consider = [&best](sqlite::Query&& row) {
        if (!row.next()) return;
        const DueJob found{row.integer(0), row.integer(1)};
        if (!best || found < *best) best = found;
    };
    if (types.empty()) consider(connection.query(statements::longest_due, milliseconds(now)));
    for (const std::string& type : types)
        consider(connection.query(statements::longest_due_of_type, type, milliseconds(now)));
    return best;
}

}  // namespace

std::optional<StoredJob> load_by_id(sqlite::Connection& connection, const std::string& id) {
    return load(connection, statements::select_by_id, id);
}

std::optional<StoredJob> load_by_idempotency_key(sqlite::Connection& connection, const std::string& key) {
    return load(connection, statements::select_by_key, key);
}

void insert(sqlite::Connection& connection, const StoredJob& s) {
    connection.execute(statements::insert, s.job.id, s.job.type, name(s.job.state), s.job.progress,
                       s.job.attempts, s.job.process_deaths, milliseconds(s.job.created_at),
                       milliseconds(s.job.updated_at), milliseconds(s.job.run_at), s.idempotency_key, s.token,
                       milliseconds(s.lease_until), s.job.error, s.job.result, s.job.payload, s.job.follow_up,
                       s.job.failures);
}

void update(sqlite::Connection& connection, const StoredJob& s) {
    connection.execute(statements::update, name(s.job.state), s.job.progress, s.job.attempts,
                       s.job.process_deaths, milliseconds(s.job.updated_at), milliseconds(s.job.run_at),
                       s.token, milliseconds(s.lease_until), s.job.error, s.job.result, s.job.follow_up,
                       s.job.failures, s.job.id);
}

std::optional<StoredJob> load_longest_due(sqlite::Connection& connection,
                                          const std::vector<std::string>& types, Time now) {
    const std::optional<DueJob> found = find_longest_due(connection, types, now);
    return found ? load(connection, statements::select_by_seq, found->seq) : std::nullopt;
}

bool has_due(sqlite::Connection& connection, const std::vector<std::string>& types, Time now) {
    return find_longest_due(connection, types, now).has_value();
}

std::optional<StoredJob> load_expired(sqlite::Connection& connection, Time now) {
    return load(connection, statements::select_expired, milliseconds(now));
}

bool has_expired(sqlite::Connection& connection, Time now) {
    return connection.query(statements::any_expired, milliseconds(now)).next();
}

JobPage load_page(sqlite::Connection& connection, const JobFilter& filter, const std::optional<Cursor>& after,
                  std::size_t limit) {
    const bool by_type = !filter.type.empty();
    const std::string& sql = filter.state ? (by_type ? statements::page_by_both : statements::page_by_state)
                                          : (by_type ? statements::page_by_type : statements::page);
    sqlite::Query row =
        connection.query(sql, filter.state ? name(*filter.state) : std::string_view(), filter.type,
                         after ? milliseconds(after->created_at) : std::numeric_limits<std::int64_t>::max(),
                         after ? after->id : std::string());
    PageBuilder builder(limit);
    while (row.next() && builder.add(read_job(row).job)) {
    }
    return builder.take();
}

std::size_t count(sqlite::Connection& connection, State state) {
    sqlite::Query row = connection.query(statements::count, name(state));
    row.next();
    return static_cast<std::size_t>(row.integer(0));
}

std::size_t remove_ended_rows(sqlite::Connection& connection, Time older_than, std::size_t limit) {
    return static_cast<std::size_t>(
        connection.execute(statements::remove_ended, milliseconds(older_than), limit));
}

Tenure load_tenure(sqlite::Connection& connection, const std::string& name) {
    sqlite::Query row = connection.query(statements::select_tenure, name);
    if (!row.next()) return {};
    return {.holder = row.text(0), .term = row.integer(1), .until = to_time(row.integer(2))};
}

void store_tenure(sqlite::Connection& connection, const std::string& name, const Tenure& tenure) {
    connection.execute(statements::store_tenure, name, tenure.holder, tenure.term,
                       milliseconds(tenure.until));
}

}  // namespace fadeout::jobs
