#include "storage/s3/s3_writer.h"

#include <algorithm>

#include "base/http_date.h"
#include "base/ids.h"
#include "base/pause.h"
#include "storage/arguments.h"
#include "storage/s3/headers.h"
#include "storage/s3/xml.h"

namespace fadeout::storage::s3 {

static_assert(part_bytes == first_part_bytes);

namespace {

constexpr std::string_view doing = "write the object";
constexpr Duration look_again_after{2'000};

/// Takes what fits into `part` from the front of `data`.
void move_front(Bytes& data, std::vector<std::byte>& part) {
    const std::size_t n = std::min(data.size(), part_bytes - part.size());
    part.insert(part.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n));
    data = data.subspan(n);
}

/// Metadata that fills S3's limit leaves no room for a token; then a lost answer stays a failure.
std::string make_token(const ObjectAttributes& attributes) {
    constexpr std::size_t token_bytes = 14 + 36;  // "fadeout-upload" and a UUID
    std::size_t used = token_bytes;
    for (const auto& [name, value] : attributes.metadata) used += name.size() + encode_metadata(value).size();
    return used <= max_metadata_bytes ? make_uuid() : std::string();
}

}  // namespace

S3Writer::S3Writer(Client& client, ConditionalWrites& conditions, Key key, const ObjectAttributes& attributes)
    : client_(client),
      conditions_(conditions),
      key_(std::move(key)),
      token_(make_token(attributes)),
      headers_(attribute_headers(key_, attributes, token_)),
      uploads_([this](std::size_t number, Bytes part) { return upload_part(number, part); }) {}

void S3Writer::require_open() const {
    if (spent_) throw Error(ErrorKind::internal, "Could not write the object.", "its writer is spent");
}

void S3Writer::write(Bytes data) {
    require_open();
    try {
        fill(data);
    } catch (...) {
        abort();
        throw;
    }
}

void S3Writer::fill(Bytes data) {
    written_ += data.size();
    if (first_.size() < part_bytes) move_front(data, first_);
    while (!data.empty()) {
        if (current_.capacity() < part_bytes) current_.reserve(part_bytes);
        move_front(data, current_);
        if (current_.size() == part_bytes) begin_part();
    }
}

void S3Writer::begin_part() {
    if (upload_id_.empty())
        upload_id_ =
            parse_upload_id(client_.require({"POST", key_.str(), {{"uploads", ""}}, headers_}, doing).body);
    current_ = uploads_.begin(++begun_, std::move(current_));
}

std::string S3Writer::upload_part(std::size_t number, Bytes part) {
    const auto response =
        client_.require({.method = "PUT",
                         .key = key_.str(),
                         .query = {{"partNumber", std::to_string(number)}, {"uploadId", upload_id_}},
                         .body = part,
                         .stop = given_up_.get_token()},
                        doing);
    return plain_etag(response.header("etag"));
}

void S3Writer::patch(std::uint64_t offset, Bytes data) {
    require_open();
    check_patch(offset, data.size(), written_);
    std::copy(data.begin(), data.end(), first_.begin() + static_cast<std::ptrdiff_t>(offset));
}

ObjectInfo S3Writer::commit(Existing existing) {
    require_open();
    try {
        const aws::NameValues conditions = existing == Existing::keep ? keep_existing() : aws::NameValues();
        ObjectInfo info = is_multipart() ? complete(conditions) : put(conditions);
        spent_ = true;
        return info;
    } catch (...) {
        abort();
        throw;
    }
}

/// The condition of the final request; where the service knows none, a look before it must do.
aws::NameValues S3Writer::keep_existing() {
    if (conditions_.honoured(is_multipart())) return {{"if-none-match", "*"}};
    const Answer answer = client_.send({"HEAD", key_.str()});
    if (answer.ok()) throw already_there(key_);
    if (answer.fault->status != 404) throw to_error(*answer.fault, doing);
    return {};
}

ObjectInfo S3Writer::put(aws::NameValues conditions) {
    conditions.insert(conditions.end(), headers_.begin(), headers_.end());
    return send_final({"PUT", key_.str(), {}, std::move(conditions), first_});
}

ObjectInfo S3Writer::complete(const aws::NameValues& conditions) {
    if (!current_.empty()) begin_part();
    uploads_.begin(1, std::move(first_));
    const std::string document = completion_document(uploads_.finish());
    return send_final({"POST", key_.str(), {{"uploadId", upload_id_}}, conditions, as_bytes(document)});
}

/// The request that makes the object visible. Where its answer is lost, the object itself tells.
ObjectInfo S3Writer::send_final(const Request& request) {
    std::optional<ObjectInfo> written;
    try {
        const net::HttpResponse response = client_.require(request, doing);
        const bool put = request.method == "PUT";
        const std::string etag =
            put ? plain_etag(response.header("etag")) : parse_completed_etag(response.body);
        const auto modified = parse_http_date(response.header("date"));
        written = {key_, written_, modified.value_or(client_.clock().now()), etag};
    } catch (const Error& failure) {
        return settle(failure);
    }
    // Ceph completes without telling the ETag. Where another writer replaced the object since, it stays
    // unknown.
    if (written->etag.empty())
        if (auto own = find_own()) return std::move(*own);
    return std::move(*written);
}

ObjectInfo S3Writer::settle(const Error& failure) {
    try {
        if (auto own = find_own()) return std::move(*own);
        if (failure.kind() == ErrorKind::unavailable) {  // the service may still be at it
            pause(look_again_after, {});
            if (auto own = find_own()) return std::move(*own);
        }
    } catch (const Error&) {  // of the look, which says less than the failure
    }
    throw failure;
}

/// The object, if it is there and is this writer's: by its token and size, since another of the same key may
/// be there.
std::optional<ObjectInfo> S3Writer::find_own() {
    if (token_.empty()) return std::nullopt;
    const Answer answer = client_.send({"HEAD", key_.str()});
    if (!answer.ok() || upload_token(answer.http) != token_) return std::nullopt;
    ObjectHead head = parse_head(key_, answer.http);
    return head.info.size_bytes == written_ ? std::optional(std::move(head.info)) : std::nullopt;
}

void S3Writer::abort() noexcept {
    if (spent_) return;
    spent_ = true;
    given_up_.request_stop();
    uploads_.wait();
    if (upload_id_.empty()) return;
    try {
        client_.send({"DELETE", key_.str(), {{"uploadId", upload_id_}}});
    } catch (...) {  // what is left behind is found by remove_unfinished()
    }
}

}  // namespace fadeout::storage::s3
