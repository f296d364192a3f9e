#include "storage/disk/disk_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "storage/arguments.h"
#include "storage/disk/disk_reader.h"
#include "storage/disk/folders.h"
#include "storage/disk/store_error.h"

namespace fadeout::storage {

namespace {

Descriptor open_path(const std::string& path) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) throw disk::store_error(errno, "open the store's folder", path);
    return folder;
}

/// Opens {root}/{bucket}, made if missing. Links are followed only here: the root is the operator's choice.
disk::Bucket open_bucket(const std::string& root, const std::string& name) {
    check_bucket_name(name);
    const std::string top = root + "/" + name;
    const std::string unfinished = top + "/.unfinished";
    std::error_code error;
    if (std::filesystem::create_directories(unfinished, error))
        for (const std::string& made : {top, root, root + "/.."})
            disk::sync(open_path(made).get(), "make the store");
    if (error) throw disk::store_error(error.value(), "make the store's folder", unfinished);
    return {open_path(top), open_path(unfinished)};
}

/// Unlinks object and sidecar; 0 or the errno. What is no plain file is no object and stays.
int unlink_object(int folder, const std::string& name) noexcept {
    struct stat status {};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || errno == ENAMETOOLONG ? 0 : errno;
    if (!S_ISREG(status.st_mode)) return 0;
    if ((status.st_mode & S_ISVTX) != 0) ::unlinkat(folder, (name + std::string(metadata_suffix)).c_str(), 0);
    return ::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT ? 0 : errno;
}

/// Removes the objects of one folder after another. The lock keeps writers of attributes from placing an
/// object and its sidecar around a removal of both.
class Remover {
  public:
    explicit Remover(int top) : top_(top) {}
    ~Remover() { leave(); }
    Remover(const Remover&) = delete;
    Remover& operator=(const Remover&) = delete;

    std::optional<Error> remove(const Key& key) {
        if (!entered_ || key.folder() != path_) enter(key.folder());
        const int error = error_ != 0 ? error_ : unlink_object(folder_.get(), std::string(key.name()));
        if (error == 0 || error == ENOENT || error == ENOTDIR || error == ELOOP) return std::nullopt;
        return disk::store_error(error, "remove the object", key.str());
    }

  private:
    void enter(std::string_view path) {
        leave();
        path_ = path;
        folder_ = disk::open_folder(top_, path);
        error_ = folder_ ? 0 : errno;
        if (folder_) ::flock(folder_.get(), LOCK_EX);
        entered_ = true;
    }
    void leave() noexcept {
        if (folder_) disk::remove_empty_folders(top_, path_);
        folder_ = Descriptor();
    }

    const int top_;
    bool entered_ = false;
    std::string path_;
    Descriptor folder_;
    int error_ = 0;
};

}  // namespace

DiskStore::DiskStore(DiskOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      public_url_(PublicUrl::parse(options_.public_url)),
      bucket_(open_bucket(options_.root, options_.bucket)),
      lister_(bucket_.top.get(), clock) {}

std::optional<ObjectHead> DiskStore::head(const Key& key) {
    const auto object = disk::open_object(bucket_.top.get(), key);
    return object ? std::optional(object->head()) : std::nullopt;
}

std::unique_ptr<ObjectReader> DiskStore::open(const Key& key) {
    return disk::open_object(bucket_.top.get(), key);
}

std::unique_ptr<ObjectWriter> DiskStore::create(const Key& key, const ObjectAttributes& attributes) {
    check_attributes(attributes);
    if (key.name().size() + metadata_suffix.size() > disk::max_name_bytes)
        throw Error(ErrorKind::invalid, "The last part of the key is longer than 242 bytes.");
    ObjectAttributes complete = attributes;
    if (complete.content_type.empty()) complete.content_type = content_type_of(key.name());
    return std::make_unique<disk::DiskWriter>(bucket_, clock_, key, std::move(complete));
}

ObjectPage DiskStore::list(std::string_view prefix, std::string_view cursor, std::size_t limit) {
    check_list_limit(limit);
    return lister_.page(prefix, cursor, limit);
}

std::vector<RemoveResult> DiskStore::remove(std::span<const Key> keys) {
    check_remove_count(keys.size());
    std::vector<RemoveResult> results;
    results.reserve(keys.size());
    Remover remover(bucket_.top.get());
    for (const Key& key : keys) results.push_back({key, remover.remove(key)});
    return results;
}

std::size_t DiskStore::remove_unfinished(Time older_than) {
    return disk::remove_unfinished(bucket_.unfinished.get(), older_than) +
           disk::remove_orphaned_sidecars(bucket_.top.get(), older_than);
}

std::size_t DiskStore::count_unfinished(Time older_than) {
    return disk::count_unfinished(bucket_.unfinished.get(), older_than) +
           disk::count_orphaned_sidecars(bucket_.top.get(), older_than);
}

std::string DiskStore::presign(LinkMethod method, const Key& key, Duration expires,
                               const LinkOptions& options) {
    const LinkRequest link = link_request(public_url_, options_.bucket, method, key, options);
    return public_url_.origin + link.path + "?" +
           aws::presign(link.method, link.path, expires, {public_url_.host, options_.region, "s3"},
                        options_.credentials, clock_.now(), link.query, link.headers);
}

std::optional<Key> DiskStore::key_in(std::string_view url) const {
    if (auto key = key_below(served_bucket(public_url_, options_.bucket), url)) return key;
    return key_below(options_.public_endpoints, url);
}

void DiskStore::check() {
    check_round_trip(*this);
}

}  // namespace fadeout::storage
