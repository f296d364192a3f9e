#include "http/core.h"

#include <algorithm>
#include <thread>

namespace fadeout::http {

namespace {

/// Speech waits for the disk more than it computes, and those that wait together share its flushes.
constexpr std::size_t min_speech_threads = 16;

/// The sizes that were left to the machine.
ServerOptions complete(ServerOptions options) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    if (options.io_threads == 0) options.io_threads = cores;
    if (options.fast_pool.threads == 0) options.fast_pool.threads = cores;
    if (options.speech_pool.threads == 0)
        options.speech_pool.threads = std::max(min_speech_threads, 2 * cores);
    if (options.slow_pool.threads == 0) options.slow_pool.threads = cores;
    return options;
}

}  // namespace

Core::Core(ServerOptions server_options, std::vector<Route> routes, service::Metrics& metrics)
    : options(complete(std::move(server_options))),
      entrance(std::move(routes), options.api_keys, options.cors_origins, options.base_path),
      buffered_bytes(options.limits.buffered_bytes),
      event_streams(options.limits.event_streams),
      metrics_(metrics),
      fast_(options.fast_pool),
      speech_(options.speech_pool),
      slow_(options.slow_pool) {}

WorkerPool& Core::pool(Lane lane) {
    if (lane == Lane::slow) return slow_;
    return lane == Lane::speech ? speech_ : fast_;
}

void Core::record(const AccessEntry& entry) {
    metrics_.count_request(entry.method, entry.route, entry.status, entry.took, entry.bytes);
    if (options.log) write(*options.log, options.log_format, entry);
}

bool Core::begin_connection() {
    const std::lock_guard lock(mutex_);
    if (connections_ >= options.limits.connections) return false;
    ++connections_;
    return true;
}

void Core::end_connection() {
    const std::lock_guard lock(mutex_);
    if (--connections_ == 0) all_ended_.notify_all();
}

bool Core::wait_for_connections(Duration at_most) {
    std::unique_lock lock(mutex_);
    return all_ended_.wait_for(lock, at_most, [this] { return connections_ == 0; });
}

void Core::wait_for_pools() {
    for (WorkerPool* pool : {&fast_, &speech_, &slow_}) pool->wait_idle();
}

}  // namespace fadeout::http
