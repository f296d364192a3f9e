#include "storage/pair/failover_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/arguments.h"

namespace fadeout::storage {

FailoverWriter::FailoverWriter(FailoverStore& store, Key key, const ObjectAttributes& attributes)
    : store_(store), key_(std::move(key)), attributes_(attributes) {
    if (store_.is_first_down())
        turn_to_second();
    else
        attempt([&] { writer_ = store_.first_->create(key_, attributes_); });
}

void FailoverWriter::require_open() const {
    if (!writer_) throw Error(ErrorKind::internal, "Could not write the object.", "its writer is spent");
}

/// Runs `call` on the first store. Where that fails in a way that the second may not share, the second has
/// everything that `call` was meant to have written afterwards.
void FailoverWriter::attempt(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        writer_.reset();
        if (in_second_) throw of_side(error, Side::second, *store_.second_);
        if (!may_fail_over(error.kind())) throw;
        store_.note_failure(error);
        if (written_ > first_part_bytes)
            throw Error(ErrorKind::unavailable,
                        "The first store failed in the middle of a large object. Try again: it goes to the "
                        "second one then.",
                        error.what());
        turn_to_second();
    }
}

void FailoverWriter::turn_to_second() {
    in_second_ = true;
    attempt([&] {
        writer_ = store_.second_->create(key_, marked_attributes());
        writer_->write(kept_);
    });
    kept_ = {};
}

/// With the store's name where S3's limit leaves room for it.
ObjectAttributes FailoverWriter::marked_attributes() const {
    ObjectAttributes marked = attributes_;
    marked.metadata[std::string(store_mark)] =
        fmt::format("{}/{}", store_.second_->provider(), store_.second_->bucket());
    try {
        check_attributes(marked);
        return marked;
    } catch (const Error&) {
        return attributes_;
    }
}

void FailoverWriter::keep(Bytes data) {
    written_ += data.size();
    if (in_second_) return;
    if (written_ > first_part_bytes)
        kept_ = {};
    else
        kept_.insert(kept_.end(), data.begin(), data.end());
}

void FailoverWriter::write(Bytes data) {
    require_open();
    keep(data);
    attempt([&] { writer_->write(data); });
}

void FailoverWriter::patch(std::uint64_t offset, Bytes data) {
    require_open();
    check_patch(offset, data.size(), written_);
    if (!kept_.empty()) std::ranges::copy(data, kept_.begin() + static_cast<std::ptrdiff_t>(offset));
    attempt([&] { writer_->patch(offset, data); });
}

std::uint64_t FailoverWriter::patchable_bytes() const {
    return first_part_bytes;
}

ObjectInfo FailoverWriter::commit(Existing existing) {
    require_open();
    if (existing == Existing::keep && !in_second_ && is_in_second()) {
        abort();
        throw already_there(key_);
    }
    std::optional<ObjectInfo> info;
    attempt([&] { info = writer_->commit(existing); });
    if (!info) attempt([&] { info = writer_->commit(existing); });  // the second has it now
    writer_.reset();
    if (in_second_) {
        store_.options_.log(Severity::error,
                            fmt::format("{} was written to the second store ({}, bucket {}).", key_.str(),
                                        store_.second_->provider(), store_.second_->bucket()));
        store_.bring_home_later(key_, Duration(0));
    }
    return std::move(*info);
}

/// Where the second store cannot tell, the first one works and decides.
bool FailoverWriter::is_in_second() const {
    try {
        return store_.second_->head(key_).has_value();
    } catch (const Error& error) {
        if (!may_fail_over(error.kind())) throw;
        return false;
    }
}

void FailoverWriter::abort() noexcept {
    writer_.reset();
}

}  // namespace fadeout::storage
