#include "storage/disk/disk_writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "storage/arguments.h"
#include "storage/disk/folders.h"
#include "storage/disk/store_error.h"

namespace fadeout::storage::disk {

namespace {

/// How often a commit begins again because a clean-up removed the folder that had become empty.
constexpr int max_attempts = 100;

[[noreturn]] void fail_to_place(int error, const Key& key) {
    if (error == EISDIR || error == ENOTEMPTY || error == EEXIST)
        throw Error(ErrorKind::conflict,
                    "Could not write the object: other objects' keys begin with this key and '/'. Choose "
                    "another key.",
                    key.str());
    if (error == ENOENT)
        throw Error(ErrorKind::unavailable,
                    "Could not write the object: its folder keeps vanishing. Try again.", key.str());
    if (error == EXDEV)
        throw Error(ErrorKind::internal,
                    "Could not write the object: the bucket must lie on one file system.", key.str());
    throw store_error(error, "write the object", key.str());
}

}  // namespace

DiskWriter::DiskWriter(const Bucket& bucket, const Clock& clock, Key key, ObjectAttributes attributes)
    : bucket_(bucket),
      clock_(clock),
      key_(std::move(key)),
      name_(key_.name()),
      sidecar_name_(name_ + std::string(metadata_suffix)),
      attributes_(std::move(attributes)),
      needs_sidecar_(!attributes_.metadata.empty() || attributes_.content_type != content_type_of(name_)),
      file_(bucket.unfinished.get(), clock.now(), needs_sidecar_ ? marked_file_mode : file_mode) {}

void DiskWriter::require_open() const {
    if (spent_) throw Error(ErrorKind::internal, "Could not write the object.", "its writer is spent");
}

void DiskWriter::write(Bytes data) {
    require_open();
    spent_ = true;  // unless this succeeds
    file_.write(written_, data);
    written_ += data.size();
    spent_ = false;
}

void DiskWriter::patch(std::uint64_t offset, Bytes data) {
    require_open();
    check_patch(offset, data.size(), written_);
    spent_ = true;
    file_.write(offset, data);
    spent_ = false;
}

std::uint64_t DiskWriter::patchable_bytes() const {
    return first_part_bytes;
}

void DiskWriter::abort() noexcept {
    spent_ = true;
    file_.discard();
}

ObjectInfo DiskWriter::commit(Existing existing) {
    require_open();
    spent_ = true;
    const Version version{written_, next_modification_time(clock_.now())};
    file_.set_modified(version.modified_ns);
    file_.make_durable();
    for (int attempt = 1;; ++attempt) {
        const Descriptor folder = make_folder(bucket_.top.get(), key_.folder());
        const int error = place(folder.get(), version, existing);
        if (error == 0) {
            sync(folder.get(), "write the object");
            return {key_, version.size_bytes, version.modified(), version.etag()};
        }
        if (error == EEXIST && existing == Existing::keep) throw already_there(key_);
        if (error != ENOENT || attempt == max_attempts) fail_to_place(error, key_);
    }
}

int DiskWriter::place(int folder, const Version& version, Existing existing) {
    if (needs_sidecar_ || ::faccessat(folder, sidecar_name_.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return place_with_sidecar(folder, version, existing);
    return place_file(folder, existing);
}

int DiskWriter::place_file(int folder, Existing existing) noexcept {
    return existing == Existing::keep ? file_.rename_if_free(folder, name_) : file_.rename(folder, name_);
}

/// Object and sidecar are two files: the folder's lock keeps other writers of attributes and removals out
/// between the two renames. It ends with `folder`'s descriptor.
int DiskWriter::place_with_sidecar(int folder, const Version& version, Existing existing) {
    while (::flock(folder, LOCK_EX) != 0)
        if (errno != EINTR) return errno;
    struct stat status {};
    if (::fstatat(folder, name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) status = {};
    if (S_ISDIR(status.st_mode)) return EISDIR;  // before a sidecar is written for nothing
    if (existing == Existing::keep && status.st_mode != 0) return EEXIST;
    if (needs_sidecar_) write_sidecar(folder, version, S_ISREG(status.st_mode) ? &status : nullptr);
    const int error = place_file(folder, existing);
    // The sidecar belongs to nothing, also where a writer without attributes was first.
    if ((error == 0 && !needs_sidecar_) || error == EEXIST) ::unlinkat(folder, sidecar_name_.c_str(), 0);
    return error;
}

void DiskWriter::write_sidecar(int folder, const Version& version, const struct stat* replaced) {
    std::vector<SidecarEntry> entries{{version, attributes_}};
    if (replaced != nullptr) {
        const auto known = read_sidecar(folder, sidecar_name_);
        const Version old = Version::of(*replaced);
        if (auto attributes = known ? find_version(*known, old) : std::nullopt)
            entries.push_back({old, std::move(*attributes)});
    }
    UnfinishedFile sidecar(bucket_.unfinished.get(), clock_.now(), file_mode);
    sidecar.write(0, as_bytes(encode_sidecar(entries)));
    sidecar.set_modified(version.modified_ns);
    sidecar.make_durable();
    // Where the folder is gone the object's own rename will find that, too.
    if (const int error = sidecar.rename(folder, sidecar_name_); error != 0 && error != ENOENT)
        fail_to_place(error, key_);
}

}  // namespace fadeout::storage::disk
