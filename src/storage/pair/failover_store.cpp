#include "storage/pair/failover_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/arguments.h"
#include "storage/pair/failover_writer.h"
#include "storage/pair/merge.h"

namespace fadeout::storage {

bool may_fail_over(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::storage_full:
        case ErrorKind::misconfigured:
        case ErrorKind::denied:
        case ErrorKind::internal:
            return true;
        default:
            return false;
    }
}

FailoverStore::FailoverStore(std::unique_ptr<ObjectStore> first, std::unique_ptr<ObjectStore> second,
                             FailoverOptions options)
    : first_(std::move(first)), second_(std::move(second)), options_(std::move(options)) {}

bool FailoverStore::is_first_down() const {
    return options_.uptime().count() < down_until_;
}

void FailoverStore::note_failure(const Error& error) {
    const bool known = is_first_down();
    down_until_ = (options_.uptime() + cool_down).count();
    if (!known)
        options_.log(Severity::error,
                     fmt::format("{} The second store is used for {} s.",
                                 with_detail(of_side(error, Side::first, *first_)),
                                 std::chrono::duration_cast<std::chrono::seconds>(cool_down).count()));
}

/// While the first store is down the second has the newest writes.
std::array<ObjectStore*, 2> FailoverStore::order() const {
    if (is_first_down()) return {second_.get(), first_.get()};
    return {first_.get(), second_.get()};
}

/// What `look` finds in one of the stores. Throws where it was not found, but too few stores could tell.
template <class Found>
Found FailoverStore::find(const std::function<Found(ObjectStore&)>& look, Absence absence) {
    std::optional<Error> failure;
    bool is_told = false;
    for (ObjectStore* store : order()) {
        try {
            if (Found found = look(*store)) return found;
            is_told = absence == Absence::told_by_one;
            if (is_told && is_first_down()) break;  // the first one would only be waited for
        } catch (const Error& error) {
            if (!may_fail_over(error.kind())) throw;
            const bool is_first = store == first_.get();
            if (is_first) note_failure(error);
            failure = of_side(error, is_first ? Side::first : Side::second, *store);
        }
    }
    if (failure && !is_told) throw *failure;
    return Found();
}

std::optional<ObjectHead> FailoverStore::head(const Key& key) {
    return find<std::optional<ObjectHead>>([&](ObjectStore& store) { return store.head(key); });
}

std::optional<ObjectHead> FailoverStore::head_before_write(const Key& key) {
    return find<std::optional<ObjectHead>>([&](ObjectStore& store) { return store.head(key); },
                                           Absence::told_by_one);
}

std::unique_ptr<ObjectReader> FailoverStore::open(const Key& key) {
    return find<std::unique_ptr<ObjectReader>>([&](ObjectStore& store) { return store.open(key); });
}

std::unique_ptr<ObjectWriter> FailoverStore::create(const Key& key, const ObjectAttributes& attributes) {
    check_attributes(attributes);
    return std::make_unique<FailoverWriter>(*this, key, attributes);
}

ObjectPage FailoverStore::list(std::string_view prefix, std::string_view cursor, std::size_t limit) {
    std::vector<ObjectPage> pages;
    for (ObjectStore* store : order()) {
        try {
            pages.push_back(store->list(prefix, cursor, limit));
        } catch (const Error& error) {
            throw of_side(error, store == first_.get() ? Side::first : Side::second, *store);
        }
    }
    return merge_pages(std::move(pages[0]), std::move(pages[1]), limit);
}

std::vector<RemoveResult> FailoverStore::remove(std::span<const Key> keys) {
    check_remove_count(keys.size());
    std::vector<RemoveResult> results = remove_from_side(*first_, Side::first, keys);
    const std::vector<RemoveResult> of_second = remove_from_side(*second_, Side::second, keys);
    for (std::size_t i = 0; i < results.size(); ++i)
        if (!results[i].error) results[i].error = of_second[i].error;
    return results;
}

std::size_t FailoverStore::remove_unfinished(Time older_than) {
    return first_->remove_unfinished(older_than) + second_->remove_unfinished(older_than);
}

/// The store that the object is read from; where it is in neither, the one that would be written to.
ObjectStore& FailoverStore::holder(const Key& key) {
    ObjectStore* found = order()[0];
    find<bool>([&](ObjectStore& store) {
        if (!store.head(key)) return false;
        found = &store;
        return true;
    });
    return *found;
}

std::string FailoverStore::presign(LinkMethod method, const Key& key, Duration expires,
                                   const LinkOptions& options) {
    if (method != LinkMethod::put) {
        ObjectStore& store = holder(key);
        if (&store == first_.get()) return store.presign(method, key, expires, options);
        if (!options.may_end_early) return options_.other_link(key, expires, options);
        return store.presign(method, key, std::min(expires, longest_second_link), options);
    }
    ObjectStore& store = *order()[0];
    std::string link = store.presign(method, key, expires, options);
    if (&store == second_.get()) bring_home_later(key, expires + late_upload);
    return link;
}

void FailoverStore::check() {
    std::optional<Error> failure;
    try {
        first_->check();
    } catch (const Error& error) {
        failure = of_side(error, Side::first, *first_);
        note_failure(error);
    }
    try {
        check_side(*second_, Side::second);
    } catch (const Error& error) {
        if (failure)
            throw Error(ErrorKind::unavailable, fmt::format("{} {}", failure->what(), error.what()),
                        fmt::format("{}; {}", failure->detail(), error.detail()));
        options_.log(Severity::error, with_detail(error));
    }
}

void FailoverStore::bring_home_later(const Key& key, Duration delay) noexcept {
    try {
        options_.ask_for_repair(key, Missed::write, delay);
    } catch (const std::exception& error) {
        options_.log(Severity::error,
                     fmt::format("{} stays in the second store: that it belongs into the first could not be "
                                 "noted ({}).",
                                 key.str(), error.what()));
    }
}

}  // namespace fadeout::storage
