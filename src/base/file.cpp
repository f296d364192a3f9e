#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/ids.h"

namespace fadeout {

namespace {

constexpr std::size_t skip_bytes = 64 * 1024;  ///< a StreamSource skips in pieces of this size
constexpr int look_every_ms = 100;  ///< a waiting StreamSource looks so often whether it is to stop

Descriptor open_path(const std::string& path, int flags, std::string_view doing) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (fd < 0) throw system_error(errno, doing, path);
    return Descriptor(fd);
}

/// Of standard input or output, so that whoever owns the source or sink may close it.
Descriptor duplicate(int fd) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0)
        throw system_error(errno, fd == STDIN_FILENO ? "read standard input" : "write to standard output");
    return Descriptor(copy);
}

struct stat status_of(const Descriptor& file) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw system_error(errno, "look at the file");
    return status;
}

void write_all(const Descriptor& file, Bytes data) {
    while (!data.empty()) {
        const ssize_t n = ::write(file.get(), data.data(), data.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw system_error(errno, "write the output");
        data = data.subspan(static_cast<std::size_t>(n));
    }
}

void patch_all(const Descriptor& file, std::uint64_t offset, Bytes data) {
    while (!data.empty()) {
        const ssize_t n = ::pwrite(file.get(), data.data(), data.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw system_error(errno, "write the output");
        offset += static_cast<std::uint64_t>(n);
        data = data.subspan(static_cast<std::size_t>(n));
    }
}

std::string folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = other.release();
    }
    return *this;
}

int Descriptor::release() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
}

void Descriptor::close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

FileSource::FileSource(const std::string& path) : FileSource(open_path(path, O_RDONLY, "open the file")) {}

FileSource::FileSource(Descriptor file) : file_(std::move(file)) {
    const struct stat status = status_of(file_);
    if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::invalid, "This is a folder or device, not a file.");
    size_ = static_cast<std::uint64_t>(status.st_size);
}

std::size_t FileSource::read_at(std::uint64_t offset, std::span<std::byte> out) {
    while (true) {
        const ssize_t n = ::pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset));
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR) throw system_error(errno, "read the file");
    }
}

std::size_t StreamSource::read_at(std::uint64_t offset, std::span<std::byte> out) {
    if (offset < position_)
        throw Error(ErrorKind::bad_source,
                    "This input can be read only once, from front to back. Give a file instead.");
    std::array<std::byte, skip_bytes> skipped;
    while (position_ < offset) {
        const std::size_t wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(offset - position_, skip_bytes));
        const std::size_t n = read_some(std::span(skipped).first(wanted));
        if (n == 0) return 0;
        position_ += n;
    }
    const std::size_t n = read_some(out);
    position_ += n;
    return n;
}

std::size_t StreamSource::read_some(std::span<std::byte> out) {
    while (true) {
        pollfd waiting{stream_.get(), POLLIN, 0};
        while (stop_.stop_possible() && ::poll(&waiting, 1, look_every_ms) <= 0)
            if (stop_.stop_requested())
                throw Error(ErrorKind::cancelled, "Interrupted while waiting for input.");
        const ssize_t n = ::read(stream_.get(), out.data(), out.size());
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR) throw system_error(errno, "read the input");
    }
}

FileSink::FileSink(const std::string& path) : path_(path) {
    std::error_code absent;
    const std::filesystem::path target = std::filesystem::canonical(path, absent);
    if (!absent) path_ = target.string();
    const std::string name = std::filesystem::path(path_).filename().string();
    if (name.empty()) throw Error(ErrorKind::invalid, "The output must be a file, not a folder.");
    struct stat replaced {};
    const bool exists = ::stat(path_.c_str(), &replaced) == 0;
    if (exists && !S_ISREG(replaced.st_mode))  // renaming would put a plain file where /dev/null was
        throw Error(ErrorKind::invalid, "This is a folder or device, not a file.", path_);
    temporary_path_ = folder_of(path_) + "/." + name.substr(0, 100) + '.' + make_uuid();
    if (!std::filesystem::is_directory(folder_of(path_)))
        throw Error(ErrorKind::not_found, "The folder for this file does not exist.", path_);
    file_ = open_path(temporary_path_, O_WRONLY | O_CREAT | O_EXCL, "create the file");
    if (exists) ::fchmod(file_.get(), replaced.st_mode & 07777);
}

FileSink::~FileSink() {
    if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

void FileSink::write(Bytes data) {
    write_all(file_, data);
}

void FileSink::patch(std::uint64_t offset, Bytes data) {
    patch_all(file_, offset, data);
}

void FileSink::commit() {
    if (::fsync(file_.get()) != 0) throw system_error(errno, "write the file", path_);
    if (::rename(temporary_path_.c_str(), path_.c_str()) != 0)
        throw system_error(errno, "put the file in its place", path_);
    temporary_path_.clear();
    const Descriptor folder = open_path(folder_of(path_), O_RDONLY | O_DIRECTORY, "open the folder");
    ::fsync(folder.get());  // some file systems cannot; the file itself is durable
}

void StreamSink::write(Bytes data) {
    write_all(stream_, data);
}

void StreamSink::patch(std::uint64_t, Bytes) {
    throw Error(ErrorKind::internal, "Something tried to go back in an output that cannot.");
}

SpoolFile::SpoolFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fadeout-XXXXXX").string();
    file_ = Descriptor(::mkostemp(pattern.data(), O_CLOEXEC));
    if (file_.get() < 0) throw system_error(errno, "create a temporary file", pattern);
    ::unlink(pattern.c_str());
}

void SpoolFile::write(Bytes data) {
    write_all(file_, data);
}

void SpoolFile::patch(std::uint64_t offset, Bytes data) {
    patch_all(file_, offset, data);
}

std::unique_ptr<ByteSource> open_input(const std::string& path, std::stop_token stop) {
    Descriptor file = path == "-" ? duplicate(STDIN_FILENO) : open_path(path, O_RDONLY, "open the file");
    const mode_t mode = status_of(file).st_mode;
    if (S_ISDIR(mode)) throw Error(ErrorKind::invalid, "This is a folder, not a file.");
    if (S_ISREG(mode) && ::lseek(file.get(), 0, SEEK_CUR) == 0)
        return std::make_unique<FileSource>(std::move(file));
    return std::make_unique<StreamSource>(std::move(file), std::move(stop));
}

std::unique_ptr<OutputFile> open_output(const std::string& path) {
    if (path == "-") return std::make_unique<StreamSink>(duplicate(STDOUT_FILENO));
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return std::make_unique<StreamSink>(open_path(path, O_WRONLY, "open the output"));
    return std::make_unique<FileSink>(path);
}

}  // namespace fadeout
