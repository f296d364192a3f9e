#include "storage/disk/unfinished_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <functional>
#include <optional>

#include "base/ids.h"
#include "base/text.h"
#include "storage/disk/directory.h"
#include "storage/disk/folders.h"
#include "storage/disk/store_error.h"

namespace fadeout::storage::disk {

namespace {

std::string unfinished_name(Time now) {
    std::array<unsigned char, 8> random{};
    random_bytes(random);
    return fmt::format("{}-{}", now.time_since_epoch().count(), to_hex(random));
}

/// When a file of this name was begun; nothing for a name that is not ours.
std::optional<Time> begun_at(std::string_view name) {
    Duration::rep ms = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), ms);
    if (error != std::errc() || end == name.data() + name.size() || *end != '-') return std::nullopt;
    return Time(Duration(ms));
}

}  // namespace

UnfinishedFile::UnfinishedFile(int folder, Time now, int mode)
    : folder_(folder),
      name_(unfinished_name(now)),
      file_(::openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)) {
    if (!file_) throw store_error(errno, "begin an object", name_);
    ::flock(file_.get(), LOCK_EX | LOCK_NB);  // nobody else knows the name yet
}

void UnfinishedFile::write(std::uint64_t offset, Bytes data) {
    while (!data.empty()) {
        const ssize_t n = ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw store_error(errno, "write the object");
        data = data.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
}

void UnfinishedFile::set_modified(std::int64_t unix_ns) {
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    const struct timespec time { .tv_sec = unix_ns / ns_per_s, .tv_nsec = unix_ns % ns_per_s };
    const std::array<struct timespec, 2> times{time, time};
    if (::futimens(file_.get(), times.data()) != 0) throw store_error(errno, "date the object");
}

void UnfinishedFile::make_durable() {
    sync(file_.get(), "write the object");
}

int UnfinishedFile::rename(int folder, const std::string& name) noexcept {
    if (::renameat(folder_, name_.c_str(), folder, name.c_str()) != 0) return errno;
    name_.clear();
    return 0;
}

int UnfinishedFile::rename_if_free(int folder, const std::string& name) noexcept {
    if (::linkat(folder_, name_.c_str(), folder, name.c_str(), 0) != 0) return errno;
    discard();
    return 0;
}

void UnfinishedFile::discard() noexcept {
    if (name_.empty()) return;
    ::unlinkat(folder_, name_.c_str(), 0);
    name_.clear();
}

namespace {

/// Hands `see_to` each file that nobody writes any more; counts those of which it says so.
std::size_t for_each_left(int folder, Time older_than, const std::function<bool(const char* name)>& see_to) {
    std::size_t count = 0;
    Directory names(open_folder(folder, {}));
    while (const auto entry = names.next()) {
        const auto begun = begun_at(entry->name);
        if (!begun || *begun >= older_than) continue;
        const Descriptor file(::openat(folder, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (!file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;  // gone, or still being written
        if (see_to(entry->name)) ++count;
    }
    return count;
}

}  // namespace

std::size_t remove_unfinished(int folder, Time older_than) {
    return for_each_left(folder, older_than,
                         [&](const char* name) { return ::unlinkat(folder, name, 0) == 0; });
}

std::size_t count_unfinished(int folder, Time older_than) {
    return for_each_left(folder, older_than, [](const char*) { return true; });
}

}  // namespace fadeout::storage::disk
