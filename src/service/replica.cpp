#include "service/replica.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/pause.h"
#include "service/digest.h"
#include "storage/arguments.h"

namespace fadeout::service {

namespace {

constexpr std::size_t piece_bytes = 1 << 20;
constexpr int max_attempts = 5;

/// Gives all of the object to `take`, piece by piece, and returns its digest.
std::string read_all(storage::ObjectReader& reader, const CopyWatch& watch,
                     const std::function<void(Bytes)>& take) {
    Sha256 digest;
    std::vector<std::byte> buffer(
        std::min<std::uint64_t>(piece_bytes, reader.size().value_or(piece_bytes) + 1));
    std::uint64_t offset = 0;
    while (const std::size_t n = read_fully(reader, offset, buffer)) {
        require_going_on(watch.stop, "copying");
        digest.update(std::span(buffer).first(n));
        take(std::span(buffer).first(n));
        offset += n;
    }
    if (offset != reader.head().info.size_bytes)
        throw Error(ErrorKind::unavailable, "An object ended before its size. Try again.",
                    reader.head().info.key.str());
    return digest.hex();
}

bool have_same_bytes(storage::ObjectReader& a, storage::ObjectReader& b, const CopyWatch& watch) {
    if (a.size() != b.size()) return false;
    std::vector<std::byte> left(piece_bytes), right(piece_bytes);
    for (std::uint64_t offset = 0;; offset += piece_bytes) {
        require_going_on(watch.stop, "copying");
        const std::size_t n = read_fully(a, offset, left);
        if (n != read_fully(b, offset, right) ||
            !std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(n), right.begin()))
            return false;
        if (n < piece_bytes) return true;
    }
}

bool is_md5(std::string_view etag) {
    const std::string_view sum = etag.substr(0, etag.find('-'));
    return sum.size() == 32 && sum.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What the copy says of itself. Marks of the source are about the source.
storage::ObjectAttributes attributes_of_copy(const storage::ObjectHead& source) {
    storage::ObjectAttributes plain = source.attributes;
    std::erase_if(plain.metadata, [](const auto& entry) {
        return entry.first == copied_from || entry.first == storage::store_mark;
    });
    storage::ObjectAttributes marked = plain;
    marked.metadata.emplace(copied_from, source.info.etag);
    try {
        storage::check_attributes(marked);
        return marked;
    } catch (const Error&) {  // no room for it: then the bytes are compared
        return plain;
    }
}

void remove_object(storage::ObjectStore& store, const storage::Key& key) {
    const auto results = store.remove(std::span(&key, 1));
    if (results.front().error) throw *results.front().error;
}

void verify(const storage::ObjectInfo& source, const std::string& digest, storage::ObjectStore& to,
            const CopyWatch& watch) {
    const auto written = to.open(source.key);
    if (!written || written->size() != source.size_bytes || read_all(*written, watch, [](Bytes) {}) != digest)
        throw Error(ErrorKind::bad_source,
                    "The copy does not read back as it was written. Another program may write there, or the "
                    "store is damaged.",
                    source.key.str());
}

/// A copy that was not verified must not be taken for one later. What somebody else wrote there stays.
void discard(const storage::ObjectInfo& copy, storage::ObjectStore& to) noexcept {
    try {
        const auto head = to.head(copy.key);
        if (head && head->info.etag == copy.etag) remove_object(to, copy.key);
    } catch (const std::exception&) {  // it cannot be reached; the caller hears of its own failure
    }
}

void copy(storage::ObjectReader& reader, storage::ObjectStore& to, const CopyWatch& watch) {
    const storage::ObjectHead& source = reader.head();
    const auto writer = to.create(source.info.key, attributes_of_copy(source));
    const std::string digest = read_all(reader, watch, [&](Bytes bytes) {
        writer->write(bytes);
        if (watch.on_bytes) watch.on_bytes(bytes.size());
    });
    const storage::ObjectInfo written =
        writer->commit(watch.before_commit ? watch.before_commit() : storage::Existing::replace);
    try {
        verify(source.info, digest, to, watch);
    } catch (...) {
        discard(written, to);
        throw;
    }
}

/// One attempt; nothing where the source was another one at its end. Sets `has_copied` before it copies.
std::optional<Alike> try_to_make_alike(storage::ObjectStore& from, storage::ObjectStore& to,
                                       const storage::Key& key, WhenGone when_gone, bool& has_copied,
                                       const CopyWatch& watch) {
    const bool may_remove =
        when_gone == WhenGone::remove || (when_gone == WhenGone::remove_own && has_copied);
    Alike done = has_copied ? Alike::copied : Alike::already;
    const auto reader = from.open(key);
    if (!reader) done = Alike::gone;
    if (reader && compare(from, reader->head().info, to, watch) != Likeness::same) {
        has_copied = true;
        copy(*reader, to, watch);
        done = Alike::copied;
    }
    if (!reader && may_remove && to.head(key)) {
        remove_object(to, key);
        done = Alike::removed;
    }
    const auto after = from.head(key);
    const bool is_still_so = reader ? after && after->info.etag == reader->head().info.etag : !after;
    return is_still_so ? std::optional(done) : std::nullopt;
}

}  // namespace

bool are_telling(std::string_view etag, std::string_view other) {
    return etag == other && is_md5(etag);
}

Likeness compare(storage::ObjectStore& from, const storage::ObjectInfo& source, storage::ObjectStore& to,
                 const CopyWatch& watch) {
    const auto copy = to.head(source.key);
    if (!copy) return Likeness::missing;
    if (copy->info.size_bytes != source.size_bytes) return Likeness::different;
    if (are_telling(copy->info.etag, source.etag) ||
        storage::find_metadata(copy->attributes, copied_from) == source.etag)
        return Likeness::same;
    const auto left = from.open(source.key);
    const auto right = to.open(source.key);
    return left && right && have_same_bytes(*left, *right, watch) ? Likeness::same : Likeness::different;
}

Alike make_alike(storage::ObjectStore& from, storage::ObjectStore& to, const storage::Key& key,
                 WhenGone when_gone, const CopyWatch& watch) {
    bool has_copied = false;
    for (int attempt = 1; attempt <= max_attempts; ++attempt) {
        try {
            if (const auto done = try_to_make_alike(from, to, key, when_gone, has_copied, watch))
                return *done;
        } catch (const Error& error) {
            // What was read was replaced meanwhile, or what was written.
            if (error.kind() != ErrorKind::bad_source || attempt == max_attempts) throw;
        }
    }
    throw Error(ErrorKind::bad_source, "The object keeps changing while it is copied. Try again later.",
                key.str());
}

}  // namespace fadeout::service
