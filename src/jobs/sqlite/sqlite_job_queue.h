#pragma once
#include <string>

#include "jobs/job_queue.h"
#include "jobs/transitions.h"
#include "sqlite/database.h"

namespace fadeout::jobs {

/// Jobs in one SQLite file. Several processes may use it at a time. A write costs one fsync, which all
/// threads that write at that moment share; lease() writes nothing when nothing is due. Leasing stays as fast
/// with a hundred thousand jobs waiting.
class SqliteJobQueue final : public JobQueue {
  public:
    /// Makes the file if it is not there; its folder must exist. Error(unavailable, internal) tells what is
    /// wrong.
    explicit SqliteJobQueue(const std::string& path, const Clock& clock, Limits limits = {},
                            Random random = system_random, FollowUp follow_up = {});

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
    void check() override { database_.check(); }

  private:
    template <class Event>
    Report report(const std::string& id, Event event);
    template <class Event>
    Job change(const std::string& id, Event event);
    void store(sqlite::Connection& connection, StoredJob& changed);

    const Clock& clock_;
    const Limits limits_;
    const Random random_;
    const FollowUp follow_up_;
    sqlite::Database database_;
};

}  // namespace fadeout::jobs
