#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "jobs/job_queue.h"

namespace fadeout::jobs {

/// What a backend keeps of one job.
struct StoredJob {
    Job job;
    std::string idempotency_key;
    std::string token;   ///< of the present lease, or of the one that a cancellation ended; else empty
    Time lease_until{};  ///< while leased
};

/// What each event does to a job: the whole state machine, without I/O, for every backend. A report that is
/// not accepted leaves the job as it was.

/// A queued job. Error(invalid) for an idempotency key that is too long.
StoredJob make_job(const NewJob& request, const std::string& id, Time now);

/// A request with the idempotency key of `known`: Error(unprocessable) unless it is the same request.
void require_same_request(const StoredJob& known, const NewJob& request);

/// Leases a queued job until now + limits.lease.
void on_lease(StoredJob& stored, const std::string& token, const Limits& limits, Time now);
/// A leased job whose lease_until has passed: queued again, due as before, or dead after too many such
/// deaths.
void on_lease_expired(StoredJob& stored, const Limits& limits, Time now);

Report on_heartbeat(StoredJob& stored, std::string_view token, int progress, const Limits& limits, Time now);
Report on_done(StoredJob& stored, std::string_view token, const std::string& result, Time now);
/// `random` is uniform in [0, 1), for the back-off.
Report on_failed(StoredJob& stored, std::string_view token, const std::string& error, const Retry& retry,
                 const Limits& limits, double random, Time now);
Report on_release(StoredJob& stored, std::string_view token, Time now);

void on_cancel(StoredJob& stored, Time now);   ///< Error(conflict) if it has ended
void on_retry(StoredJob& stored, Time now);    ///< Error(conflict) unless it failed, is dead or was cancelled
void on_restart(StoredJob& stored, Time now);  ///< Error(conflict) while it is leased

/// After each of the above, before `changed` is stored: the job to store with it under `id`, where this event
/// has ended it and something follows. No event leads from one ended state to another.
std::optional<StoredJob> follow(StoredJob& changed, const FollowUp& follow_up, const std::string& id,
                                Time now);

/// Error(not_found) and Error(busy), the same words from every backend.
Error no_such_job();
Error queue_is_full();

/// Uniform in [0, 1); thread-safe. Injected into backends, so that tests know the back-off.
using Random = std::function<double()>;
double system_random();

}  // namespace fadeout::jobs
