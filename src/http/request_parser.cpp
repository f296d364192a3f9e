#include "http/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace fadeout::http {

namespace beast = boost::beast::http;

using ErrorCode = boost::beast::error_code;
using BeastView = boost::beast::string_view;

namespace {

/// Absolute-form ("http://host/path", which servers must accept) to origin-form.
std::string origin_form(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!to_lower(target.substr(0, scheme.size())).starts_with(scheme)) continue;
        const std::size_t path = target.find_first_of("/?", scheme.size());
        if (path == std::string_view::npos) return "/";
        return (target[path] == '?' ? "/" : "") + std::string(target.substr(path));
    }
    return std::string(target);
}

}  // namespace

class RequestParser::Beast final : public beast::basic_parser<true> {
  public:
    explicit Beast(std::size_t max_header_bytes) : max_head_bytes(max_header_bytes) {
        header_limit(static_cast<std::uint32_t>(max_header_bytes));
        body_limit(boost::none);  // judged by the connection, which knows the route
    }

    Request head;
    std::string body;
    int fault = 0;
    std::size_t max_head_bytes;
    std::size_t head_bytes = 0;  ///< taken so far: Beast counts the request line and the fields apart

    std::size_t put_bytes(std::string_view bytes) {
        ErrorCode error;
        const std::size_t taken = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
        if (error == beast::error::need_more) return taken;
        if (error == beast::error::header_limit)
            fault = 431;
        else if (error == beast::error::bad_version)
            fault = 505;
        else if (error)
            fault = 400;
        return taken;
    }

  private:
    bool head_is_sound() const {
        std::size_t hosts = 0;
        for (const auto& [name, value] : head.headers) {
            const std::string lower = to_lower(name);
            if (lower == "host") ++hosts;
            if (lower == "transfer-encoding" && (to_lower(value) != "chunked" || head.http_minor == 0))
                return false;
        }
        if (hosts > 1 || (hosts == 0 && head.http_minor > 0)) return false;
        return head.target.starts_with('/') || (head.method == "OPTIONS" && head.target == "*");
    }

    void on_request_impl(beast::verb, BeastView method, BeastView target, int version, ErrorCode&) override {
        head.method = std::string(method);
        head.target = origin_form(std::string_view(target.data(), target.size()));
        head.http_minor = version - 10;
    }
    void on_response_impl(int, BeastView, int, ErrorCode&) override {}
    void on_field_impl(beast::field, BeastView name, BeastView value, ErrorCode&) override {
        if (!is_header_done()) head.headers.emplace_back(name, value);  // trailers are dropped
    }
    void on_header_impl(ErrorCode& error) override {
        if (!head_is_sound()) error = beast::error::bad_field;
    }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCode&) override {}
    std::size_t on_body_impl(BeastView piece, ErrorCode&) override {
        body.append(piece.data(), piece.size());
        return piece.size();
    }
    void on_chunk_header_impl(std::uint64_t, BeastView, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, BeastView piece, ErrorCode&) override {
        body.append(piece.data(), piece.size());
        return piece.size();
    }
    void on_finish_impl(ErrorCode&) override {}
};

RequestParser::RequestParser(std::size_t max_header_bytes)
    : beast_(std::make_unique<Beast>(max_header_bytes)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::size_t RequestParser::put(std::string_view bytes) {
    std::size_t taken = 0;
    const bool had_head = beast_->is_header_done();
    while (taken < bytes.size() && fault() == 0 && !beast_->is_done() &&
           (had_head || !beast_->is_header_done())) {
        const std::size_t n = beast_->put_bytes(bytes.substr(taken));
        taken += n;
        if (n == 0) break;
    }
    if (!had_head) {
        beast_->head_bytes += taken;
        const std::size_t waiting = beast_->is_header_done() ? 0 : bytes.size() - taken + 1;
        if (fault() == 0 && beast_->head_bytes + waiting > beast_->max_head_bytes) beast_->fault = 431;
    }
    return taken;
}

bool RequestParser::has_head() const noexcept {
    return beast_->fault == 0 && beast_->is_header_done();
}
bool RequestParser::is_done() const noexcept {
    return beast_->fault == 0 && beast_->is_done();
}
int RequestParser::fault() const noexcept {
    return beast_->fault;
}
Request RequestParser::take_head() {
    return std::move(beast_->head);
}

std::optional<std::uint64_t> RequestParser::content_length() const noexcept {
    if (beast_->chunked()) return std::nullopt;
    return beast_->content_length().value_or(0);
}

bool RequestParser::keeps_alive() const noexcept {
    return beast_->keep_alive();
}
std::string& RequestParser::body() noexcept {
    return beast_->body;
}

}  // namespace fadeout::http
