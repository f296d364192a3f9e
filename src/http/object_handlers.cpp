#include <fmt/format.h>

#include <algorithm>

#include "base/http_date.h"
#include "base/text.h"
#include "http/conditions.h"
#include "http/handlers.h"
#include "http/status.h"

namespace fadeout::http {

namespace {

constexpr std::string_view objects_pattern = "/objects/{bucket}/{key...}";

service::LinkGrant check(const service::Objects& objects, const Request& request) {
    return objects.check(request.method, request.path(), request.query(), request.headers);
}

/// Metadata is read from a file that anybody may have edited: what could split the header is left out.
bool is_field_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
}

Fields describe(const storage::ObjectHead& head, const service::LinkGrant& grant) {
    Fields fields = {{"ETag", '"' + head.info.etag + '"'},
                     {"Last-Modified", format_http_date(head.info.modified)},
                     {"Accept-Ranges", "bytes"},
                     {"Content-Type", grant.content_type.value_or(head.attributes.content_type)},
                     // An uploaded page must not run as if it were ours.
                     {"X-Content-Type-Options", "nosniff"},
                     {"Content-Security-Policy", "sandbox"}};
    for (const auto& [name, value] : head.attributes.metadata)
        if (is_field_value(value)) fields.emplace_back("x-amz-meta-" + name, value);
    if (!grant.content_disposition.empty())
        fields.emplace_back("Content-Disposition", grant.content_disposition);
    return fields;
}

Response unsatisfiable(std::uint64_t size) {
    Response response = error_response(ErrorStyle::xml, 416, "The requested range is not satisfiable");
    response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return response;
}

Response send(service::Objects& objects, const Request& request) {
    const service::LinkGrant grant = check(objects, request);
    auto reader = objects.open(grant.key);
    if (!reader) throw Error(ErrorKind::not_found, "NoSuchKey: The object does not exist (any more)");
    const storage::ObjectInfo info = reader->head().info;
    Response response;
    response.headers = describe(reader->head(), grant);
    if (is_not_modified(request, info.etag, info.modified)) {
        response.status = 304;
        std::erase_if(response.headers, [](const auto& f) { return f.first == "Content-Type"; });
        return response;
    }
    ByteRange range{0, info.size_bytes};
    const bool wants_range = request.method == "GET" && range_applies(request, info.etag, info.modified);
    if (wants_range && !request.header("Range").empty()) {
        const auto wanted = parse_range(request.header("Range"), info.size_bytes);
        if (std::holds_alternative<Unsatisfiable>(wanted)) return unsatisfiable(info.size_bytes);
        if (const auto* part = std::get_if<ByteRange>(&wanted)) {
            range = *part;
            response.status = 206;
            response.headers.emplace_back("Content-Range",
                                          fmt::format("bytes {}-{}/{}", range.offset,
                                                      range.offset + range.size_bytes - 1, info.size_bytes));
        }
    }
    response.object = ObjectBody{std::move(reader), range.offset, range.size_bytes};
    return response;
}

/// An upload on its way into the store.
class Upload final : public BodyReceiver {
  public:
    explicit Upload(std::unique_ptr<storage::ObjectWriter> writer) : writer_(std::move(writer)) {}
    void write(std::string_view piece) override { writer_->write(as_bytes(piece)); }
    Response finish() override {
        Response response;
        response.headers = {{"ETag", '"' + writer_->commit().etag + '"'}};
        return response;
    }

  private:
    std::unique_ptr<storage::ObjectWriter> writer_;
};

std::unique_ptr<BodyReceiver> take(service::Objects& objects, const Request& request) {
    const service::LinkGrant grant = check(objects, request);
    // Its chunks carry signatures between the bytes; stored as they come they would damage the file.
    if (to_lower(request.header("Content-Encoding")).find("aws-chunked") != std::string::npos)
        throw Error(ErrorKind::unsupported,
                    "NotImplemented: aws-chunked bodies are not supported; send the plain file");
    return std::make_unique<Upload>(objects.create(grant, std::string(request.header("Content-Type"))));
}

}  // namespace

std::vector<Route> object_routes(service::Services& s) {
    const Handler handle = [&s](const Request& request, std::stop_token) { return send(s.objects, request); };
    const auto route = [&](std::string method) {
        return Route{.method = std::move(method),
                     .pattern = std::string(objects_pattern),
                     .lane = Lane::fast,
                     .access = Access::open,
                     .handle = {},
                     .receive = {}};
    };
    Route get = route("GET");
    get.handle = handle;
    Route head = route("HEAD");
    head.handle = handle;
    Route put = route("PUT");
    put.max_body_bytes = s.objects.max_upload_bytes();
    put.receive = [&s](const Request& request) { return take(s.objects, request); };
    return {std::move(get), std::move(head), std::move(put)};
}

}  // namespace fadeout::http
