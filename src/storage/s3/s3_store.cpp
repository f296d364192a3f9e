#include "storage/s3/s3_store.h"

#include <algorithm>
#include <future>
#include <utility>

#include "storage/arguments.h"
#include "storage/link.h"
#include "storage/s3/headers.h"
#include "storage/s3/s3_reader.h"
#include "storage/s3/s3_writer.h"
#include "storage/s3/url_key.h"
#include "storage/s3/xml.h"

namespace fadeout::storage {

namespace {

/// Ceph removes the keys of one request one after the other, so larger lists are cut into requests that run
/// at once.
constexpr std::size_t removals_at_once = 8;
constexpr std::size_t fewest_per_removal = 50;

std::vector<RemoveResult> remove_batch(s3::Client& client, std::span<const Key> keys) {
    const std::string document = s3::removal_document(keys);
    const s3::Answer answer = client.send({"POST", {}, {{"delete", ""}}, {}, as_bytes(document)});
    if (answer.fault) throw s3::to_error(*answer.fault, "remove objects");
    return s3::parse_removal(answer.http.body, keys);
}

/// A batch that fails as a whole does not hide what became of the others.
std::vector<RemoveResult> try_remove_batch(s3::Client& client, std::span<const Key> keys) {
    try {
        return remove_batch(client, keys);
    } catch (const Error& error) {
        std::vector<RemoveResult> failed;
        for (const Key& key : keys) failed.push_back({key, error});
        return failed;
    }
}

/// A service that does not know where it was asked to go on would be asked for ever.
Error lists_in_circles() {
    return {
        ErrorKind::internal,
        "The object store gives the same page of a list again and again. It lacks a part of the S3 API that "
        "fadeout needs (start-after, key-marker)."};
}

}  // namespace

S3Store::S3Store(S3Options options, const Clock& clock, OtherLink other_link)
    : endpoints_(s3::endpoints(options.location, options.public_endpoints)),
      client_(std::move(options), clock),
      other_link_(std::move(other_link)) {
    check_bucket_name(bucket());
}

/// The same, for requests that all end within `limit` from now.
S3Store::S3Store(const S3Store& other, Duration limit)
    : endpoints_(other.endpoints_), client_(other.client_.within(limit)), other_link_(other.other_link_) {}

std::optional<ObjectHead> S3Store::head(const Key& key) {
    const s3::Answer answer = client_.send({"HEAD", key.str()});
    if (answer.ok()) return s3::parse_head(key, answer.http);
    if (answer.fault->status == 404) return std::nullopt;
    throw s3::to_error(*answer.fault, "look at the object");
}

std::unique_ptr<ObjectReader> S3Store::open(const Key& key) {
    return s3::S3Reader::open(client_, key);
}

std::unique_ptr<ObjectWriter> S3Store::create(const Key& key, const ObjectAttributes& attributes) {
    check_attributes(attributes);
    return std::make_unique<s3::S3Writer>(client_, conditions_, key, attributes);
}

ObjectPage S3Store::list(std::string_view prefix, std::string_view cursor, std::size_t limit) {
    check_list_limit(limit);
    s3::Request request{"GET",
                        {},
                        {{"list-type", "2"},
                         {"encoding-type", "url"},
                         {"max-keys", std::to_string(limit)},
                         {"prefix", std::string(prefix)}},
                        {}};
    if (!cursor.empty()) request.query.emplace_back("start-after", cursor);
    ObjectPage page = s3::parse_object_page(client_.require(request, "list objects").body);
    if (page.next && *page.next == cursor) throw lists_in_circles();
    return page;
}

std::vector<RemoveResult> S3Store::remove(std::span<const Key> keys) {
    check_remove_count(keys.size());
    const std::size_t size =
        std::max((keys.size() + removals_at_once - 1) / removals_at_once, fewest_per_removal);
    std::vector<std::future<std::vector<RemoveResult>>> batches;
    while (keys.size() > size) {
        batches.push_back(
            std::async(std::launch::async, try_remove_batch, std::ref(client_), keys.first(size)));
        keys = keys.subspan(size);
    }
    std::vector<RemoveResult> last =
        keys.empty() ? std::vector<RemoveResult>() : try_remove_batch(client_, keys);
    std::vector<RemoveResult> results;
    for (auto& batch : batches)
        for (RemoveResult& result : batch.get()) results.push_back(std::move(result));
    for (RemoveResult& result : last) results.push_back(std::move(result));
    return results;
}

std::size_t S3Store::remove_unfinished(Time older_than) {
    std::optional<Error> failure;
    const std::size_t removed = for_each_unfinished(older_than, [&](const s3::Upload& upload) {
        const s3::Answer answer = client_.send({"DELETE", upload.key, {{"uploadId", upload.id}}, {}});
        if (answer.fault && answer.fault->status != 404)  // which ended meanwhile
            failure = s3::to_error(*answer.fault, "end an unfinished upload");
        return answer.ok();
    });
    if (failure) throw Error(*failure);
    return removed;
}

std::size_t S3Store::count_unfinished(Time older_than) {
    return for_each_unfinished(older_than, [](const s3::Upload&) { return true; });
}

/// Hands `see_to` each upload that began before `older_than`; counts those of which it says so.
std::size_t S3Store::for_each_unfinished(Time older_than,
                                         const std::function<bool(const s3::Upload&)>& see_to) {
    std::size_t count = 0;
    s3::UploadPage page;
    do {
        s3::Request request{"GET", {}, {{"uploads", ""}, {"encoding-type", "url"}}, {}};
        if (page.truncated) {
            request.query.emplace_back("key-marker", page.next_key);
            if (!page.next_id.empty()) request.query.emplace_back("upload-id-marker", page.next_id);
        }
        const s3::UploadPage before = std::exchange(
            page, s3::parse_upload_page(client_.require(request, "list unfinished uploads").body));
        if (page.truncated && page.next_key == before.next_key && page.next_id == before.next_id)
            throw lists_in_circles();
        for (const s3::Upload& upload : page.uploads)
            if (upload.initiated < older_than && see_to(upload)) ++count;
    } while (page.truncated);
    return count;
}

std::string S3Store::presign(LinkMethod method, const Key& key, Duration expires,
                             const LinkOptions& options) {
    if (method == LinkMethod::put) {
        aws::NameValues headers;
        if (!options.content_type.empty()) headers.emplace_back("content-type", options.content_type);
        return client_.presign("PUT", key.str(), expires, {}, headers);
    }
    const std::optional<Duration> life = client_.link_life(expires);
    if (options.may_end_early)
        expires = std::max(life.value_or(expires), Duration(1'000));
    else if (other_link_ && (!life || *life < expires))
        return other_link_(key, expires, options);
    aws::NameValues query;
    if (!options.download_filename.empty())
        query.emplace_back("response-content-disposition", content_disposition(options.download_filename));
    return client_.presign(method == LinkMethod::head ? "HEAD" : "GET", key.str(), expires, query, {});
}

std::optional<std::vector<LifecycleRule>> S3Store::lifecycle() {
    const s3::Answer answer = client_.send({"GET", {}, {{"lifecycle", ""}}});
    if (answer.ok()) return s3::parse_lifecycle(answer.http.body);
    const s3::Fault& fault = *answer.fault;
    if (fault.code == "NoSuchLifecycleConfiguration") return std::vector<LifecycleRule>();
    if (fault.status == 501 || fault.status == 405) return std::nullopt;
    if (fault.code == "AccessDenied")
        throw Error(ErrorKind::denied,
                    "Could not read the bucket's lifecycle rules. The access key needs "
                    "s3:GetLifecycleConfiguration on the bucket.");
    throw s3::to_error(fault, "read the bucket's lifecycle rules");
}

std::optional<Key> S3Store::key_in(std::string_view url) const {
    if (auto key = key_below(endpoints_, url)) return key;
    return s3::amazon_key(client_.location(), url);
}

void S3Store::check() {
    S3Store probe(*this, check_limit);
    check_round_trip(probe);
}

}  // namespace fadeout::storage
