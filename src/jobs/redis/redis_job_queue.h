#pragma once
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>

#include "jobs/job_queue.h"
#include "jobs/redis/client.h"
#include "jobs/redis/durability.h"
#include "jobs/redis/job_fields.h"
#include "jobs/transitions.h"

namespace fadeout::jobs {

struct RedisOptions {
    redis::Timeouts timeouts{};
    std::size_t connections = 16;  ///< at most, per process; who comes then waits for one
    /// Where the server syncs its file every second and can tell when it has (Redis 7.2): enqueue() waits for
    /// that, up to a second. Elsewhere this changes nothing.
    bool wait_for_fsync = true;
};

/// Jobs in a Redis server (5 or newer, no cluster), shared by any number of processes on any number of
/// machines, whose clocks must agree to within a few seconds. Every change is a read, a decision by
/// transitions.h and one script that writes only if the job is as it was read; it is tried anew when it is
/// not. So no crash between two commands leaves a job in two places or in none, and an answer that was lost
/// is asked for again without a second effect.
///
/// What is durable depends on how the server is set up: see durability(). All calls throw Error(unavailable)
/// while it cannot be reached and storage_full while it is out of memory or disk; jobs that are in it can be
/// worked off even without memory.
class RedisJobQueue final : public JobQueue {
  public:
    /// `url`: see redis::parse_url. Sends nothing yet, so that a node can start before its Redis.
    explicit RedisJobQueue(const std::string& url, const Clock& clock, Limits limits = {},
                           Random random = system_random, RedisOptions options = {}, FollowUp follow_up = {});

    Job enqueue(const NewJob& job) override;
    std::optional<Lease> lease(const std::vector<std::string>& types) override;
    Report heartbeat(const std::string& id, const std::string& token, int progress) override;
    Report done(const std::string& id, const std::string& token, const std::string& result) override;
    Report failed(const std::string& id, const std::string& token, const std::string& error,
                  const Retry& retry) override;
    Report release(const std::string& id, const std::string& token) override;
    Job cancel(const std::string& id) override;
    Job retry(const std::string& id) override;
    Job restart(const std::string& id) override;
    std::optional<Job> get(const std::string& id) override;
    JobPage list(const JobFilter& filter, std::string_view cursor, std::size_t limit) override;
    std::map<State, std::size_t> counts() override;
    std::size_t remove_ended(Time older_than, std::size_t limit) override;
    bool change_tenure(const std::string& name, const TenureChange& change) override;
    /// Over a connection of its own, which is given up after 2 s without an answer. Also compares the
    /// machine's clock with the server's.
    void check() override;
    std::string durability() const override;

  private:
    /// What the server's settings mean for accepting jobs.
    struct Known {
        Duration fsync_within{};  ///< how long enqueue() waits for the server's file; zero: it need not
        std::string durability;
    };

    RedisJobQueue(const RedisJobQueue& other, const redis::Timeouts& timeouts);
    Known try_everything();
    Known learn();
    Duration fsync_within();
    std::optional<redis::Versioned> load(const std::string& id);
    std::optional<redis::Versioned> load_deciding(const std::string& id);
    std::optional<redis::Versioned> find_runnable(const std::vector<std::string>& types, Time now,
                                                  std::size_t skip);
    bool store(redis::Versioned& changed);
    using Load = std::optional<redis::Versioned> (RedisJobQueue::*)(const std::string& id);
    template <class Event>
    Report report(const std::string& id, Load load, Event event);
    template <class Event>
    Job change(const std::string& id, Event event);
    redis::Reply run(std::string_view operation, const std::vector<std::string>& arguments,
                     Duration fsync_within = {});
    redis::ServerSettings read_settings();
    redis::Reply ask(std::initializer_list<std::string_view> command);

    const Clock& clock_;
    const Limits limits_;
    const Random random_;
    const FollowUp follow_up_;
    const redis::Address address_;
    const RedisOptions options_;
    redis::Client client_;
    mutable std::mutex mutex_;
    std::optional<Known> known_;  ///< guarded by mutex_; nothing before the server was first asked
};

}  // namespace fadeout::jobs
