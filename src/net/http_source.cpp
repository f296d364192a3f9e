#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "net/content_range.h"
#include "net/http_transfer.h"
#include "net/http_url.h"
#include "net/source.h"

namespace fadeout::net {

namespace {

constexpr std::uint64_t unbounded = UINT64_MAX;
/// A jump this far ahead is cheaper read through than asked for anew.
constexpr std::uint64_t read_through_bytes = HttpTransfer::buffer_bytes;

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error bad_status(int status, const std::string& detail) {
    std::string message = "The source answered with status " + std::to_string(status) + ".";
    if (status == 401 || status == 403) message += " Check that the link is complete and has not expired.";
    if (status == 404 || status == 410) message += " Check the link: there is nothing under it.";
    return {ErrorKind::bad_source, message, detail};
}

class HttpSource final : public UrlSource {
  public:
    HttpSource(HttpUrl url, const AddressPolicy& policy, const SourceLimits& limits, std::stop_token stop)
        : url_(std::move(url)),
          limits_(limits),
          resumes_left_(limits.resumes),
          transfer_(policy, limits, std::move(stop)) {
        start(0);
    }

    std::optional<std::uint64_t> size() const override {
        return at_least_ == at_most_ ? std::optional(at_most_) : std::nullopt;
    }
    bool seekable() const override { return ranges_; }
    const std::string& version() const noexcept override { return etag_.empty() ? last_modified_ : etag_; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;

  private:
    void start(std::uint64_t offset);
    SourceResponse request(std::uint64_t offset);
    std::uint64_t accept(const SourceResponse& answer, std::uint64_t asked);
    std::uint64_t accept_end(const SourceResponse& answer, std::uint64_t asked);
    void learn(const SourceResponse& answer);
    void check_unchanged(const SourceResponse& answer) const;
    void narrow_size(std::uint64_t at_least, std::uint64_t at_most);
    void skip_to(std::uint64_t offset);
    std::size_t next(std::span<std::byte> out);
    std::string detail() const { return mask_url(url_.str()); }
    Error empty() const { return {ErrorKind::bad_source, "The source is empty.", detail()}; }
    Error changed() const {
        return {ErrorKind::bad_source, "The source changed while it was read.", detail()};
    }
    Error too_large() const {
        return {ErrorKind::too_large, "The source is larger than " + format_bytes(limits_.max_bytes) + ".",
                detail()};
    }

    HttpUrl url_;
    SourceLimits limits_;
    int resumes_left_;
    HttpTransfer transfer_;
    std::uint64_t position_ = 0;              ///< offset of the transfer's next byte
    std::optional<std::uint64_t> range_end_;  ///< where the transfer in flight ends
    // Learnt from the first answer; later ones must agree.
    bool known_ = false;
    bool ranges_ = false;
    std::uint64_t at_least_ = 0;         ///< so many bytes were announced
    std::uint64_t at_most_ = unbounded;  ///< no byte lies here or beyond
    std::string etag_, last_modified_;
};

std::size_t HttpSource::read_at(std::uint64_t offset, std::span<std::byte> out) {
    if (out.empty() || offset >= at_most_) return 0;
    const bool ahead = offset >= position_;
    if (!ahead || (ranges_ && offset - position_ > read_through_bytes))
        start(offset);
    else
        skip_to(offset);
    return position_ == offset ? next(out) : 0;
}

/// The next bytes. Takes the transfer up again where it broke off, or where the server ended a range early.
std::size_t HttpSource::next(std::span<std::byte> out) {
    while (position_ < at_most_) {
        const std::uint64_t left = range_end_ ? *range_end_ - position_ : out.size();
        const std::size_t n =
            left == 0 ? 0 : transfer_.read(out.first(std::min<std::uint64_t>(out.size(), left)));
        position_ += n;
        if (position_ > limits_.max_bytes) throw too_large();
        if (n > 0) return n;
        const bool is_rest = !range_end_ && !size();  // the answer's end is the source's
        if (is_rest && position_ >= at_least_ && !transfer_.broken()) return 0;
        const bool recognisable = size() || !version().empty();
        if (left > 0 && (!recognisable || resumes_left_-- <= 0))
            throw Error(ErrorKind::bad_source, "The source broke off before its end.", detail());
        start(position_);
    }
    return 0;
}

void HttpSource::skip_to(std::uint64_t offset) {
    std::array<std::byte, 16 * 1024> scratch;
    while (position_ < offset) {
        const auto want = std::min<std::uint64_t>(scratch.size(), offset - position_);
        if (next(std::span(scratch).first(want)) == 0) return;
    }
}

/// Begins a transfer whose next byte is the one at `offset`.
void HttpSource::start(std::uint64_t offset) {
    try {
        position_ = accept(request(offset), offset);
    } catch (...) {
        transfer_.stop();  // its bytes, if any, belong to something else
        throw;
    }
    skip_to(offset);
}

SourceResponse HttpSource::request(std::uint64_t offset) {
    std::vector<std::string> headers{"Accept-Encoding: identity"};
    if (!known_ || ranges_) headers.push_back("Range: bytes=" + std::to_string(offset) + "-");
    if (known_ && ranges_ && !version().empty() && !etag_.starts_with("W/"))
        headers.push_back("If-Range: " + version());
    SourceResponse answer = transfer_.get(url_, headers);
    std::optional<HttpUrl> target;
    for (int hop = 0; is_redirect(answer.status) && !answer.location.empty(); ++hop) {
        if (hop == limits_.redirects)
            throw Error(ErrorKind::bad_source,
                        "The source redirects more than " + std::to_string(limits_.redirects) + " times.",
                        detail());
        target = (target ? *target : url_).resolve(answer.location);
        if (!target)
            throw Error(ErrorKind::bad_source,
                        "The source redirects to something other than http:// or https://.", detail());
        answer = transfer_.get(*target, headers);
    }
    return answer;
}

/// Checks an answer to a request for `asked` onwards; returns the offset of its first byte.
std::uint64_t HttpSource::accept(const SourceResponse& answer, std::uint64_t asked) {
    if (answer.status == 416 && asked == 0) throw empty();
    if (answer.status == 416 && ranges_ && !size()) return accept_end(answer, asked);
    if (answer.status != 200 && answer.status != 206) throw bad_status(answer.status, detail());
    if (!answer.content_encoding.empty() && to_lower(answer.content_encoding) != "identity")
        throw Error(ErrorKind::bad_source, "The source is sent compressed although that was not asked for.",
                    detail());
    std::uint64_t first = 0;
    std::optional<std::uint64_t> size = answer.content_length;
    range_end_ = size;
    if (answer.status == 206) {
        const auto range = parse_content_range(answer.content_range);
        if (!range || range->first != asked)
            throw Error(ErrorKind::bad_source, "The source answered with another range than asked for.",
                        detail());
        if (range->last >= limits_.max_bytes) throw too_large();
        first = range->first;
        range_end_ = range->last + 1;
        size = range->total;
    }
    narrow_size(size ? *size : range_end_.value_or(0), size.value_or(unbounded));
    if (known_)
        check_unchanged(answer);
    else
        learn(answer);
    return first;
}

/// Takes the answer that there is nothing at `asked`, which is how a source of unknown size ends.
std::uint64_t HttpSource::accept_end(const SourceResponse& answer, std::uint64_t asked) {
    check_unchanged(answer);
    if (const auto total = parse_unsatisfied_range(answer.content_range)) narrow_size(*total, *total);
    narrow_size(0, asked);
    transfer_.stop();  // its bytes are an error page
    range_end_ = asked;
    return asked;
}

void HttpSource::learn(const SourceResponse& answer) {
    if (at_most_ == 0 || (at_least_ == 0 && transfer_.finished())) throw empty();
    ranges_ = answer.status == 206 || (size() && to_lower(answer.accept_ranges) == "bytes");
    etag_ = answer.etag;
    last_modified_ = answer.last_modified;
    known_ = true;
}

void HttpSource::check_unchanged(const SourceResponse& answer) const {
    const auto differs = [](const std::string& a, const std::string& b) {
        return !a.empty() && !b.empty() && a != b;
    };
    if (differs(etag_, answer.etag) || differs(last_modified_, answer.last_modified)) throw changed();
}

/// An answer told that the size lies between these two; Error where others told something else.
void HttpSource::narrow_size(std::uint64_t at_least, std::uint64_t at_most) {
    if (at_least > at_most_ || at_most < at_least_) throw changed();
    if (at_least > limits_.max_bytes) throw too_large();
    at_least_ = std::max(at_least_, at_least);
    at_most_ = std::min(at_most_, at_most);
}

}  // namespace

std::unique_ptr<UrlSource> open_url(const std::string& url, const AddressPolicy& policy,
                                    const SourceLimits& limits, std::stop_token stop) {
    auto parsed = HttpUrl::parse(url);
    if (!parsed)
        throw Error(ErrorKind::invalid, "A source must be an http:// or https:// URL.", mask_url(url));
    return std::make_unique<HttpSource>(std::move(*parsed), policy, limits, std::move(stop));
}

}  // namespace fadeout::net
