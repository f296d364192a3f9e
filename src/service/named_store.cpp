#include "service/named_store.h"

namespace fadeout::service {

namespace {

template <class Call>
auto of(const std::string& name, Call call) {
    try {
        return call();
    } catch (const Error& error) {
        throw named(error, name);
    }
}

class NamedReader final : public storage::ObjectReader {
  public:
    NamedReader(std::unique_ptr<storage::ObjectReader> reader, const std::string& name)
        : reader_(std::move(reader)), name_(name) {}

    const storage::ObjectHead& head() const override { return reader_->head(); }
    int file_descriptor() const noexcept override { return reader_->file_descriptor(); }
    std::optional<std::uint64_t> size() const override { return reader_->size(); }
    bool seekable() const override { return reader_->seekable(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        return of(name_, [&] { return reader_->read_at(offset, out); });
    }

  private:
    const std::unique_ptr<storage::ObjectReader> reader_;
    const std::string name_;
};

class NamedWriter final : public storage::ObjectWriter {
  public:
    NamedWriter(std::unique_ptr<storage::ObjectWriter> writer, const std::string& name)
        : writer_(std::move(writer)), name_(name) {}

    void write(Bytes data) override {
        of(name_, [&] { writer_->write(data); });
    }
    void patch(std::uint64_t offset, Bytes data) override {
        of(name_, [&] { writer_->patch(offset, data); });
    }
    std::uint64_t patchable_bytes() const override { return writer_->patchable_bytes(); }
    storage::ObjectInfo commit(storage::Existing existing) override {
        return of(name_, [&] { return writer_->commit(existing); });
    }
    void abort() noexcept override { writer_->abort(); }

  private:
    const std::unique_ptr<storage::ObjectWriter> writer_;
    const std::string name_;
};

}  // namespace

Error named(const Error& error, const std::string& name) {
    return {error.kind(), name + ": " + error.what(), error.detail()};
}

std::optional<storage::ObjectHead> NamedStore::head(const storage::Key& key) {
    return of(name_, [&] { return store_.head(key); });
}

std::unique_ptr<storage::ObjectReader> NamedStore::open(const storage::Key& key) {
    auto reader = of(name_, [&] { return store_.open(key); });
    if (!reader) return nullptr;
    return std::make_unique<NamedReader>(std::move(reader), name_);
}

std::unique_ptr<storage::ObjectWriter> NamedStore::create(const storage::Key& key,
                                                          const storage::ObjectAttributes& attributes) {
    auto writer = of(name_, [&] { return store_.create(key, attributes); });
    return std::make_unique<NamedWriter>(std::move(writer), name_);
}

storage::ObjectPage NamedStore::list(std::string_view prefix, std::string_view cursor, std::size_t limit) {
    return of(name_, [&] { return store_.list(prefix, cursor, limit); });
}

std::vector<storage::RemoveResult> NamedStore::remove(std::span<const storage::Key> keys) {
    auto results = of(name_, [&] { return store_.remove(keys); });
    for (storage::RemoveResult& result : results)
        if (result.error) result.error = named(*result.error, name_);
    return results;
}

std::size_t NamedStore::remove_unfinished(Time older_than) {
    return of(name_, [&] { return store_.remove_unfinished(older_than); });
}

std::size_t NamedStore::count_unfinished(Time older_than) {
    return of(name_, [&] { return store_.count_unfinished(older_than); });
}

std::string NamedStore::presign(storage::LinkMethod method, const storage::Key& key, Duration expires,
                                const storage::LinkOptions& options) {
    return of(name_, [&] { return store_.presign(method, key, expires, options); });
}

std::optional<std::vector<storage::LifecycleRule>> NamedStore::lifecycle() {
    return of(name_, [&] { return store_.lifecycle(); });
}

void NamedStore::check() {
    of(name_, [&] { store_.check(); });
}

}  // namespace fadeout::service
