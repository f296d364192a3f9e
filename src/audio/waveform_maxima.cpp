#include "audio/waveform_maxima.h"

#include <algorithm>
#include <array>
#include <bit>

namespace fadeout::audio {
namespace {

constexpr std::uint64_t kCells = 1 << 20;
constexpr std::uint64_t kMaxCells = 2 * kCells;
/// No source is that long (260 days at 48 kHz); a wrong promise must not overflow the arithmetic.
constexpr std::uint64_t kMaxFrames = 1ULL << 40;
constexpr std::int32_t kFullScale = std::bit_cast<std::int32_t>(1.0F);

/// Without its sign, a float's bits order like an integer (IEEE 754), also infinity and what is no number.
/// Integers let the compiler use vector instructions without assuming anything about such values.
std::int32_t magnitude_bits(float sample) noexcept {
    return std::bit_cast<std::int32_t>(sample) & 0x7FFFFFFF;
}

std::int32_t max_magnitude(const float* samples, std::size_t count) noexcept {
    constexpr std::size_t kLanes = 16;
    std::array<std::int32_t, kLanes> lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] = std::max(lanes[lane], magnitude_bits(samples[i + lane]));
    std::int32_t maximum = *std::max_element(lanes.begin(), lanes.end());
    for (; i < count; ++i) maximum = std::max(maximum, magnitude_bits(samples[i]));
    return maximum;
}

}  // namespace

BinMaxima::BinMaxima(int count, std::optional<std::uint64_t> promised_frames)
    : count_(static_cast<std::uint64_t>(count)), maxima_(1) {
    if (!promised_frames || *promised_frames <= kCells) return;  // cells of one frame
    frames_ = std::min(*promised_frames, kMaxFrames);
    cells_ = kCells / count_ * count_;  // a whole number for each bin
}

std::uint64_t BinMaxima::cell_start(std::uint64_t cell) const noexcept {
    return cell * scale_ * frames_ / cells_;
}

void BinMaxima::next_cell() {
    if (++cell_ == kMaxCells) {
        for (std::size_t i = 0; i < kMaxCells / 2; ++i)
            maxima_[i] = std::max(maxima_[2 * i], maxima_[2 * i + 1]);
        cell_ = kMaxCells / 2;
        maxima_.resize(cell_);
        scale_ *= 2;
    }
    maxima_.push_back(0);
}

void BinMaxima::add(std::span<const float* const> channels, std::size_t frames) {
    for (std::size_t at = 0; at < frames;) {
        if (cell_start(cell_ + 1) == position_) next_cell();
        const std::uint64_t end = cell_start(cell_ + 1);
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(frames - at, end - position_));
        for (const float* channel : channels)
            maxima_[cell_] = std::max(maxima_[cell_], max_magnitude(channel + at, count));
        at += count;
        position_ += count;
    }
}

std::vector<float> BinMaxima::finish() const {
    std::vector<float> bins(count_);
    for (std::uint64_t cell = 0; cell <= cell_; ++cell) {
        const std::uint64_t start = cell_start(cell);
        const std::uint64_t end = std::min(cell_start(cell + 1), position_);
        if (start >= end) continue;
        // The bin of the frame in the middle: the greatest i with floor(i*N/count) <= middle.
        const std::uint64_t middle = (start + end - 1) / 2;
        const std::uint64_t bin = ((middle + 1) * count_ - 1) / position_;
        bins[bin] = std::max(bins[bin], std::bit_cast<float>(std::min(maxima_[cell], kFullScale)));
    }
    return bins;
}

}  // namespace fadeout::audio
