#include "base/byte_stream.h"

#include <algorithm>
#include <cassert>

namespace fadeout {

std::size_t read_fully(ByteSource& source, std::uint64_t offset, std::span<std::byte> out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const std::size_t n = source.read_at(offset + done, out.subspan(done));
        if (n == 0) break;
        done += n;
    }
    return done;
}

MemorySource::MemorySource(std::string_view text) {
    const Bytes bytes = as_bytes(text);
    data_.assign(bytes.begin(), bytes.end());
}

std::size_t MemorySource::read_at(std::uint64_t offset, std::span<std::byte> out) {
    if (offset >= data_.size()) return 0;
    const std::size_t n = std::min<std::uint64_t>(out.size(), data_.size() - offset);
    std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
    return n;
}

void MemorySink::write(Bytes data) {
    data_.insert(data_.end(), data.begin(), data.end());
}

void MemorySink::patch(std::uint64_t offset, Bytes data) {
    assert(offset + data.size() <= data_.size());
    std::copy(data.begin(), data.end(), data_.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace fadeout
