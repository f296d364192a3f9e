#include "net/http_transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <new>

#include "base/pause.h"
#include "base/text.h"
#include "net/socket_address.h"

namespace fadeout::net {

namespace {

constexpr std::string_view what = "reading of the source";  // that a stop ends

void require(CURLMcode result) {
    if (result != CURLM_OK)
        throw Error(ErrorKind::internal, "The HTTP library failed.", curl_multi_strerror(result));
}

/// The one field of that name; empty where it is missing.
std::string header(CURL* easy, const char* name) {
    curl_header* found = nullptr;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
    return found->value;
}

}  // namespace

HttpTransfer::HttpTransfer(AddressPolicy policy, const SourceLimits& limits, std::stop_token stop)
    : policy_(std::move(policy)), limits_(limits), stop_(std::move(stop)) {
    initialise_curl();
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    buffer_.reserve(buffer_bytes);
}

HttpTransfer::~HttpTransfer() {
    stop();
}

void HttpTransfer::stop() noexcept {
    if (easy_) curl_multi_remove_handle(multi_.get(), easy_.get());
    easy_.reset();
    buffer_.clear();
    consumed_ = 0;
    paused_ = false;
    ended_ = true;
    result_ = CURLE_ABORTED_BY_CALLBACK;
}

SourceResponse HttpTransfer::get(const HttpUrl& url, const std::vector<std::string>& headers) {
    stop();
    // A fresh handle for each request: nothing of an earlier host, such as its credentials, can come along.
    easy_.reset(curl_easy_init());
    if (!easy_) throw std::bad_alloc();
    headers_.reset();
    for (const std::string& line : headers) append(headers_, line);
    host_ = url.host();
    url_for_log_ = mask_url(url.str());
    denied_ = false;
    set_options(url);
    ended_ = false;
    result_ = CURLE_OK;
    require(curl_multi_add_handle(multi_.get(), easy_.get()));
    wait_for_bytes();
    const SourceResponse answer = response();
    if (answer.status < 200) throw failure();
    return answer;
}

void HttpTransfer::set_options(const HttpUrl& url) {
    CURL* easy = easy_.get();
    set_option(easy, CURLOPT_CURLU, url.handle());
    set_option(easy, CURLOPT_HTTPHEADER, headers_.get());
    set_option(easy, CURLOPT_USERAGENT, "fadeout");
    set_option(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set_option(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
    trust_certificates_of_environment(easy);
    set_option(easy, CURLOPT_PROXY, "");  // or the environment's proxy would be the only address seen below
    set_option(easy, CURLOPT_PATH_AS_IS, 1L);  // a signed path must not be normalised
    set_option(easy, CURLOPT_HTTP_VERSION,
               static_cast<long>(CURL_HTTP_VERSION_1_1));  // HTTP/2 buffers while paused
    set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
    set_option(easy, CURLOPT_NOSIGNAL, 1L);
    set_option(easy, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a name look-up that hangs
    set_option(easy, CURLOPT_BUFFERSIZE, 65536L);
    set_option(easy, CURLOPT_WRITEDATA, this);
    set_option(
        easy, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
            return static_cast<HttpTransfer*>(self)->on_body(data, size);
        });
    set_option(easy, CURLOPT_OPENSOCKETDATA, this);
    set_option(
        easy, CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* address) {
            return static_cast<HttpTransfer*>(self)->on_open_socket(*address);
        });
}

curl_socket_t HttpTransfer::on_open_socket(const curl_sockaddr& from) {
    const auto address = address_of(from);
    if (!address || !policy_.allows(host_, *address)) {
        denied_ = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(from.family, from.socktype | SOCK_CLOEXEC, from.protocol);
}

std::size_t HttpTransfer::on_body(const char* data, std::size_t size) {
    if (buffer_.size() + size > buffer_bytes) {
        paused_ = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    const Bytes bytes = as_bytes({data, size});
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return size;
}

std::size_t HttpTransfer::read(std::span<std::byte> out) {
    if (consumed_ == buffer_.size()) wait_for_bytes();
    const std::size_t n = std::min(out.size(), buffer_.size() - consumed_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_), n, out.begin());
    consumed_ += n;
    return n;
}

void HttpTransfer::wait_for_bytes() {
    require_going_on(stop_, what);
    buffer_.clear();
    consumed_ = 0;
    if (paused_) {
        paused_ = false;
        curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
    }
    auto since = Steady::now();  // the last sign of life
    while (buffer_.empty() && !ended_) {
        const auto round = Steady::now();
        int running = 0;
        require(curl_multi_perform(multi_.get(), &running));
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            ended_ = true;
            result_ = message->data.result;
        }
        if (!buffer_.empty() || ended_) break;
        // Short naps, so that a deadline or a stop is noticed soon; bytes that arrive end a nap at once.
        curl_multi_poll(multi_.get(), nullptr, 0,
                        static_cast<int>(std::min<long>(limits_.stall.count() / 4 + 1, 250)), nullptr);
        waited_ += Steady::now() - round;
        require_going_on(stop_, what);
        curl_off_t sent_after_us = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &sent_after_us);
        if (sent_after_us == 0) since = Steady::now();  // still connecting, which libcurl limits itself
        check_deadlines(since);
    }
}

void HttpTransfer::check_deadlines(Steady::time_point since) {
    const bool stalled = Steady::now() - since > limits_.stall;
    if (!stalled && waited_ <= limits_.total) return;
    stop();
    throw Error(
        ErrorKind::timeout,
        stalled ? "The source sent nothing for too long." : "The source took too long to send everything.",
        url_for_log_);
}

SourceResponse HttpTransfer::response() const {
    SourceResponse out;
    CURL* easy = easy_.get();
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    out.status = static_cast<int>(status);
    curl_off_t length = -1;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) out.content_length = static_cast<std::uint64_t>(length);
    out.etag = header(easy, "ETag");
    out.last_modified = header(easy, "Last-Modified");
    out.content_range = header(easy, "Content-Range");
    out.content_encoding = header(easy, "Content-Encoding");
    out.accept_ranges = header(easy, "Accept-Ranges");
    out.location = header(easy, "Location");
    return out;
}

/// Why no answer came. One text for whatever happens on the way, so that nobody learns which ports are open.
Error HttpTransfer::failure() const {
    const std::string detail = url_for_log_ + ": " + curl_easy_strerror(result_);
    if (denied_)
        return {ErrorKind::denied, "This address is not public; allow it with --source-allow.", detail};
    if (result_ == CURLE_OPERATION_TIMEDOUT)
        return {ErrorKind::timeout, "The source could not be reached in time.", detail};
    if (result_ == CURLE_PEER_FAILED_VERIFICATION)
        return {ErrorKind::bad_source, "The source's TLS certificate could not be verified.", detail};
    return {ErrorKind::bad_source, "The source could not be reached.", detail};
}

}  // namespace fadeout::net
