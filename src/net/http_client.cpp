#include "net/http_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>

#include "base/error.h"
#include "base/text.h"
#include "net/curl_handles.h"
#include "net/http_url.h"
#include "net/socket_address.h"

namespace fadeout::net {

namespace {

using Steady = std::chrono::steady_clock;

/// Idle connections that are kept; more are opened when needed and closed afterwards.
constexpr std::size_t max_idle = 32;
constexpr std::size_t max_header_bytes = 64 << 10;
constexpr Duration connect_timeout{10'000};

/// One exchange: what libcurl's callbacks write to.
struct Exchange {
    Exchange(CURL* handle, const HttpRequest& asked, const OnBody& sink, std::size_t most)
        : easy(handle), request(asked), on_body(sink), max_body_bytes(most) {}

    CURL* easy;
    const HttpRequest& request;
    const OnBody& on_body;
    std::size_t max_body_bytes;
    HttpResponse response;
    std::size_t header_bytes = 0;
    const AddressPolicy* policy = nullptr;  ///< null: any address
    std::string host{};                     ///< of the URL, for the policy
    bool ended_by_caller = false, too_large = false, stalled = false;
    bool refused_address = false, allowed_address = false;  ///< by the policy, of those that the host has
    std::exception_ptr thrown;
    curl_off_t moved = -1;
    Steady::time_point last_move = Steady::now();

    std::size_t on_header(std::string_view line);
    std::size_t on_data(const char* data, std::size_t size);
    int on_progress(curl_off_t moved_now);
    curl_socket_t on_open_socket(const curl_sockaddr& to);
};

std::size_t Exchange::on_header(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > max_header_bytes) return 0;
    if (line.starts_with("HTTP/")) {  // a new one: what came before was "100 Continue"
        response.headers.clear();
        return line.size();
    }
    if (const std::size_t colon = line.find(':'); colon != std::string_view::npos)
        response.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    return line.size();
}

std::size_t Exchange::on_data(const char* data, std::size_t size) {
    ended_by_caller = !request.wants_body;
    if (ended_by_caller) return CURL_WRITEFUNC_ERROR;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (on_body && status >= 200 && status < 300) {
        try {
            ended_by_caller = !on_body(as_bytes({data, size}));
        } catch (...) {
            thrown = std::current_exception();
        }
        last_move = Steady::now();  // the time that the caller took is not the server's
        return ended_by_caller || thrown ? CURL_WRITEFUNC_ERROR : size;
    }
    std::string& body = response.body;
    too_large = size > max_body_bytes - body.size();
    if (too_large) return CURL_WRITEFUNC_ERROR;
    if (body.empty()) {
        curl_off_t length = 0;
        curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        body.reserve(
            std::min<std::size_t>(max_body_bytes, length > 0 ? static_cast<std::size_t>(length) : 0));
    }
    body.append(data, size);
    return size;
}

int Exchange::on_progress(curl_off_t moved_now) {
    const auto now = Steady::now();
    if (moved_now != moved) {
        moved = moved_now;
        last_move = now;
    }
    stalled = now - last_move > request.stall;
    return stalled || request.stop.stop_requested() ? 1 : 0;
}

curl_socket_t Exchange::on_open_socket(const curl_sockaddr& to) {
    const auto address = address_of(to);
    const bool allowed = address && policy->allows(host, *address);
    (allowed ? allowed_address : refused_address) = true;
    return allowed ? ::socket(to.family, to.socktype | SOCK_CLOEXEC, to.protocol) : CURL_SOCKET_BAD;
}

HeaderList header_list(const HttpRequest& request) {
    HeaderList list;
    append(list, "Expect:");  // no waiting for "100 Continue"
    bool typed = false;
    for (const auto& [name, value] : request.headers) {
        // libcurl's spelling of a header that is empty on purpose ends with ';'
        append(list, value.empty() ? name + ";" : name + ": " + value);
        typed = typed || to_lower(name) == "content-type";
    }
    if (!typed) append(list, "Content-Type:");  // libcurl would call every body a form
    return list;
}

void set_method(CURL* easy, const HttpRequest& request) {
    if (request.method == "HEAD") {
        set_option(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST" || !request.body.empty()) {
        set_option(easy, CURLOPT_POST, 1L);
        set_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        // libcurl reads through its callback where the pointer is null, even nothing
        set_option(easy, CURLOPT_POSTFIELDS,
                   request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    }
    if (request.method != "HEAD") set_option(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_options(CURL* easy, Exchange& exchange, curl_slist* headers) {
    const HttpRequest& request = exchange.request;
    curl_easy_reset(easy);  // keeps the connections
    set_option(easy, CURLOPT_URL, request.url.c_str());
    set_option(easy, CURLOPT_PATH_AS_IS, 1L);  // a signed path must not be normalised
    set_option(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
    trust_certificates_of_environment(easy);
    set_option(easy, CURLOPT_PROXY, "");
    set_option(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set_option(easy, CURLOPT_USERAGENT, "fadeout");
    set_option(easy, CURLOPT_HTTPHEADER, headers);
    set_option(easy, CURLOPT_NOSIGNAL, 1L);
    set_option(easy, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a name look-up that hangs
    set_option(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set_option(easy, CURLOPT_BUFFERSIZE, 256L << 10);
    set_option(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
    set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set_option(easy, CURLOPT_CONNECTTIMEOUT_MS,
               static_cast<long>(std::min(connect_timeout, request.timeout).count()));
    set_method(easy, request);
    if (exchange.policy != nullptr) {
        set_option(easy, CURLOPT_OPENSOCKETDATA, &exchange);
        set_option(
            easy, CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* to) {
                return static_cast<Exchange*>(self)->on_open_socket(*to);
            });
    }

    set_option(easy, CURLOPT_HEADERDATA, &exchange);
    set_option(
        easy, CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
            return static_cast<Exchange*>(self)->on_header({data, size});
        });
    set_option(easy, CURLOPT_WRITEDATA, &exchange);
    set_option(
        easy, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
            return static_cast<Exchange*>(self)->on_data(data, size);
        });
    set_option(easy, CURLOPT_NOPROGRESS, 0L);
    set_option(easy, CURLOPT_XFERINFODATA, &exchange);
    set_option(
        easy, CURLOPT_XFERINFOFUNCTION,
        +[](void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
            return static_cast<Exchange*>(self)->on_progress(received + sent);
        });
}

/// Why an exchange ended without its whole answer.
Error failure(CURLcode result, const Exchange& exchange) {
    const std::string detail = mask_url(exchange.request.url) + ": " + curl_easy_strerror(result);
    const auto because = [&](ErrorKind kind, std::string_view what) {
        return Error(kind, std::string(exchange.request.peer) + std::string(what), detail);
    };
    if (exchange.too_large || exchange.header_bytes > max_header_bytes)
        return because(ErrorKind::bad_source, " sent more than was asked for.");
    if (exchange.refused_address && !exchange.allowed_address)
        return {ErrorKind::denied, "This address is not public; allow it with --source-allow.", detail};
    if (exchange.request.stop.stop_requested())
        return {ErrorKind::cancelled, "The request was given up.", detail};
    if (exchange.stalled) return because(ErrorKind::timeout, " sent nothing for too long.");
    if (result == CURLE_OPERATION_TIMEDOUT) return because(ErrorKind::timeout, " did not answer in time.");
    if (result == CURLE_PEER_FAILED_VERIFICATION)
        return because(ErrorKind::unavailable,
                       " has a TLS certificate that could not be verified. Check its address and this "
                       "machine's CA certificates.");
    if (result == CURLE_COULDNT_RESOLVE_HOST)
        return because(ErrorKind::unavailable,
                       " could not be reached: its host name is not known. Check its address, or try again.");
    if (result == CURLE_COULDNT_CONNECT)
        return because(ErrorKind::unavailable,
                       " could not be reached. Check that it runs and its address, or try again.");
    if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
        return because(ErrorKind::invalid, " has an address that is no http:// or https:// URL.");
    return because(ErrorKind::unavailable, " could not be reached or broke off. Try again.");
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const noexcept {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    return found == headers.end() ? std::string_view() : found->second;
}

/// Handles that wait for their next request, each with its open connection; the latest used goes first.
class HttpClient::Pool {
  public:
    EasyHandle take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                EasyHandle handle = std::move(idle_.back());
                idle_.pop_back();
                return handle;
            }
        }
        EasyHandle handle(curl_easy_init());
        if (!handle) throw std::bad_alloc();
        return handle;
    }

    void give_back(EasyHandle handle) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < max_idle) idle_.push_back(std::move(handle));
    }

  private:
    std::mutex mutex_;
    std::vector<EasyHandle> idle_;
};

HttpClient::HttpClient(std::size_t max_body_bytes, std::optional<AddressPolicy> policy)
    : pool_(std::make_unique<Pool>()), max_body_bytes_(max_body_bytes), policy_(std::move(policy)) {
    initialise_curl();
}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request, const OnBody& on_body) {
    EasyHandle handle = pool_->take();
    Exchange exchange(handle.get(), request, on_body, max_body_bytes_);
    if (policy_) {
        exchange.policy = &*policy_;
        if (const auto url = HttpUrl::parse(request.url)) exchange.host = url->host();
    }
    const HeaderList headers = header_list(request);
    set_options(handle.get(), exchange, headers.get());
    const CURLcode result = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_reset(handle.get());  // nothing may point at this call's values any more
    // After a failure no connection is left to keep, and libcurl may refuse to change the buffers' sizes.
    if (result == CURLE_OK) pool_->give_back(std::move(handle));
    if (exchange.thrown) std::rethrow_exception(exchange.thrown);
    if (result != CURLE_OK && !exchange.ended_by_caller) throw failure(result, exchange);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
}

}  // namespace fadeout::net
