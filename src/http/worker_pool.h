#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "http/options.h"

namespace fadeout::http {

/// Threads for work that blocks, behind a bounded queue. Thread-safe. Tasks must not throw.
class WorkerPool {
  public:
    using Task = std::function<void()>;

    explicit WorkerPool(PoolSize size);
    ~WorkerPool();  ///< finishes what was taken, then joins

    /// False, and nothing is kept, when as many tasks wait as may.
    bool try_post(Task task);
    /// For the next step of a request that was let in already, so that it cannot be refused midway: bounded
    /// by the number of connections, each of which has one step under way.
    void post(Task task);
    /// Waits until nothing is under way or waiting.
    void wait_idle();

  private:
    void work();
    void push(std::unique_lock<std::mutex> lock, Task task);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable all_idle_;
    std::deque<Task> tasks_;
    std::size_t busy_ = 0;
    bool stopping_ = false;
    const std::size_t max_queued_;
    const std::size_t thread_count_;
    std::vector<std::thread> threads_;
};

}  // namespace fadeout::http
