#include "jobs/transitions.h"

#include <algorithm>
#include <cstdint>

#include "base/ids.h"

namespace fadeout::jobs {

namespace {

Report check_report(const StoredJob& stored, std::string_view token) {
    if (token.empty() || stored.token != token) return Report::lost;
    if (stored.job.state == State::leased) return Report::accepted;
    return stored.job.state == State::cancelled ? Report::cancelled : Report::lost;
}

void move_to(StoredJob& stored, State state, Time now) {
    stored.job.state = state;
    stored.job.updated_at = now;
    if (state != State::leased) stored.lease_until = Time{};
    if (state != State::leased && state != State::cancelled) stored.token.clear();
}

void queue_afresh(StoredJob& stored, Time now) {
    stored.job.attempts = stored.job.process_deaths = stored.job.failures = stored.job.progress = 0;
    stored.job.result.clear();
    stored.job.error.clear();
    stored.job.run_at = now;
    move_to(stored, State::queued, now);
}

/// How many attempts failed by a schedule, the present one included. They are what the other counts leave: so
/// they are right also for a job of before `failures` was stored, which is then 0 and counts none against
/// Limits. An older node sets back `attempts` alone: hence at least the present one.
int scheduled_failures(const Job& job) {
    return std::max(1, job.attempts - job.process_deaths - job.failures);
}

std::string ended_already(const Job& job) {
    return "The job has ended already: it is " + std::string(name(job.state)) + ".";
}

}  // namespace

StoredJob make_job(const NewJob& request, const std::string& id, Time now) {
    if (request.idempotency_key.size() > max_idempotency_key_bytes)
        throw Error(ErrorKind::invalid, "The idempotency key must have at most " +
                                            std::to_string(max_idempotency_key_bytes) + " bytes.");
    StoredJob stored;
    stored.job.id = id;
    stored.job.type = request.type;
    stored.job.payload = request.payload;
    stored.job.created_at = stored.job.updated_at = now;
    stored.job.run_at = request.run_at.value_or(now);
    stored.idempotency_key = request.idempotency_key;
    return stored;
}

void require_same_request(const StoredJob& known, const NewJob& request) {
    if (known.job.type != request.type || known.job.payload != request.payload)
        throw Error(
            ErrorKind::unprocessable,
            "This idempotency key was used for a different request. Take a new key for a new request.");
}

void on_lease(StoredJob& stored, const std::string& token, const Limits& limits, Time now) {
    move_to(stored, State::leased, now);
    ++stored.job.attempts;
    stored.job.progress = 0;
    stored.token = token;
    stored.lease_until = now + limits.lease;
}

void on_lease_expired(StoredJob& stored, const Limits& limits, Time now) {
    ++stored.job.process_deaths;
    stored.job.error = "The process that ran the job ended or stood still.";
    move_to(stored, stored.job.process_deaths >= limits.process_deaths ? State::dead : State::queued, now);
}

Report on_heartbeat(StoredJob& stored, std::string_view token, int progress, const Limits& limits, Time now) {
    const Report report = check_report(stored, token);
    if (report != Report::accepted) return report;
    stored.job.progress = std::clamp(progress, 0, 100);
    stored.job.updated_at = now;
    stored.lease_until = now + limits.lease;
    return report;
}

Report on_done(StoredJob& stored, std::string_view token, const std::string& result, Time now) {
    const Report report = check_report(stored, token);
    if (report != Report::accepted) return report;
    stored.job.progress = 100;
    stored.job.result = result;
    stored.job.error.clear();
    move_to(stored, State::done, now);
    return report;
}

Report on_failed(StoredJob& stored, std::string_view token, const std::string& error, const Retry& retry,
                 const Limits& limits, double random, Time now) {
    const Report report = check_report(stored, token);
    if (report != Report::accepted) return report;
    stored.job.error = error;
    const bool scheduled = !retry.delays.empty();
    if (!scheduled) ++stored.job.failures;
    const int count = scheduled ? scheduled_failures(stored.job) : stored.job.failures;
    const int attempts = scheduled ? static_cast<int>(retry.delays.size()) + 1 : limits.attempts;
    if (!retry.wanted) {
        move_to(stored, State::failed, now);
    } else if (count >= attempts) {
        move_to(stored, State::dead, now);
    } else {
        move_to(stored, State::queued, now);
        const Duration delay = scheduled ? retry.delays[count - 1] : backoff(limits, count, random);
        stored.job.run_at = now + std::max(delay, retry.at_least);
    }
    return report;
}

Report on_release(StoredJob& stored, std::string_view token, Time now) {
    const Report report = check_report(stored, token);
    if (report != Report::accepted) return report;
    --stored.job.attempts;
    stored.job.progress = 0;
    move_to(stored, State::queued, now);
    return report;
}

void on_cancel(StoredJob& stored, Time now) {
    if (is_ended(stored.job.state)) throw Error(ErrorKind::conflict, ended_already(stored.job));
    move_to(stored, State::cancelled, now);
}

void on_retry(StoredJob& stored, Time now) {
    if (!is_ended(stored.job.state))
        throw Error(ErrorKind::conflict,
                    "The job has not ended: it is " + std::string(name(stored.job.state)) + ".");
    if (stored.job.state == State::done) throw Error(ErrorKind::conflict, ended_already(stored.job));
    queue_afresh(stored, now);
}

void on_restart(StoredJob& stored, Time now) {
    if (stored.job.state == State::leased)
        throw Error(ErrorKind::conflict, "The job runs at this moment. Wait until it has ended.");
    queue_afresh(stored, now);
}

std::optional<StoredJob> follow(StoredJob& changed, const FollowUp& follow_up, const std::string& id,
                                Time now) {
    if (!follow_up || !is_ended(changed.job.state)) return std::nullopt;
    const std::optional<NewJob> next = follow_up(changed.job);
    if (!next) return std::nullopt;
    changed.job.follow_up = id;
    return make_job(*next, id, now);
}

Error no_such_job() {
    return {ErrorKind::not_found, "There is no job of this id."};
}

Error queue_is_full() {
    return {ErrorKind::busy, "Too many jobs are waiting. Try again later."};
}

double system_random() {
    std::uint64_t bits = 0;
    random_bytes({reinterpret_cast<unsigned char*>(&bits), sizeof bits});
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace fadeout::jobs
