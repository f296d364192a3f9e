#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/object_store.h"

namespace fadeout::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field of that name (case does not matter); empty where there is none.
std::string_view field(const Fields& fields, std::string_view name) noexcept;
bool has_field(const Fields& fields, std::string_view name) noexcept;

struct Request {
    std::string method;
    std::string target;  ///< as it stood in the request line, without scheme and authority
    int http_minor = 1;  ///< HTTP/1.x
    Fields headers;
    std::string body;
    std::string id;         ///< X-Request-Id
    Fields params;          ///< what the route's {names} stand for, decoded
    std::string base_path;  ///< the public URL's, which comes before every path that an answer names

    std::string_view path() const noexcept;   ///< still percent-encoded
    std::string_view query() const noexcept;  ///< after the '?', still percent-encoded
    std::string_view header(std::string_view name) const noexcept { return field(headers, name); }
    const std::string& param(std::string_view name) const;
    /// Decoded; the first of that name. Error(invalid) where its encoding is broken.
    std::optional<std::string> query_value(std::string_view name) const;
};

/// A stretch of an open object, to be sent from its file.
struct ObjectBody {
    std::unique_ptr<storage::ObjectReader> reader;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

/// What happened since the last look, in the format of text/event-stream.
struct Events {
    std::string text;
    bool last = false;
};

/// Something that a client follows. poll() is called about twice per second, on a pool thread.
class EventSource {
  public:
    virtual ~EventSource() = default;
    virtual Events poll() = 0;
};

struct Response {
    int status = 200;
    Fields headers;  ///< without those that the connection adds (Date, Content-Length, X-Request-Id, ...)
    std::string body;
    std::optional<ObjectBody> object;     ///< instead of `body`
    std::unique_ptr<EventSource> events;  ///< instead of `body`
    std::string log_detail;               ///< for the log only

    std::uint64_t content_length() const noexcept { return object ? object->size_bytes : body.size(); }
};

/// Takes a request's body piece by piece, on pool threads, one call at a time. Destroyed without finish():
/// the body broke off and nothing of it may stay.
class BodyReceiver {
  public:
    virtual ~BodyReceiver() = default;
    virtual void write(std::string_view piece) = 0;
    virtual Response finish() = 0;
};

}  // namespace fadeout::http
