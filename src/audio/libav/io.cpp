#include "audio/libav/io.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <cstdio>

#include "audio/libav/error.h"

namespace fadeout::audio::libav {
namespace {

constexpr int buffer_bytes = 256 << 10;

template <class Read, class Write, class Seek>
IoContext make_io(void* self, bool for_writing, Read read, Write write, Seek seek) {
    auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_bytes));
    check_allocated(buffer);
    IoContext io(avio_alloc_context(buffer, buffer_bytes, for_writing, self, read, write, seek));
    if (!io) av_free(buffer);
    check_allocated(io.get());
    return io;
}

}  // namespace

void IoContextDeleter::operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
}

SourceIo::SourceIo(ByteSource& source, std::uint64_t max_bytes) : source_(source), max_bytes_(max_bytes) {
    io_ = make_io(this, false, &SourceIo::read, nullptr, &SourceIo::seek);
    if (!source.seekable()) io_->seekable = 0;
}

void SourceIo::rethrow() const {
    if (error_) std::rethrow_exception(error_);
}

int SourceIo::read(void* self, std::uint8_t* out, int size) noexcept {
    auto& io = *static_cast<SourceIo*>(self);
    if (io.error_) return AVERROR(EIO);
    try {
        return io.read_next(out, size);
    } catch (...) {
        io.error_ = std::current_exception();
        return AVERROR(EIO);
    }
}

int SourceIo::read_next(std::uint8_t* out, int size) {
    const auto bytes = std::as_writable_bytes(std::span(out, static_cast<std::size_t>(size)));
    const std::size_t got = source_.read_at(position_, bytes);
    if (got == 0) return AVERROR_EOF;
    position_ += got;
    if (position_ > max_bytes_) throw Error(ErrorKind::too_large, "The input is larger than allowed.");
    return static_cast<int>(got);
}

std::int64_t SourceIo::seek(void* self, std::int64_t offset, int whence) noexcept {
    auto& io = *static_cast<SourceIo*>(self);
    const auto size = io.source_.size();
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE) return size ? static_cast<std::int64_t>(*size) : AVERROR(ENOSYS);
    if (whence == SEEK_CUR) offset += static_cast<std::int64_t>(io.position_);
    if (whence == SEEK_END) {
        if (!size) return AVERROR(ENOSYS);
        offset += static_cast<std::int64_t>(*size);
    }
    if (offset < 0) return AVERROR(EINVAL);
    const auto target = static_cast<std::uint64_t>(offset);
    if (!io.source_.seekable() && target != io.position_) {
        io.refused_seek_ = true;
        return AVERROR(ESPIPE);
    }
    io.position_ = target;
    return offset;
}

SinkIo::SinkIo(ByteSink& sink) : sink_(sink), patchable_(sink.patchable_bytes()) {
    io_ = make_io(this, true, nullptr, &SinkIo::write, &SinkIo::seek);
    if (patchable_ == 0) io_->seekable = 0;
}

void SinkIo::rethrow() const {
    if (error_) std::rethrow_exception(error_);
}

int SinkIo::write(void* self, std::uint8_t* data, int size) noexcept {
    auto& io = *static_cast<SinkIo*>(self);
    if (io.error_) return AVERROR(EIO);
    try {
        io.write_next(std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
        return size;
    } catch (...) {
        io.error_ = std::current_exception();
        return AVERROR(EIO);
    }
}

void SinkIo::write_next(Bytes data) {
    if (position_ < end_) {
        const Bytes old = data.first(std::min<std::uint64_t>(data.size(), end_ - position_));
        if (position_ + old.size() > patchable_) {
            throw Error(ErrorKind::internal, "The result's header no longer fits where it belongs.");
        }
        sink_.patch(position_, old);
        position_ += old.size();
        data = data.subspan(old.size());
    }
    if (data.empty()) return;
    sink_.write(data);
    end_ += data.size();
    position_ = end_;
}

std::int64_t SinkIo::seek(void* self, std::int64_t offset, int whence) noexcept {
    auto& io = *static_cast<SinkIo*>(self);
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE) return static_cast<std::int64_t>(io.end_);
    if (whence == SEEK_CUR) offset += static_cast<std::int64_t>(io.position_);
    if (whence == SEEK_END) offset += static_cast<std::int64_t>(io.end_);
    if (offset < 0 || static_cast<std::uint64_t>(offset) > io.end_) return AVERROR(EINVAL);
    const auto target = static_cast<std::uint64_t>(offset);
    if (target != io.end_ && target >= io.patchable_) return AVERROR(ESPIPE);
    io.position_ = target;
    return offset;
}

}  // namespace fadeout::audio::libav
