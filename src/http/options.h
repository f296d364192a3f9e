#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace spdlog {
class logger;
}

namespace fadeout::http {

/// Threads of a pool and how many requests may wait for one; more are answered 429 at once.
struct PoolSize {
    std::size_t threads;
    std::size_t queued;
};

/// Bounds that keep one client, or many, from taking the server away from the others.
struct Limits {
    std::size_t header_bytes = 16 << 10;  ///< request line and all fields: beyond it 431
    Duration header{5'000};  ///< from the first byte of a request to the end of its header: then 408
    Duration idle{60'000};   ///< a kept connection without a request is closed
    /// A client may let the server wait so long for the next byte, either way; while bytes come it earns
    /// waiting time anew at `min_bytes_per_s`.
    Duration stall{20'000};
    std::uint64_t min_bytes_per_s = 1024;
    Duration linger{
        2'000};  ///< how long a refused body is read and dropped, so that the client sees the answer

    std::uint64_t json_bytes = 1 << 20;
    std::uint64_t speech_job_bytes = 8
                                     << 20;  ///< POST /tts/jobs and /v1/jobs: a text of 1,000,000 characters
    std::uint64_t buffered_bytes = 256 << 20;  ///< bodies of all requests together: beyond it 429

    std::size_t connections = 1024;  ///< more are answered 503 and closed
    std::size_t event_streams = 256;
    Duration request{300'000};     ///< longest work on one request, its wait for a thread included: then 504
    Duration event_interval{500};  ///< between two looks at a job that is followed
    Duration event_heartbeat{15'000};  ///< a comment at least so often, so that proxies keep the stream open
    Duration readiness{2'000};         ///< an answer of /readyz is good for so long
    Duration tick{100};                ///< how often deadlines and vanished clients are looked for
};

enum class LogFormat { text, json };

/// What a server is told once, when it is made.
struct ServerOptions {
    std::string listen_address = "127.0.0.1";  ///< an IP address, or "localhost"
    std::uint16_t port = 0;                    ///< 0: any free one
    /// Path of the public URL ("/media", without '/' at its end), for a proxy that leaves it on: with it or
    /// without, a path leads to the same route.
    std::string base_path;
    std::size_t io_threads = 0;    ///< 0: one per core
    PoolSize fast_pool{4, 1024};   ///< records, jobs, links, uploads
    PoolSize speech_pool{0, 256};  ///< threads 0: twice the cores, at least 16
    PoolSize slow_pool{0, 32};     ///< transcodes and waveforms; threads 0: one per core
    Limits limits;

    bool health_only = false;  ///< the routes about the node alone, such as /readyz: it only runs jobs
    std::vector<std::string> api_keys;  ///< empty: nobody needs one
    /// Origins that browsers may call every route from; "*" for any. /transcode and /waveform always answer
    /// any.
    std::vector<std::string> cors_origins;

    Duration shutdown_grace{30'000};  ///< requests in flight may go on so long after stop()
    /// One line per request. Nothing is logged without it. `json` lines carry their own time: give such a
    /// logger the pattern "%v".
    std::shared_ptr<spdlog::logger> log;
    LogFormat log_format = LogFormat::text;
};

}  // namespace fadeout::http
