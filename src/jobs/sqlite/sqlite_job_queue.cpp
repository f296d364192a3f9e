#include "jobs/sqlite/sqlite_job_queue.h"

#include <algorithm>

#include "base/ids.h"
#include "jobs/page.h"
#include "jobs/sqlite/rows.h"
#include "jobs/sqlite/schema.h"

namespace fadeout::jobs {

namespace {

/// What one transaction does at most, so that no other process waits for long.
constexpr int max_expired_at_once = 100;
constexpr std::size_t max_removed_at_once = 500;

}  // namespace

SqliteJobQueue::SqliteJobQueue(const std::string& path, const Clock& clock, Limits limits, Random random,
                               FollowUp follow_up)
    : clock_(clock),
      limits_(limits),
      random_(std::move(random)),
      follow_up_(std::move(follow_up)),
      database_(path, "jobs", migrations) {}

void SqliteJobQueue::store(sqlite::Connection& connection, StoredJob& changed) {
    if (const auto next = follow(changed, follow_up_, make_uuid(), clock_.now())) insert(connection, *next);
    update(connection, changed);
}

Job SqliteJobQueue::enqueue(const NewJob& request) {
    const StoredJob made = make_job(request, make_uuid(), clock_.now());
    return database_.write([&](sqlite::Connection& connection) {
        if (!request.idempotency_key.empty()) {
            if (const auto known = load_by_idempotency_key(connection, request.idempotency_key)) {
                require_same_request(*known, request);
                return known->job;
            }
        }
        if (count(connection, State::queued) >= limits_.queued) throw queue_is_full();
        insert(connection, made);
        return made.job;
    });
}

std::optional<Lease> SqliteJobQueue::lease(const std::vector<std::string>& types) {
    const bool worth_writing = database_.read([&](sqlite::Connection& connection) {
        const Time now = clock_.now();
        return has_expired(connection, now) || has_due(connection, types, now);
    });
    if (!worth_writing) return std::nullopt;
    return database_.write([&](sqlite::Connection& connection) -> std::optional<Lease> {
        const Time now = clock_.now();
        for (int i = 0; i < max_expired_at_once; ++i) {
            std::optional<StoredJob> expired = load_expired(connection, now);
            if (!expired) break;
            on_lease_expired(*expired, limits_, now);
            store(connection, *expired);
        }
        std::optional<StoredJob> stored = load_longest_due(connection, types, now);
        if (!stored) return std::nullopt;
        on_lease(*stored, make_uuid(), limits_, now);
        update(connection, *stored);
        return Lease{std::move(stored->job), std::move(stored->token), stored->lease_until};
    });
}

template <class Event>
Report SqliteJobQueue::report(const std::string& id, Event event) {
    return database_.write([&](sqlite::Connection& connection) {
        std::optional<StoredJob> stored = load_by_id(connection, id);
        if (!stored) return Report::lost;
        const Report report = event(*stored, clock_.now());
        if (report == Report::accepted) store(connection, *stored);
        return report;
    });
}

Report SqliteJobQueue::heartbeat(const std::string& id, const std::string& token, int progress) {
    return report(id, [&](StoredJob& s, Time now) { return on_heartbeat(s, token, progress, limits_, now); });
}

Report SqliteJobQueue::done(const std::string& id, const std::string& token, const std::string& result) {
    return report(id, [&](StoredJob& s, Time now) { return on_done(s, token, result, now); });
}

Report SqliteJobQueue::failed(const std::string& id, const std::string& token, const std::string& error,
                              const Retry& retry) {
    return report(id, [&](StoredJob& s, Time now) {
        return on_failed(s, token, error, retry, limits_, random_(), now);
    });
}

Report SqliteJobQueue::release(const std::string& id, const std::string& token) {
    return report(id, [&](StoredJob& s, Time now) { return on_release(s, token, now); });
}

template <class Event>
Job SqliteJobQueue::change(const std::string& id, Event event) {
    return database_.write([&](sqlite::Connection& connection) {
        std::optional<StoredJob> stored = load_by_id(connection, id);
        if (!stored) throw no_such_job();
        event(*stored, clock_.now());
        store(connection, *stored);
        return std::move(stored->job);
    });
}

Job SqliteJobQueue::cancel(const std::string& id) {
    return change(id, on_cancel);
}
Job SqliteJobQueue::retry(const std::string& id) {
    return change(id, on_retry);
}
Job SqliteJobQueue::restart(const std::string& id) {
    return change(id, on_restart);
}

std::optional<Job> SqliteJobQueue::get(const std::string& id) {
    return database_.read([&](sqlite::Connection& connection) -> std::optional<Job> {
        std::optional<StoredJob> stored = load_by_id(connection, id);
        if (!stored) return std::nullopt;
        return std::move(stored->job);
    });
}

JobPage SqliteJobQueue::list(const JobFilter& filter, std::string_view cursor, std::size_t limit) {
    std::optional<Cursor> after;
    if (!cursor.empty()) after = parse_cursor(cursor);
    return database_.read(
        [&](sqlite::Connection& connection) { return load_page(connection, filter, after, limit); });
}

std::map<State, std::size_t> SqliteJobQueue::counts() {
    return database_.read([](sqlite::Connection& connection) {
        std::map<State, std::size_t> counts;
        for (const State state : all_states)
            if (const std::size_t n = count(connection, state)) counts[state] = n;
        return counts;
    });
}

std::size_t SqliteJobQueue::remove_ended(Time older_than, std::size_t limit) {
    std::size_t removed = 0;
    while (removed < limit) {
        const std::size_t wanted = std::min(limit - removed, max_removed_at_once);
        const std::size_t now_removed = database_.write([&](sqlite::Connection& connection) {
            return remove_ended_rows(connection, older_than, wanted);
        });
        removed += now_removed;
        if (now_removed < wanted) break;
    }
    return removed;
}

bool SqliteJobQueue::change_tenure(const std::string& name, const TenureChange& change) {
    return database_.write([&](sqlite::Connection& connection) {
        Tenure tenure = load_tenure(connection, name);
        const bool changed = change(tenure);
        if (changed) store_tenure(connection, name, tenure);
        return changed;
    });
}

}  // namespace fadeout::jobs
