#include "audio/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "audio/libav/audio_decoder.h"
#include "audio/libav/claim.h"
#include "audio/libav/demuxer.h"
#include "audio/libav/inspected_source.h"
#include "audio/libav/metadata.h"
#include "audio/libav/resampler.h"

namespace fadeout::audio {
namespace {

constexpr std::size_t max_cover_bytes = 4 << 20;
constexpr int max_channels = 8;
constexpr int max_sample_rate_hz = 384'000;
/// Damaged packets become silence, so that what follows stays in its place; beyond this share the file is
/// refused.
constexpr double max_damaged_share = 0.05;
constexpr std::size_t silence_frames = 4096;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorKind::unprocessable, why);
}

}  // namespace

class Decoder::Impl {
  public:
    Impl(ByteSource& source, const Limits& limits)
        : limits_(limits),
          source_(bounded(source, limits)),
          demuxer_(source_, limits.input_bytes),
          decoder_(*demuxer_.audio().codecpar, demuxer_.audio().time_base),
          packet_(libav::make_packet()),
          frame_(libav::make_frame()) {
        read_tags();
        if (!next_frame()) refuse("The file holds no audio that can be decoded.");
        describe();
        pending_ = true;
    }

    bool read(AudioBlock& block) {
        for (;;) {
            if (silence_ > 0) {
                emit_silence(block);
            } else if (pending_ || next_frame()) {
                pending_ = false;
                emit_frame(block);
            } else if (silence_ == 0) {
                finish();
                return false;
            } else {
                continue;
            }
            trim_padding(block);
            if (block.frames == 0) continue;
            count(block.frames);
            return true;
        }
    }

    MediaInfo info_;
    int bits_per_sample_ = 16;
    libav::Claim claim_;
    std::uint64_t position_ = 0;
    std::vector<std::string> warnings_;
    Tags tags_;
    std::optional<CoverArt> cover_;

  private:
    /// Sets libav's process-wide bound before anything of the source is read.
    static ByteSource& bounded(ByteSource& source, const Limits& limits) {
        libav::limit_allocations(limits.allocation_bytes);
        return source;
    }

    void read_tags() {
        tags_ = libav::read_tags(demuxer_.format(), demuxer_.audio());
        const AVStream* picture = demuxer_.cover();
        if (!picture) return;
        const std::string mime_type = libav::picture_mime_type(picture->codecpar->codec_id);
        const auto size = static_cast<std::size_t>(picture->attached_pic.size);
        if (size > max_cover_bytes) {
            warnings_.push_back("The cover picture is larger than 4 MiB and was left out.");
        } else if (!mime_type.empty()) {
            const auto bytes = std::as_bytes(std::span(picture->attached_pic.data, size));
            cover_ = CoverArt{mime_type, {bytes.begin(), bytes.end()}};
        }
    }

    /// Fills in what is known after the first frame, which tells the truth about rate and channels.
    void describe() {
        const AVStream& stream = demuxer_.audio();
        const AVCodecParameters& parameters = *stream.codecpar;
        spec_ = {AV_SAMPLE_FMT_FLTP, frame_->sample_rate, layout_of(*frame_)};
        const int channels = spec_.layout.nb_channels;
        if (channels < 1 || channels > max_channels) refuse("The audio has more than 8 channels.");
        if (spec_.sample_rate_hz < 1 || spec_.sample_rate_hz > max_sample_rate_hz) {
            refuse("The audio has a sample rate beyond 384 kHz.");
        }
        info_.codec = avcodec_get_name(parameters.codec_id);
        info_.sample_rate_hz = spec_.sample_rate_hz;
        info_.channels = channels;
        const int raw_bits =
            std::max(parameters.bits_per_raw_sample, av_get_bits_per_sample(parameters.codec_id));
        bits_per_sample_ = raw_bits > 16 ? 24 : 16;
        claim_ = libav::read_claim(demuxer_, source_.head(), spec_.sample_rate_hz);
        info_.duration_s = claim_.duration_s;
        info_.duration_is_estimated = !claim_.frames;
        info_.bitrate_bps = parameters.bit_rate > 0 ? parameters.bit_rate : demuxer_.format().bit_rate;
        if (claim_.frames && seconds(*claim_.frames) > max_seconds()) refuse_duration();
    }

    static AVChannelLayout layout_of(const AVFrame& frame) {
        return frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE
                   ? frame.ch_layout
                   : libav::default_layout(frame.ch_layout.nb_channels);
    }

    /// Makes frame_ the next one. False at the end, or where a damaged packet has left silence_ to deliver
    /// first.
    bool next_frame() {
        for (;;) {
            switch (decoder_.receive(*frame_)) {
                case libav::AudioDecoder::Next::frame:
                    return true;
                case libav::AudioDecoder::Next::end:
                    return false;
                case libav::AudioDecoder::Next::damaged:
                    note_damage(last_duration_);
                    break;
                case libav::AudioDecoder::Next::need_packet:
                    feed();
                    break;
            }
            if (silence_ > 0 && info_.sample_rate_hz > 0) return false;
        }
    }

    void feed() {
        const auto next = demuxer_.read(*packet_);
        damaged_end_ = damaged_end_ || next == libav::Demuxer::Next::damaged_end;
        if (next != libav::Demuxer::Next::packet) {
            decoder_.send(nullptr);
            return;
        }
        last_duration_ = packet_->duration;
        ++packets_;
        if (!decoder_.send(packet_.get())) note_damage(packet_->duration);
    }

    void note_damage(std::int64_t duration) {
        ++damaged_packets_;
        if (duration <= 0 || info_.sample_rate_hz == 0) return;
        const AVRational rate{1, info_.sample_rate_hz};
        const auto frames =
            static_cast<std::uint64_t>(av_rescale_q(duration, demuxer_.audio().time_base, rate));
        silence_ += frames;
        damaged_frames_ += frames;
    }

    void emit_silence(AudioBlock& block) {
        static const std::array<float, silence_frames> zeros{};
        block.frames = std::min<std::uint64_t>(silence_, zeros.size());
        silence_ -= block.frames;
        planes_.assign(static_cast<std::size_t>(info_.channels), zeros.data());
        block.channels = planes_;
    }

    /// Hands the frame's own samples out where they are planar float already, converted ones otherwise.
    void emit_frame(AudioBlock& block) {
        const libav::SampleSpec spec{static_cast<AVSampleFormat>(frame_->format), frame_->sample_rate,
                                     layout_of(*frame_)};
        std::uint8_t** planes = frame_->extended_data;
        block.frames = static_cast<std::size_t>(frame_->nb_samples);
        if (!(spec == spec_)) {
            if (!resampler_ || !(resampler_->in() == spec)) resampler_.emplace(spec, spec_);
            const auto out = resampler_->convert(planes, frame_->nb_samples);
            planes = out.planes;
            block.frames = static_cast<std::size_t>(out.frames);
        }
        planes_.resize(static_cast<std::size_t>(info_.channels));
        for (std::size_t i = 0; i < planes_.size(); ++i)
            planes_[i] = reinterpret_cast<const float*>(planes[i]);
        block.channels = planes_;
    }

    /// libav leaves encoder padding in MP4. It shows in the duration of the last packet, or in iTunes' own
    /// tag.
    void trim_padding(AudioBlock& block) {
        if (claim_.exact_end && position_ + block.frames > *claim_.exact_end) {
            block.frames = *claim_.exact_end > position_ ? *claim_.exact_end - position_ : 0;
        }
        const bool last = claim_.padding_in_last_packet && demuxer_.audio().nb_frames == packets_;
        if (last && last_duration_ > 0)
            block.frames = std::min<std::size_t>(block.frames, to_frames(last_duration_));
    }

    void count(std::size_t frames) {
        position_ += frames;
        if (seconds(position_) > max_seconds()) refuse_duration();
        const auto bytes_per_frame = static_cast<std::uint64_t>(info_.channels) * (bits_per_sample_ / 8);
        if (position_ > limits_.decoded_bytes / bytes_per_frame) {
            throw Error(ErrorKind::too_large, "The audio is larger than allowed once it is decoded.");
        }
    }

    void finish() {
        if (finished_) return;
        finished_ = true;
        if (position_ == 0) refuse("The file holds no audio that can be decoded.");
        libav::check_complete(claim_, position_, info_.sample_rate_hz);
        if (!source_.ogg_pages_whole())
            refuse("The file is cut off or damaged: some of its Ogg pages are missing.");
        if (static_cast<double>(damaged_frames_) > max_damaged_share * static_cast<double>(position_)) {
            refuse("The audio is too damaged: too many parts of it cannot be decoded.");
        }
        warn_of_damage();
        info_.duration_s = seconds(position_);
        info_.duration_is_estimated = false;
    }

    void warn_of_damage() {
        if (damaged_packets_ > 0) {
            warnings_.push_back(fmt::format(
                "{} damaged {} could not be decoded ({:.2f} s replaced by silence).", damaged_packets_,
                damaged_packets_ == 1 ? "packet" : "packets", seconds(damaged_frames_)));
        } else if (decoder_.logged_errors() > 0) {
            warnings_.push_back(
                "The audio is damaged; what could be decoded was kept, and may be heard as a click.");
        }
        if (damaged_end_ && !claim_.frames) {
            warnings_.push_back("The file is damaged near its end; what follows the damage is missing.");
        }
    }

    std::uint64_t to_frames(std::int64_t duration) const {
        const AVRational rate{1, info_.sample_rate_hz};
        return static_cast<std::uint64_t>(av_rescale_q(duration, demuxer_.audio().time_base, rate));
    }

    double seconds(std::uint64_t frames) const { return static_cast<double>(frames) / info_.sample_rate_hz; }
    double max_seconds() const { return std::chrono::duration<double>(limits_.duration).count(); }
    [[noreturn]] void refuse_duration() const {
        throw Error(ErrorKind::too_large,
                    fmt::format("The audio is longer than the {:.0f} s that are allowed.", max_seconds()));
    }

    Limits limits_;
    libav::InspectedSource source_;
    libav::Demuxer demuxer_;
    libav::AudioDecoder decoder_;
    libav::Packet packet_;
    libav::Frame frame_;
    libav::SampleSpec spec_;
    std::optional<libav::Resampler> resampler_;
    std::vector<const float*> planes_;
    bool pending_ = false;
    bool finished_ = false;
    bool damaged_end_ = false;
    std::int64_t last_duration_ = 0;
    std::int64_t packets_ = 0;
    std::uint64_t silence_ = 0;
    std::uint64_t damaged_packets_ = 0;
    std::uint64_t damaged_frames_ = 0;
};

Decoder::Decoder(ByteSource& source, const Limits& limits) : impl_(std::make_unique<Impl>(source, limits)) {}
Decoder::~Decoder() = default;
bool Decoder::read(AudioBlock& block) {
    return impl_->read(block);
}
const MediaInfo& Decoder::info() const noexcept {
    return impl_->info_;
}
int Decoder::bits_per_sample() const noexcept {
    return impl_->bits_per_sample_;
}
std::optional<std::uint64_t> Decoder::claimed_frames() const noexcept {
    return impl_->claim_.frames;
}
std::uint64_t Decoder::position() const noexcept {
    return impl_->position_;
}
const std::vector<std::string>& Decoder::warnings() const noexcept {
    return impl_->warnings_;
}
const Tags& Decoder::tags() const noexcept {
    return impl_->tags_;
}
const CoverArt* Decoder::cover() const noexcept {
    return impl_->cover_ ? &*impl_->cover_ : nullptr;
}

}  // namespace fadeout::audio
