#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fadeout::audio {

/// Finds the maxima of `count` equal bins in one pass, although the number of samples is known for sure only
/// at its end. It keeps maxima of cells much smaller than a bin; their edges lie where those of the bins will
/// be if the promised length is true, and the cells of a bin are joined at the end. Audio that goes on beyond
/// twice what was promised makes cells of twice the size, so memory (2 MiB) does not depend on the length.
class BinMaxima {
  public:
    /// count: 1 to 10,000. `promised_frames`: nothing where the source does not tell.
    BinMaxima(int count, std::optional<std::uint64_t> promised_frames);

    /// The next samples of all channels; a sample's magnitude beyond 1, or one that is no number, counts
    /// as 1.
    void add(std::span<const float* const> channels, std::size_t frames);

    /// With N frames added: value i is the maximum of frames [floor(i*N/count), floor((i+1)*N/count)), 0
    /// where that is none. This is exact where the promise was true or N is at most 2^18; otherwise an edge
    /// may be off by half a cell, that is by N/2^18, to the same side for both its bins.
    std::vector<float> finish() const;

  private:
    std::uint64_t cell_start(std::uint64_t cell) const noexcept;
    void next_cell();

    std::uint64_t count_;
    std::uint64_t promised_cells_;
    std::uint64_t promised_frames_;
    std::uint64_t scale_ = 1;
    std::uint64_t cell_ = 0;      ///< the one being filled
    std::uint64_t position_ = 0;  ///< frames added
    std::vector<std::int32_t> maxima_;
};

}  // namespace fadeout::audio
