#pragma once
extern "C" {
#include <libavformat/avio.h>
}

#include <cstdint>
#include <exception>
#include <memory>

#include "base/byte_stream.h"

namespace fadeout::audio::libav {

struct IoContextDeleter {
    void operator()(AVIOContext* io) const noexcept;
};
using IoContext = std::unique_ptr<AVIOContext, IoContextDeleter>;

/// An AVIOContext that reads a ByteSource. Exceptions cannot pass through libav: they wait here until the
/// caller asks for them with rethrow().
class SourceIo {
  public:
    /// Beyond `max_bytes` of input: Error(too_large).
    SourceIo(ByteSource& source, std::uint64_t max_bytes);

    AVIOContext* get() const noexcept { return io_.get(); }
    /// Throws what the source threw, if it did.
    void rethrow() const;
    /// Did libav want to go back in a source that cannot?
    bool refused_seek() const noexcept { return refused_seek_; }

  private:
    static int read(void* self, std::uint8_t* out, int size) noexcept;
    static std::int64_t seek(void* self, std::int64_t offset, int whence) noexcept;
    int read_next(std::uint8_t* out, int size);

    ByteSource& source_;
    std::uint64_t max_bytes_;
    std::uint64_t position_ = 0;
    bool refused_seek_ = false;
    std::exception_ptr error_;
    IoContext io_;
};

/// An AVIOContext that writes a ByteSink. It can seek only within what the sink lets patch.
class SinkIo {
  public:
    explicit SinkIo(ByteSink& sink);

    AVIOContext* get() const noexcept { return io_.get(); }
    void rethrow() const;

  private:
    static int write(void* self, std::uint8_t* data, int size) noexcept;
    static std::int64_t seek(void* self, std::int64_t offset, int whence) noexcept;
    void write_next(Bytes data);

    ByteSink& sink_;
    std::uint64_t patchable_;
    std::uint64_t position_ = 0;
    std::uint64_t end_ = 0;
    std::exception_ptr error_;
    IoContext io_;
};

}  // namespace fadeout::audio::libav
