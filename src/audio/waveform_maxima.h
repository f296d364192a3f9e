#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fadeout::audio {

/// Finds the maxima of `count` equal bins in one pass, although the number of samples is known for sure only
/// at its end. It keeps maxima of cells much smaller than a bin: of single frames at first, or, where a
/// greater length is promised, with edges where those of the bins will be if that is true. When there are too
/// many cells, pairs of them are joined, so memory (8 MiB at most) does not depend on the length. At the end
/// the cells of a bin are joined.
class BinMaxima {
  public:
    /// count: 1 to 10,000. `promised_frames`: nothing where the source does not tell.
    BinMaxima(int count, std::optional<std::uint64_t> promised_frames);

    /// The next samples of all channels. A magnitude beyond 1, or what is no number, counts as 1.
    void add(std::span<const float* const> channels, std::size_t frames);

    /// With N frames added: value i is the maximum of frames [floor(i*N/count), floor((i+1)*N/count)), 0
    /// where that is none. This is exact where the promise was true, and without a greater promise for N up
    /// to 2^20; otherwise the edge between two bins may be off by half a cell, that is by N/2^20 or, where
    /// more was promised, by promise/2^20.
    std::vector<float> finish() const;

  private:
    std::uint64_t cell_start(std::uint64_t cell) const noexcept;
    void next_cell();

    std::uint64_t count_;
    std::uint64_t frames_ = 1;    ///< so many in
    std::uint64_t cells_ = 1;     ///< so many cells, before any are joined
    std::uint64_t scale_ = 1;     ///< such cells in one, after joining
    std::uint64_t cell_ = 0;      ///< the one being filled
    std::uint64_t position_ = 0;  ///< frames added
    std::vector<std::int32_t> maxima_;
};

}  // namespace fadeout::audio
