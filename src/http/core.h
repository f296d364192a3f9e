#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "http/access_log.h"
#include "http/entrance.h"
#include "http/options.h"
#include "http/worker_pool.h"
#include "service/metrics.h"

namespace fadeout::http {

/// A number that many may add to up to a limit. Thread-safe.
class Budget {
  public:
    explicit Budget(std::uint64_t limit) : limit_(limit) {}

    /// What one holder took; given back with it.
    class Share {
      public:
        explicit Share(Budget& budget) : budget_(budget) {}
        ~Share() { budget_.used_ -= taken_; }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        /// False, and nothing is taken, where that would be beyond the limit.
        bool take(std::uint64_t amount) {
            if (budget_.used_.fetch_add(amount) + amount > budget_.limit_) {
                budget_.used_ -= amount;
                return false;
            }
            taken_ += amount;
            return true;
        }

      private:
        Budget& budget_;
        std::uint64_t taken_ = 0;
    };

  private:
    std::atomic<std::uint64_t> used_{0};
    std::uint64_t limit_;
};

/// What all connections of a server share.
class Core {
  public:
    /// `metrics` must outlive it.
    Core(ServerOptions server_options, std::vector<Route> routes, service::Metrics& metrics);

    const ServerOptions options;
    const Entrance entrance;
    Budget buffered_bytes;
    Budget event_streams;
    std::atomic<bool> stopping{false};

    WorkerPool& pool(Lane lane);
    void record(const AccessEntry& entry);  ///< in the log and the metrics

    bool begin_connection();  ///< false: there are as many as may be
    void end_connection();
    /// Waits until no connection is left; false where that took longer than `at_most`.
    bool wait_for_connections(Duration at_most);
    void wait_for_pools();

  private:
    service::Metrics& metrics_;
    WorkerPool fast_;
    WorkerPool speech_;
    WorkerPool slow_;
    std::mutex mutex_;
    std::condition_variable all_ended_;
    std::size_t connections_ = 0;
};

}  // namespace fadeout::http
