#pragma once
#include <memory>
#include <stop_token>
#include <string>

#include "base/byte_stream.h"

namespace fadeout {

/// An open file descriptor, closed when it goes.
class Descriptor {
  public:
    explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { close(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int release() noexcept;
    void close() noexcept;

  private:
    int fd_;
};

/// A plain file, read at any offset. Its size is that of the moment it was opened.
class FileSource final : public ByteSource {
  public:
    /// Error(not_found, denied, ...) where it cannot be opened, invalid for a folder.
    explicit FileSource(const std::string& path);
    explicit FileSource(Descriptor file);

    std::optional<std::uint64_t> size() const override { return size_; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;

  private:
    Descriptor file_;
    std::uint64_t size_ = 0;
};

/// Standard input, a pipe, a terminal: read once, front to back. An offset behind what was read already is
/// Error(bad_source); one beyond it skips. Waiting for bytes ends with Error(cancelled) once `stop` is
/// requested.
class StreamSource final : public ByteSource {
  public:
    explicit StreamSource(Descriptor stream, std::stop_token stop = {})
        : stream_(std::move(stream)), stop_(std::move(stop)) {}

    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;
    bool seekable() const override { return false; }

  private:
    std::size_t read_some(std::span<std::byte> out);

    Descriptor stream_;
    std::stop_token stop_;
    std::uint64_t position_ = 0;
};

/// A sink for a person's file. Before commit() nothing is there under its name.
class OutputFile : public ByteSink {
  public:
    /// Makes what was written stay; at most once. Error(storage_full, internal): nothing of it is there.
    virtual void commit() = 0;
};

/// A plain file that appears, or replaces the one of that name, whole and in one step: it is written under a
/// hidden temporary name in the same folder, made durable and renamed by commit(), and gone when destroyed
/// before. A replaced file's permissions are kept, and a symbolic link's target is what is replaced.
class FileSink final : public OutputFile {
  public:
    /// Error(invalid): the path names a folder, pipe or device. Error(not_found): its folder is not there.
    explicit FileSink(const std::string& path);
    ~FileSink() override;
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;

    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override { return UINT64_MAX; }
    void commit() override;

  private:
    std::string path_;
    std::string temporary_path_;
    Descriptor file_;
};

/// Standard output, a pipe or a device: what is written is out at once.
class StreamSink final : public OutputFile {
  public:
    explicit StreamSink(Descriptor stream) : stream_(std::move(stream)) {}

    void write(Bytes data) override;
    void patch(std::uint64_t offset,
               Bytes data) override;  ///< always Error(internal): there is nothing to patch
    std::uint64_t patchable_bytes() const override { return 0; }
    void commit() override {}

  private:
    Descriptor stream_;
};

/// A nameless file in the system's temporary folder: written, then read. Nothing of it is left, even after a
/// crash. For output whose header is known only at the end and that goes where nothing can be patched.
class SpoolFile final : public ByteSink {
  public:
    SpoolFile();

    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override { return UINT64_MAX; }
    /// What was written; the SpoolFile is spent.
    FileSource finish() { return FileSource(std::move(file_)); }

  private:
    Descriptor file_;
};

/// A file or, for "-", standard input, as whatever kind of source it is.
std::unique_ptr<ByteSource> open_input(const std::string& path, std::stop_token stop = {});
/// A file or, for "-", standard output, as whatever kind of sink it is; a device or pipe is written to, not
/// replaced.
std::unique_ptr<OutputFile> open_output(const std::string& path);

}  // namespace fadeout
