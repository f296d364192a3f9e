#include "http/worker_pool.h"

namespace fadeout::http {

WorkerPool::WorkerPool(PoolSize size) : max_queued_(size.queued), thread_count_(size.threads) {
    for (std::size_t i = 0; i < size.threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::try_post(Task task) {
    std::unique_lock lock(mutex_);
    const std::size_t idle = thread_count_ - busy_;  // what one of them is about to take does not wait
    if (tasks_.size() >= max_queued_ + idle) return false;
    push(std::move(lock), std::move(task));
    return true;
}

void WorkerPool::post(Task task) {
    push(std::unique_lock(mutex_), std::move(task));
}

void WorkerPool::wait_idle() {
    std::unique_lock lock(mutex_);
    all_idle_.wait(lock, [this] { return tasks_.empty() && busy_ == 0; });
}

void WorkerPool::push(std::unique_lock<std::mutex> lock, Task task) {
    tasks_.push_back(std::move(task));
    lock.unlock();
    wake_.notify_one();
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        ++busy_;
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
        if (--busy_ == 0 && tasks_.empty()) all_idle_.notify_all();
    }
}

}  // namespace fadeout::http
