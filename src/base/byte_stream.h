#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fadeout {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

/// Bytes that can be read at any offset: a file, an object, a URL that answers ranges, memory.
/// One thread at a time. Failures throw Error (bad_source, timeout, not_found, too_large).
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    /// Total bytes, or nothing where the source cannot tell (standard input, a URL without a length).
    virtual std::optional<std::uint64_t> size() const = 0;
    /// Reads up to out.size() bytes from `offset`; returns how many, 0 only at the end. May return fewer.
    virtual std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
    /// False where only consecutive offsets can be read cheaply or at all: then a reader must not jump.
    virtual bool seekable() const { return true; }
};

/// Fills `out`, up to the end of the source; returns how many bytes there were. Throws as read_at().
std::size_t read_fully(ByteSource& source, std::uint64_t offset, std::span<std::byte> out);

/// Where produced bytes go, in order. The first `patchable_bytes()` may be rewritten until the end, so that a
/// muxer can fill in what it learns late (Xing frame, WAV sizes, STREAMINFO, moov) although the store behind
/// cannot seek. One thread at a time. Failures throw Error (storage_full, unavailable); after one, nothing
/// that was written may be used.
class ByteSink {
  public:
    virtual ~ByteSink() = default;
    virtual void write(Bytes data) = 0;
    /// Overwrites bytes that were already written; offset + data.size() <= min(patchable_bytes(), written).
    virtual void patch(std::uint64_t offset, Bytes data) = 0;
    virtual std::uint64_t patchable_bytes() const = 0;
};

/// A source over bytes it owns.
class MemorySource final : public ByteSource {
  public:
    explicit MemorySource(std::vector<std::byte> data) : data_(std::move(data)) {}
    explicit MemorySource(std::string_view text);
    std::optional<std::uint64_t> size() const override { return data_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;

  private:
    std::vector<std::byte> data_;
};

/// A sink that keeps everything; every byte of it may be patched.
class MemorySink final : public ByteSink {
  public:
    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override { return UINT64_MAX; }
    const std::vector<std::byte>& data() const { return data_; }
    std::vector<std::byte> take() { return std::move(data_); }

  private:
    std::vector<std::byte> data_;
};

}  // namespace fadeout
