#pragma once
#include <algorithm>

#include "base/byte_stream.h"

namespace fadeout::service {

/// A source that is read through once, whose bytes are written to a sink as they pass, each once: so that who
/// looks at a stream that cannot seek does not use it up. `start` was read and written already, and may be
/// read again.
class TeeSource final : public ByteSource {
  public:
    /// Owns nothing of what it is given.
    TeeSource(ByteSource& source, Bytes start, ByteSink& sink)
        : source_(source), start_(start), sink_(sink), passed_(start.size()) {}

    std::optional<std::uint64_t> size() const override { return source_.size(); }
    bool seekable() const override { return false; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        if (offset < start_.size()) {
            const Bytes known = start_.subspan(offset, std::min(out.size(), start_.size() - offset));
            std::ranges::copy(known, out.begin());
            return known.size();
        }
        const std::size_t n = source_.read_at(offset, out);
        if (offset != passed_) return n;  // back again, which is right, but not cheap
        sink_.write(out.first(n));
        passed_ += n;
        return n;
    }
    std::uint64_t passed() const noexcept { return passed_; }  ///< how many bytes the sink has

  private:
    ByteSource& source_;
    const Bytes start_;
    ByteSink& sink_;
    std::uint64_t passed_;
};

}  // namespace fadeout::service
