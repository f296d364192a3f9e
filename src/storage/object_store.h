#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_stream.h"
#include "base/clock.h"
#include "base/error.h"
#include "storage/key.h"
#include "storage/lifecycle.h"

namespace fadeout::storage {

/// What the writer of an object says about it. Names of metadata are compared with '_' and '-' alike.
struct ObjectAttributes {
    std::string content_type;                     ///< "audio/mpeg"; empty: derived from the key's extension
    std::map<std::string, std::string> metadata;  ///< lower-case names; together at most 2 KiB (S3's limit)
};

/// What the store knows of an object.
struct ObjectInfo {
    Key key;
    std::uint64_t size_bytes = 0;
    Time modified;
    std::string etag;  ///< without quotes; changes whenever the bytes do
};

struct ObjectHead {
    ObjectInfo info;
    ObjectAttributes attributes;
};

/// An open object. Goes on reading the version that was opened, even when it is replaced or removed
/// meanwhile; where the service behind keeps no old version, a read of more than its first MiB is
/// Error(bad_source) then. Bytes of two versions are never mixed.
class ObjectReader : public ByteSource {
  public:
    virtual const ObjectHead& head() const = 0;
    /// A descriptor of a plain file holding exactly the object, for sendfile; -1 where there is none. Owned
    /// by the reader.
    virtual int file_descriptor() const noexcept { return -1; }
};

/// What a commit does where an object of its key is there already.
enum class Existing {
    replace,  ///< replaces it in one step
    keep,     ///< leaves it: Error(conflict). Of several writers at once one wins; on S3 see s3/conditional.h
};

/// An object being written. Nothing of it is visible before commit() returns; nothing is left after abort()
/// or destruction without commit(), nor after a crash (what a crash leaves is found by remove_unfinished()).
/// The first part stays in memory or on a seekable file until commit(), so `patchable_bytes()` is at least 8
/// MiB.
class ObjectWriter : public ByteSink {
  public:
    /// Makes the object durable, then visible, in one step. At most once. On Error nothing of it is visible
    /// and the writer is spent.
    virtual ObjectInfo commit(Existing existing = Existing::replace) = 0;
    virtual void abort() noexcept = 0;
};

struct ObjectPage {
    std::vector<ObjectInfo> objects;  ///< ascending by the bytes of their keys
    std::optional<std::string>
        next;  ///< cursor of the following page: the last key that was looked at; nothing on the last one
    /// Objects with content that another program put there under names that are no keys, where the store
    /// knows of them. A page does not name them.
    std::size_t left_out = 0;
};

struct RemoveResult {
    Key key;
    std::optional<Error> error;  ///< nothing: the object is gone (also if it was not there)
};

/// A link to GET is refused by S3 when it is asked for HEAD, and the other way round.
enum class LinkMethod { get, head, put };

struct LinkOptions {
    std::string content_type;       ///< for put: the Content-Type that the upload must carry; empty: any
    std::string download_filename;  ///< for get: sent back in Content-Disposition; empty: none
    bool may_end_early = false;     ///< as soon as the credentials end that sign it, if they end before it
};

/// Where objects live: one bucket. Thread-safe. Calls block; run them on a worker thread, never on an event
/// loop. Errors: unavailable (try again), misconfigured, denied, storage_full, internal. Absence is an empty
/// optional, never an Error.
class ObjectStore {
  public:
    virtual ~ObjectStore() = default;

    virtual std::optional<ObjectHead> head(const Key& key) = 0;
    /// Ranged reads; memory is independent of the object's size.
    virtual std::unique_ptr<ObjectReader> open(const Key& key) = 0;  ///< null where there is none
    virtual std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) = 0;

    /// Up to `limit` (1 to 1,000) objects whose keys begin with `prefix`, after `cursor` (empty: from the
    /// start). Memory does not grow with the number of objects. Objects written meanwhile may or may not be
    /// listed.
    virtual ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) = 0;

    /// Removes up to 1,000 objects; one result per key, in order. One failure does not stop the others.
    virtual std::vector<RemoveResult> remove(std::span<const Key> keys) = 0;

    /// Removes what writers left behind that began before `older_than` and never committed. Returns how many.
    /// One failure does not stop the others, and is thrown at the end.
    virtual std::size_t remove_unfinished(Time older_than) = 0;
    /// How many remove_unfinished() would remove now.
    virtual std::size_t count_unfinished(Time older_than) = 0;

    /// A URL that lets whoever holds it do `method` on `key` until now + expires (1 s to 7 days, whole
    /// seconds; otherwise Error(invalid)). Does not look whether the object exists. Error(misconfigured)
    /// where the credentials that sign it end before that.
    virtual std::string presign(LinkMethod method, const Key& key, Duration expires,
                                const LinkOptions& options) = 0;

    /// The rules by which the service itself deletes objects; nothing where the store knows no such rules.
    virtual std::optional<std::vector<LifecycleRule>> lifecycle() { return std::nullopt; }
    /// The key of this store's object that `url` leads to, whatever its query and signature; nothing for
    /// other servers, other buckets, and paths that are no key. Does not look whether the object exists.
    virtual std::optional<Key> key_in(std::string_view url) const = 0;

    virtual std::string_view provider() const = 0;  ///< "local", "s3" or "r2"
    virtual const std::string& bucket() const = 0;

    /// Writes, reads and removes a small object under a temporary key. Throws what is wrong and how to mend
    /// it.
    virtual void check() = 0;
};

/// "audio/mpeg" for "x.mp3"; "application/octet-stream" for what is not known.
std::string content_type_of(std::string_view file_name);

}  // namespace fadeout::storage
