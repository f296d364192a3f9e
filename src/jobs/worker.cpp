#include "jobs/worker.h"

#include <algorithm>
#include <exception>
#include <optional>

#include "jobs/asked_to_wait.h"
#include "jobs/transitions.h"

namespace fadeout::jobs {

namespace {

/// Back-off towards a queue that fails.
const Limits queue_retry{.backoff_base = Duration(500), .backoff_limit = Duration(30'000)};

int to_percent(double fraction) {
    return fraction > 0 ? static_cast<int>(std::min(fraction, 1.0) * 100) : 0;  // NaN is 0
}

std::string describe(const std::exception& failure) {
    const auto* error = dynamic_cast<const Error*>(&failure);
    return error ? with_detail(*error) : failure.what();
}

/// Will the same call to the queue perhaps succeed later?
bool may_pass(const std::exception& failure) {
    const auto* error = dynamic_cast<const Error*>(&failure);
    if (!error) return false;
    switch (error->kind()) {
        case ErrorKind::unavailable:
        case ErrorKind::misconfigured:
        case ErrorKind::storage_full:
        case ErrorKind::busy:
        case ErrorKind::timeout:
            return true;
        default:
            return false;
    }
}

}  // namespace

/// One leased job while its handler runs.
struct Worker::Running {
    explicit Running(Lease held) : lease(std::move(held)) {}

    const Lease lease;
    std::atomic<int> progress = 0;      ///< per cent, set by the handler
    std::atomic<bool> dropped = false;  ///< cancelled or lost: nobody wants the result
    std::stop_source stop{};

    // Of the heartbeat thread:
    Steady::time_point last_heartbeat = Steady::now();
    int reported_progress = 0;
    bool failing = false;

    std::string name() const { return "job " + lease.job.id + " (" + lease.job.type + ")"; }
};

Worker::Worker(JobQueue& queue, Handler handler, RetryAfter retry_after, LogLine log, WorkerOptions options)
    : queue_(queue),
      handler_(std::move(handler)),
      retry_after_(std::move(retry_after)),
      log_(std::move(log)),
      options_(std::move(options)) {
    if (options_.threads <= 0) return;
    heartbeats_ = std::jthread([this] { send_heartbeats(); });
    for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { work(); });
}

Worker::~Worker() {
    stop(Duration::zero());
}

void Worker::notify() {
    std::lock_guard lock(mutex_);
    ++notifications_;
    changed_.notify_all();
}

void Worker::stop(Duration grace) {
    {
        std::unique_lock lock(mutex_);
        if (phase_ == Phase::stopped) return;
        phase_ = Phase::draining;
        changed_.notify_all();
        changed_.wait_for(lock, grace, [this] { return running_.empty(); });
        phase_ = Phase::aborting;
        for (const auto& running : running_) running->stop.request_stop();
        changed_.notify_all();
    }
    threads_.clear();  // joins; heartbeats go on until the last job is put back
    {
        std::lock_guard lock(mutex_);
        phase_ = Phase::stopped;
        changed_.notify_all();
    }
    heartbeats_ = {};
}

void Worker::work() {
    int failures = 0;
    std::unique_lock lock(mutex_);
    while (phase_ == Phase::working) {
        const std::uint64_t seen = notifications_;
        lock.unlock();
        std::optional<Lease> lease;
        try {
            lease = queue_.lease(options_.types);
            failures = 0;
            if (const auto news = options_.outage->succeeded(Steady::now())) log_(Severity::info, *news);
        } catch (const std::exception& e) {
            if (const auto news = options_.outage->failed(describe(e), Steady::now()))
                log_(Severity::error, *news);
            pause(++failures, Phase::draining);
        }
        if (lease) run(std::move(*lease));
        lock.lock();
        if (lease || failures) continue;
        changed_.wait_for(lock, options_.poll,
                          [&] { return phase_ != Phase::working || notifications_ != seen; });
    }
}

/// Runs one job and tells the queue how it went.
void Worker::run(Lease held) {
    const auto running = std::make_shared<Running>(std::move(held));
    const Lease& lease = running->lease;
    Reporting report = [&] { return queue_.release(lease.job.id, lease.token); };
    if (begin(running)) report = attempt(*running);
    if (running->dropped)
        log_(Severity::info, running->name() + " was cancelled or taken over; its result is dropped");
    else
        send_report(*running, report);
    end(running);
}

/// Calls the handler and chooses what to report.
Worker::Reporting Worker::attempt(Running& running) {
    const Lease& lease = running.lease;
    const auto failure = [&](const std::exception& e, const std::string& message,
                             ErrorKind kind) -> Reporting {
        const bool stopped = running.stop.stop_requested();
        log_(stopped ? Severity::info : Severity::error, running.name() + ": " + describe(e));
        if (stopped) return [&] { return queue_.release(lease.job.id, lease.token); };
        Retry retry = retry_after_(lease.job, kind);
        if (const auto* asked = dynamic_cast<const AskedToWait*>(&e)) retry.at_least = asked->wait();
        return [&, message, retry = std::move(retry)] {
            return queue_.failed(lease.job.id, lease.token, message, retry);
        };
    };
    try {
        const auto on_progress = [&](double fraction) { running.progress = to_percent(fraction); };
        std::string result = handler_(lease.job, on_progress, running.stop.get_token());
        return [&, result = std::move(result)] { return queue_.done(lease.job.id, lease.token, result); };
    } catch (const Error& e) {
        return failure(e, e.what(), e.kind());
    } catch (const std::exception& e) {
        return failure(e, "The job failed unexpectedly. The log tells why.", ErrorKind::internal);
    }
}

/// False where the worker stops: then the job must not be started.
bool Worker::begin(const std::shared_ptr<Running>& running) {
    std::lock_guard lock(mutex_);
    if (phase_ != Phase::working) return false;
    running_.push_back(running);
    changed_.notify_all();
    return true;
}

void Worker::end(const std::shared_ptr<Running>& running) {
    std::lock_guard lock(mutex_);
    std::erase(running_, running);
    changed_.notify_all();
}

/// Until the queue has heard it, or nobody waits for it any more. A report that is never heard costs a second
/// run.
void Worker::send_report(const Running& running, const Reporting& report) {
    for (int failures = 1; !running.dropped; ++failures) {
        try {
            if (report() != Report::accepted)
                log_(Severity::info, running.name() + " was cancelled or taken over; its result is dropped");
            return;
        } catch (const std::exception& e) {
            if (failures == 1 || !may_pass(e))
                log_(Severity::error, running.name() + ": cannot report its end: " + describe(e));
            if (!may_pass(e)) return;
        }
        pause(failures, Phase::aborting);
        std::lock_guard lock(mutex_);
        if (phase_ >= Phase::aborting) return;
    }
}

/// Waits before the next try after so many failures, or until the worker has reached a phase.
void Worker::pause(int failures, Phase until) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, backoff(queue_retry, failures, system_random()), [&] { return phase_ >= until; });
}

void Worker::send_heartbeats() {
    const Duration interval = std::min(options_.heartbeat, options_.progress);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return phase_ == Phase::stopped || !running_.empty(); });
        if (changed_.wait_for(lock, interval, [this] { return phase_ == Phase::stopped; })) return;
        const auto all = running_;
        lock.unlock();
        for (const auto& running : all) send_heartbeat(*running);
        lock.lock();
    }
}

void Worker::send_heartbeat(Running& running) {
    if (running.dropped) return;
    const int progress = running.progress;
    const auto next_chance = Steady::now() + options_.progress;
    if (progress == running.reported_progress && next_chance < running.last_heartbeat + options_.heartbeat)
        return;
    try {
        const Report answer = queue_.heartbeat(running.lease.job.id, running.lease.token, progress);
        running.last_heartbeat = Steady::now();
        running.reported_progress = progress;
        running.failing = false;
        if (answer == Report::accepted) return;
        running.dropped = true;
        running.stop.request_stop();
    } catch (const std::exception& e) {
        if (!running.failing)
            log_(Severity::error, running.name() + ": cannot send a heartbeat: " + describe(e));
        running.failing = true;
    }
}

}  // namespace fadeout::jobs
