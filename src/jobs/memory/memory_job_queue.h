#pragma once
#include <cstdint>
#include <map>
#include <mutex>

#include "jobs/job_queue.h"
#include "jobs/transitions.h"

namespace fadeout::jobs {

/// Jobs that end with the process: for tests. Every call walks over all jobs.
class MemoryJobQueue : public JobQueue {
  public:
    explicit MemoryJobQueue(const Clock& clock, Limits limits = {}, Random random = system_random,
                            FollowUp follow_up = {})
        : clock_(clock), limits_(limits), random_(std::move(random)), follow_up_(std::move(follow_up)) {}

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
    void check() override {}

  private:
    StoredJob* find(const std::string& id);
    StoredJob* find_expired(Time now);
    void add_follow_up(StoredJob& changed);
    template <class Event>
    Report report(const std::string& id, Event event);
    template <class Event>
    Job change(const std::string& id, Event event);

    const Clock& clock_;
    const Limits limits_;
    const Random random_;
    const FollowUp follow_up_;
    std::mutex mutex_;
    std::map<std::uint64_t, StoredJob> jobs_;  ///< in the order in which they came
    std::uint64_t next_ = 0;
    std::map<std::string, Tenure> tenures_;
};

}  // namespace fadeout::jobs
