#include "jobs/memory/memory_job_queue.h"

#include <algorithm>
#include <tuple>

#include "base/ids.h"
#include "jobs/page.h"

namespace fadeout::jobs {

StoredJob* MemoryJobQueue::find(const std::string& id) {
    const auto found =
        std::ranges::find_if(jobs_, [&](const auto& entry) { return entry.second.job.id == id; });
    return found == jobs_.end() ? nullptr : &found->second;
}

/// The leased job whose lease ran out first.
StoredJob* MemoryJobQueue::find_expired(Time now) {
    StoredJob* first = nullptr;
    for (auto& [order, stored] : jobs_)
        if (stored.job.state == State::leased && stored.lease_until <= now &&
            (!first || stored.lease_until < first->lease_until))
            first = &stored;
    return first;
}

void MemoryJobQueue::add_follow_up(StoredJob& changed) {
    if (const auto next = follow(changed, follow_up_, make_uuid(), clock_.now()))
        jobs_.emplace(next_++, *next);
}

Job MemoryJobQueue::enqueue(const NewJob& request) {
    const StoredJob made = make_job(request, make_uuid(), clock_.now());
    std::lock_guard lock(mutex_);
    std::size_t queued = 0;
    for (const auto& [order, stored] : jobs_) {
        if (!request.idempotency_key.empty() && stored.idempotency_key == request.idempotency_key) {
            require_same_request(stored, request);
            return stored.job;
        }
        queued += stored.job.state == State::queued;
    }
    if (queued >= limits_.queued) throw queue_is_full();
    return jobs_.emplace(next_++, made).first->second.job;
}

std::optional<Lease> MemoryJobQueue::lease(const std::vector<std::string>& types) {
    std::lock_guard lock(mutex_);
    const Time now = clock_.now();
    while (StoredJob* expired = find_expired(now)) {
        on_lease_expired(*expired, limits_, now);
        add_follow_up(*expired);
    }
    StoredJob* oldest = nullptr;
    for (auto& [order, stored] : jobs_) {
        Job& job = stored.job;
        if (job.state != State::queued || job.run_at > now) continue;
        if (!types.empty() && std::ranges::find(types, job.type) == types.end()) continue;
        if (!oldest || job.run_at < oldest->job.run_at) oldest = &stored;
    }
    if (!oldest) return std::nullopt;
    on_lease(*oldest, make_uuid(), limits_, now);
    return Lease{oldest->job, oldest->token, oldest->lease_until};
}

template <class Event>
Report MemoryJobQueue::report(const std::string& id, Event event) {
    std::lock_guard lock(mutex_);
    StoredJob* stored = find(id);
    if (!stored) return Report::lost;
    const Report report = event(*stored, clock_.now());
    if (report == Report::accepted) add_follow_up(*stored);
    return report;
}

Report MemoryJobQueue::heartbeat(const std::string& id, const std::string& token, int progress) {
    return report(id, [&](StoredJob& s, Time now) { return on_heartbeat(s, token, progress, limits_, now); });
}

Report MemoryJobQueue::done(const std::string& id, const std::string& token, const std::string& result) {
    return report(id, [&](StoredJob& s, Time now) { return on_done(s, token, result, now); });
}

Report MemoryJobQueue::failed(const std::string& id, const std::string& token, const std::string& error,
                              const Retry& retry) {
    return report(id, [&](StoredJob& s, Time now) {
        return on_failed(s, token, error, retry, limits_, random_(), now);
    });
}

Report MemoryJobQueue::release(const std::string& id, const std::string& token) {
    return report(id, [&](StoredJob& s, Time now) { return on_release(s, token, now); });
}

template <class Event>
Job MemoryJobQueue::change(const std::string& id, Event event) {
    std::lock_guard lock(mutex_);
    StoredJob* stored = find(id);
    if (!stored) throw no_such_job();
    event(*stored, clock_.now());
    add_follow_up(*stored);
    return stored->job;
}

Job MemoryJobQueue::cancel(const std::string& id) {
    return change(id, on_cancel);
}
Job MemoryJobQueue::retry(const std::string& id) {
    return change(id, on_retry);
}
Job MemoryJobQueue::restart(const std::string& id) {
    return change(id, on_restart);
}

std::optional<Job> MemoryJobQueue::get(const std::string& id) {
    std::lock_guard lock(mutex_);
    const StoredJob* stored = find(id);
    return stored ? std::optional(stored->job) : std::nullopt;
}

JobPage MemoryJobQueue::list(const JobFilter& filter, std::string_view cursor, std::size_t limit) {
    const auto position = [](const Job& job) { return std::tie(job.created_at, job.id); };
    std::optional<Cursor> after;
    if (!cursor.empty()) after = parse_cursor(cursor);
    std::lock_guard lock(mutex_);
    std::vector<const Job*> found;
    for (const auto& [order, stored] : jobs_) {
        const Job& job = stored.job;
        if (filter.state && job.state != *filter.state) continue;
        if (!filter.type.empty() && job.type != filter.type) continue;
        if (after && position(job) >= std::tie(after->created_at, after->id)) continue;
        found.push_back(&job);
    }
    std::ranges::sort(found, [&](const Job* a, const Job* b) { return position(*a) > position(*b); });
    PageBuilder page(limit);
    for (const Job* job : found)
        if (!page.add(*job)) break;
    return page.take();
}

std::map<State, std::size_t> MemoryJobQueue::counts() {
    std::lock_guard lock(mutex_);
    std::map<State, std::size_t> counts;
    for (const auto& [order, stored] : jobs_) ++counts[stored.job.state];
    return counts;
}

std::size_t MemoryJobQueue::remove_ended(Time older_than, std::size_t limit) {
    std::lock_guard lock(mutex_);
    std::vector<std::pair<Time, std::uint64_t>> ended;
    for (const auto& [order, stored] : jobs_)
        if (is_ended(stored.job.state) && stored.job.updated_at < older_than)
            ended.emplace_back(stored.job.updated_at, order);
    std::ranges::sort(ended);
    ended.resize(std::min(ended.size(), limit));
    for (const auto& [updated_at, order] : ended) jobs_.erase(order);
    return ended.size();
}

bool MemoryJobQueue::change_tenure(const std::string& name, const TenureChange& change) {
    std::lock_guard lock(mutex_);
    return change(tenures_[name]);
}

}  // namespace fadeout::jobs
