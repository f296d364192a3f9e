#include "storage/memory/memory_store.h"

#include <algorithm>

#include "storage/arguments.h"

namespace fadeout::storage {

class MemoryReader final : public ObjectReader {
  public:
    explicit MemoryReader(std::shared_ptr<const MemoryStore::Object> object) : object_(std::move(object)) {}

    const ObjectHead& head() const override { return object_->head; }
    std::optional<std::uint64_t> size() const override { return object_->bytes.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        const auto& bytes = object_->bytes;
        if (offset >= bytes.size()) return 0;
        const std::size_t n = std::min<std::uint64_t>(out.size(), bytes.size() - offset);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
        return n;
    }

  private:
    std::shared_ptr<const MemoryStore::Object> object_;
};

class MemoryWriter final : public ObjectWriter {
  public:
    MemoryWriter(MemoryStore& store, Key key, ObjectAttributes attributes)
        : store_(store), key_(std::move(key)), attributes_(std::move(attributes)) {}

    void write(Bytes data) override {
        require_open();
        bytes_.write(data);
    }
    void patch(std::uint64_t offset, Bytes data) override {
        require_open();
        check_patch(offset, data.size(), bytes_.data().size());
        bytes_.patch(offset, data);
    }
    std::uint64_t patchable_bytes() const override { return first_part_bytes; }
    ObjectInfo commit(Existing existing) override {
        require_open();
        spent_ = true;
        return store_.put(key_, attributes_, bytes_.take(), existing);
    }
    void abort() noexcept override { spent_ = true; }

  private:
    void require_open() const {
        if (spent_) throw Error(ErrorKind::internal, "Could not write the object.", "its writer is spent");
    }

    MemoryStore& store_;
    const Key key_;
    const ObjectAttributes attributes_;
    MemorySink bytes_;
    bool spent_ = false;
};

MemoryStore::MemoryStore(const Clock& clock, MemoryOptions options)
    : clock_(clock), options_(std::move(options)), public_url_(PublicUrl::parse(options_.public_url)) {
    check_bucket_name(options_.bucket);
}

ObjectInfo MemoryStore::put(const Key& key, const ObjectAttributes& attributes, std::vector<std::byte> bytes,
                            Existing existing) {
    const std::lock_guard lock(mutex_);
    if (existing == Existing::keep && objects_.contains(key.str())) throw already_there(key);
    ObjectInfo info{key, bytes.size(), clock_.now(), std::to_string(++versions_)};
    objects_.insert_or_assign(
        key.str(), std::make_shared<const Object>(Object{ObjectHead{info, attributes}, std::move(bytes)}));
    return info;
}

std::shared_ptr<const MemoryStore::Object> MemoryStore::find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key.str());
    return found == objects_.end() ? nullptr : found->second;
}

std::optional<ObjectHead> MemoryStore::head(const Key& key) {
    const auto object = find(key);
    return object ? std::optional(object->head) : std::nullopt;
}

std::unique_ptr<ObjectReader> MemoryStore::open(const Key& key) {
    auto object = find(key);
    return object ? std::make_unique<MemoryReader>(std::move(object)) : nullptr;
}

std::unique_ptr<ObjectWriter> MemoryStore::create(const Key& key, const ObjectAttributes& attributes) {
    check_attributes(attributes);
    ObjectAttributes complete = attributes;
    if (complete.content_type.empty()) complete.content_type = content_type_of(key.name());
    return std::make_unique<MemoryWriter>(*this, key, std::move(complete));
}

ObjectPage MemoryStore::list(std::string_view prefix, std::string_view cursor, std::size_t limit) {
    check_list_limit(limit);
    const std::lock_guard lock(mutex_);
    ObjectPage page;
    auto at = cursor < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(cursor);
    for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
        if (page.objects.size() == limit) {
            page.next = page.objects.back().key.str();
            break;
        }
        page.objects.push_back(at->second->head.info);
    }
    return page;
}

std::vector<RemoveResult> MemoryStore::remove(std::span<const Key> keys) {
    check_remove_count(keys.size());
    const std::lock_guard lock(mutex_);
    std::vector<RemoveResult> results;
    for (const Key& key : keys) {
        objects_.erase(key.str());
        results.push_back({key, std::nullopt});
    }
    return results;
}

std::size_t MemoryStore::remove_unfinished(Time) {
    return 0;
}

std::string MemoryStore::presign(LinkMethod method, const Key& key, Duration expires,
                                 const LinkOptions& options) {
    const LinkRequest link = link_request(public_url_, options_.bucket, method, key, options);
    return public_url_.origin + link.path + "?" +
           aws::presign(link.method, link.path, expires, {public_url_.host, options_.region, "s3"},
                        options_.credentials, clock_.now(), link.query, link.headers);
}

std::optional<Key> MemoryStore::key_in(std::string_view url) const {
    return key_below(served_bucket(public_url_, options_.bucket), url);
}

void MemoryStore::check() {
    check_round_trip(*this);
}

}  // namespace fadeout::storage
