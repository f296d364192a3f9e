#include "storage/disk/disk_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "storage/disk/folders.h"
#include "storage/disk/sidecar.h"
#include "storage/disk/store_error.h"

namespace fadeout::storage::disk {

namespace {

/// How often open_object() begins again because the object was replaced between its file and its sidecar.
constexpr int max_attempts = 10;

bool is_version(int folder, const std::string& name, const Version& version) {
    struct stat status {};
    return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           Version::of(status) == version;
}

std::optional<ObjectAttributes> sidecar_attributes(int folder, const std::string& name,
                                                   const Version& version) {
    const auto entries = read_sidecar(folder, name + std::string(metadata_suffix));
    return entries ? find_version(*entries, version) : std::nullopt;
}

}  // namespace

std::size_t DiskReader::read_at(std::uint64_t offset, std::span<std::byte> out) {
    if (offset >= head_.info.size_bytes) return 0;  // also where somebody appended to the file in place
    const std::size_t wanted = std::min<std::uint64_t>(out.size(), head_.info.size_bytes - offset);
    while (true) {
        const ssize_t n = ::pread(file_.get(), out.data(), wanted, static_cast<off_t>(offset));
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR) throw store_error(errno, "read the object", head_.info.key.str());
    }
}

std::unique_ptr<DiskReader> open_object(int top, const Key& key) {
    const std::string name(key.name());
    const Descriptor folder = open_folder(top, key.folder());
    if (!folder) {
        if (means_absent(errno)) return nullptr;
        throw store_error(errno, "read the object", key.str());
    }
    for (int attempt = 1;; ++attempt) {
        Descriptor file(
            ::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat status {};
        if (!file && means_absent(errno)) return nullptr;
        if (!file || ::fstat(file.get(), &status) != 0)
            throw store_error(errno, "read the object", key.str());
        if (!S_ISREG(status.st_mode)) return nullptr;
        const Version version = Version::of(status);
        auto attributes = sidecar_attributes(folder.get(), name, version);
        if (!attributes && !is_version(folder.get(), name, version) && attempt < max_attempts) continue;
        if (!attributes) attributes = {content_type_of(name), {}};
        return std::make_unique<DiskReader>(
            std::move(file), ObjectHead{{key, version.size_bytes, version.modified(), version.etag()},
                                        std::move(*attributes)});
    }
}

}  // namespace fadeout::storage::disk
