#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "base/byte_stream.h"

namespace fadeout::storage::s3 {

/// Every part but the last is of this size: R2 wants them equal.
inline constexpr std::size_t part_bytes = 8 << 20;
inline constexpr std::size_t max_parts = 10'000;
/// How many parts of one object are on their way at once; one more is being filled, and part 1 waits.
inline constexpr std::size_t parts_in_flight = 4;

/// Uploads the parts of one object on threads of its own, at most `parts_in_flight` at once. One thread calls
/// it.
class PartUploads {
  public:
    /// Uploads one part and returns its ETag; called on several threads at once.
    using UploadPart = std::function<std::string(std::size_t number, Bytes)>;

    explicit PartUploads(UploadPart upload) : upload_(std::move(upload)) {}

    /// Waits until there is room, then begins. Throws what an earlier part failed with. Returns an empty
    /// buffer.
    std::vector<std::byte> begin(std::size_t number, std::vector<std::byte> part);
    /// Waits for all of them; their ETags in the order of their numbers. Throws what a part failed with.
    std::vector<std::string> finish();
    /// Waits for all of them, whatever became of them.
    void wait() noexcept { in_flight_.clear(); }

  private:
    struct Uploaded {
        std::size_t number;
        std::string etag;
        std::vector<std::byte> buffer;  ///< to be filled again
    };
    void collect_oldest();

    const UploadPart upload_;
    std::vector<std::string> etags_;
    std::vector<std::byte> spare_;
    std::deque<std::future<Uploaded>> in_flight_;  ///< destroyed first, which waits
};

}  // namespace fadeout::storage::s3
