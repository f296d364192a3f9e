#pragma once
#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "net/source.h"
#include "net/test_server.h"

/// What the tests of sources share.
namespace fadeout::net {

using namespace std::chrono_literals;

inline const AddressPolicy loopback({"127.0.0.1"});

inline SourceLimits quick() {
    SourceLimits limits;
    limits.connect = 2000ms;
    limits.stall = 2000ms;
    return limits;
}

inline std::unique_ptr<UrlSource> open(const std::string& url, const SourceLimits& limits = quick(),
                                       std::stop_token stop = {}) {
    return open_url(url, loopback, limits, std::move(stop));
}

/// Bytes in which every offset is recognisable.
inline std::string song(std::size_t size) {
    std::mt19937 random(42);
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random());
    return out;
}

inline std::string read_all(ByteSource& source, std::uint64_t offset = 0, std::size_t piece = 10'000) {
    std::string out;
    std::vector<std::byte> buffer(piece);
    while (const std::size_t n = source.read_at(offset + out.size(), buffer))
        out.append(reinterpret_cast<const char*>(buffer.data()), n);
    return out;
}

inline std::string read_exactly(ByteSource& source, std::uint64_t offset, std::size_t size) {
    std::string out;
    while (out.size() < size) {
        std::vector<std::byte> buffer(size - out.size());
        const std::size_t n = source.read_at(offset + out.size(), buffer);
        if (n == 0) break;
        out.append(reinterpret_cast<const char*>(buffer.data()), n);
    }
    return out;
}

/// The Error of opening and reading to the end.
inline Error failure(const std::string& url, const AddressPolicy& policy = loopback,
                     const SourceLimits& limits = quick(), std::stop_token stop = {}) {
    try {
        const auto source = open_url(url, policy, limits, std::move(stop));
        read_all(*source);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << url << " was read";
    return {ErrorKind::internal, ""};
}

inline Error failure(TestServer::Handler handler, const SourceLimits& limits = quick()) {
    const TestServer server(std::move(handler));
    return failure(server.url(), loopback, limits);
}

}  // namespace fadeout::net
