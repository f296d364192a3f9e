#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "jobs/job_state.h"
#include "jobs/tenure.h"

namespace fadeout::jobs {

struct Job {
    std::string id;       ///< UUID
    std::string type;     ///< "transcode", "speak", "cleanup", ...
    std::string payload;  ///< the request, a JSON object
    State state = State::queued;
    int progress = 0;        ///< per cent
    int attempts = 0;        ///< leases taken, the present one included
    int process_deaths = 0;  ///< leases that ran out without a word
    int failures = 0;  ///< failed attempts that Limits::attempts bounds: not those that Retry::delays bound
    Time created_at, updated_at, run_at;
    std::string result;     ///< a JSON value; empty unless done
    std::string error;      ///< public message of the last failure; empty if there was none
    std::string follow_up;  ///< id of the job that the last end of this one queued; empty: none
};

struct NewJob {
    std::string type;
    std::string payload;
    std::optional<Time> run_at;  ///< not before then; nothing: at once
    std::string
        idempotency_key;  ///< empty: none. Remembered as long as the job is; Error(invalid) if too long.
};

/// Tells which job is queued when one ends (done, failed, dead or cancelled): by the same write, so that
/// neither is ever seen without the other. Limits::queued does not hold it back. A backend is made with it.
/// Pure; must not throw; called with the queue's locks held.
using FollowUp = std::function<std::optional<NewJob>(const Job& ended)>;

/// What becomes of a job whose attempt failed. Implicit, since most know no more than a yes or no.
struct Retry {
    Retry(bool another_attempt, std::vector<Duration> scheduled = {})
        : wanted(another_attempt), delays(std::move(scheduled)) {}

    bool wanted;  ///< false: failed for good
    /// After the first, second, ... failure that has such a schedule; after one more the job is dead. Empty:
    /// back-off and retry limit as Limits say. The two kinds are counted apart: an outage that is waited out
    /// by a schedule uses up none of Limits::attempts, nor do these shorten the schedule.
    std::vector<Duration> delays;
    Duration at_least{0};  ///< before the next attempt, whatever the others say
};

/// A job that this worker holds until `lease_until`. The token tells this lease from an earlier one of the
/// same job: every report carries it, and a report with an outdated token changes nothing.
struct Lease {
    Job job;
    std::string token;
    Time lease_until;
};

enum class Report {
    accepted,
    cancelled,  ///< somebody cancelled the job: stop working on it
    lost,       ///< the lease ran out and was taken away, or belongs to another worker: drop the result
};

struct JobFilter {
    std::optional<State> state;
    std::string type;  ///< empty: any
};

constexpr std::size_t max_page_jobs = 1'000;
constexpr std::size_t max_page_bytes = 4 << 20;  ///< of payloads and results: a page ends early past that
constexpr std::size_t max_idempotency_key_bytes = 255;

struct JobPage {
    std::vector<Job> jobs;  ///< newest first
    std::optional<std::string> next;
};

/// Durable jobs. Thread-safe; calls block. What enqueue() returned survives a crash and loss of power. At
/// least once: a job whose worker dies is leased again when its lease has run out. What state follows which
/// event is decided in transitions.h, the same for every backend. Errors: unavailable, storage_full,
/// internal.
class JobQueue {
  public:
    virtual ~JobQueue() = default;

    /// With an idempotency key that is known: the job of that key if type and payload are the same, otherwise
    /// Error(unprocessable). When Limits::queued jobs wait: Error(busy).
    virtual Job enqueue(const NewJob& job) = 0;

    /// The due job that has waited longest, whose type is in `types` (empty: any), or nothing. Leases that
    /// ran out count as due.
    virtual std::optional<Lease> lease(const std::vector<std::string>& types) = 0;

    /// Prolongs the lease by Limits::lease from now and stores the progress.
    virtual Report heartbeat(const std::string& id, const std::string& token, int progress) = 0;
    virtual Report done(const std::string& id, const std::string& token, const std::string& result) = 0;
    /// The attempt failed: queued again after a delay until the attempts are used up, then dead; or failed.
    virtual Report failed(const std::string& id, const std::string& token, const std::string& error,
                          const Retry& retry) = 0;
    /// Puts the job back, due at once, without counting an attempt: the worker is shutting down.
    virtual Report release(const std::string& id, const std::string& token) = 0;

    /// Queued: cancelled at once. Leased: cancelled, and the worker hears of it at its next report.
    /// Error(not_found), or Error(conflict) if it has ended.
    virtual Job cancel(const std::string& id) = 0;
    /// Failed, dead or cancelled: queued again with fresh counts. Error(not_found), or Error(conflict).
    virtual Job retry(const std::string& id) = 0;
    /// Whatever its state: queued again, due at once, with fresh counts and without its result.
    /// Error(not_found), or Error(conflict) while it is leased.
    virtual Job restart(const std::string& id) = 0;

    virtual std::optional<Job> get(const std::string& id) = 0;
    /// Up to `limit` (taken as 1 to max_page_jobs) jobs after `cursor` (empty: from the newest).
    /// Error(invalid) for a cursor that no page gave.
    virtual JobPage list(const JobFilter& filter, std::string_view cursor, std::size_t limit) = 0;
    virtual std::map<State, std::size_t> counts() = 0;

    /// Forgets up to `limit` ended jobs last touched before `older_than`, oldest first. Returns how many.
    virtual std::size_t remove_ended(Time older_than, std::size_t limit) = 0;

    /// Lets `change` decide about the tenure of that name (Tenure{} before the first) and stores what it made
    /// of it, in one step: no other change comes between. It may be called more than once. Returns what it
    /// returned.
    virtual bool change_tenure(const std::string& name, const TenureChange& change) = 0;

    /// Throws what is wrong and how to mend it.
    virtual void check() = 0;
    /// What a crash of the server or a loss of power costs, as it was set up at the last check(), for people;
    /// empty: nothing, or not known yet.
    virtual std::string durability() const { return {}; }
};

}  // namespace fadeout::jobs
