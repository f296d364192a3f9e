#include "audio/libav/mp4_index.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <string_view>

namespace fadeout::audio::libav {
namespace {

constexpr std::uint32_t packets_per_chunk = 64;  // about 1.5 s: what players read at once

struct TagAtom {
    std::string_view key;
    std::string_view atom;
};
constexpr std::array<TagAtom, 11> text_atoms = {{{"title", "\xA9nam"},
                                                 {"artist",
                                                  "\xA9"
                                                  "ART"},
                                                 {"album",
                                                  "\xA9"
                                                  "alb"},
                                                 {"album_artist", "aART"},
                                                 {"comment",
                                                  "\xA9"
                                                  "cmt"},
                                                 {"composer", "\xA9wrt"},
                                                 {"copyright", "cprt"},
                                                 {"date",
                                                  "\xA9"
                                                  "day"},
                                                 {"genre", "\xA9gen"},
                                                 {"grouping", "\xA9grp"},
                                                 {"lyrics", "\xA9lyr"}}};

class MoovWriter {
  public:
    explicit MoovWriter(const Mp4Index& index)
        : index_(index),
          media_frames_(index.packet_bytes.size() * std::uint64_t{index.packet_frames}),
          version_(std::max(index.frames, media_frames_) > UINT32_MAX ? 1 : 0) {}

    Mp4Boxes write() {
        out_.box("moov", [&] {
            movie_header();
            out_.box("trak", [&] { track(); });
            if (!index_.tags.empty() || !index_.cover_mime_type.empty()) {
                out_.box("udta", [&] { out_.full_box("meta", 0, 0, [&] { meta(); }); });
            }
        });
        return std::move(out_);
    }

  private:
    void time(std::uint64_t value) {
        if (version_ == 1) {
            out_.u64(value);
        } else {
            out_.u32(static_cast<std::uint32_t>(value));
        }
    }

    void unity_matrix() {
        for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u})
            out_.u32(value);
    }

    void movie_header() {
        out_.full_box("mvhd", version_, 0, [&] {
            time(0);
            time(0);
            out_.u32(static_cast<std::uint32_t>(index_.sample_rate_hz));
            time(index_.frames);
            out_.u32(0x10000);  // rate 1
            out_.u16(0x100);    // volume 1
            out_.zeros(10);
            unity_matrix();
            out_.zeros(24);
            out_.u32(2);  // next track
        });
    }

    void track() {
        out_.full_box("tkhd", version_, 3, [&] {  // enabled, in movie
            time(0);
            time(0);
            out_.u32(1);
            out_.u32(0);
            time(index_.frames);
            out_.zeros(8);
            out_.u16(0);
            out_.u16(0);
            out_.u16(0x100);
            out_.u16(0);
            unity_matrix();
            out_.zeros(8);
        });
        out_.box("edts", [&] {
            out_.full_box("elst", version_, 0, [&] {
                out_.u32(1);
                time(index_.frames);
                time(index_.priming_frames);
                out_.u32(0x10000);
            });
        });
        out_.box("mdia", [&] { media(); });
    }

    void media() {
        out_.full_box("mdhd", version_, 0, [&] {
            time(0);
            time(0);
            out_.u32(static_cast<std::uint32_t>(index_.sample_rate_hz));
            time(media_frames_);
            out_.u16(0x55C4);  // language: und
            out_.u16(0);
        });
        handler("soun", std::string_view("SoundHandler\0", 13), "");
        out_.box("minf", [&] {
            out_.full_box("smhd", 0, 0, [&] { out_.zeros(4); });
            out_.box("dinf", [&] {
                out_.full_box("dref", 0, 0, [&] {
                    out_.u32(1);
                    out_.full_box("url ", 0, 1, [] {});  // in this file
                });
            });
            out_.box("stbl", [&] { sample_table(); });
        });
    }

    void handler(std::string_view type, std::string_view name, std::string_view vendor) {
        out_.full_box("hdlr", 0, 0, [&] {
            out_.u32(0);
            out_.text(type);
            out_.text(vendor);
            out_.zeros(12 - vendor.size());
            out_.text(name);
        });
    }

    void sample_table() {
        const auto packets = static_cast<std::uint32_t>(index_.packet_bytes.size());
        out_.full_box("stsd", 0, 0, [&] {
            out_.u32(1);
            sample_entry();
        });
        out_.full_box("stts", 0, 0, [&] {
            out_.u32(1);
            out_.u32(packets);
            out_.u32(index_.packet_frames);
        });
        out_.full_box("stsc", 0, 0, [&] { chunks(packets); });
        out_.full_box("stsz", 0, 0, [&] {
            out_.u32(0);
            out_.u32(packets);
            for (const std::uint32_t bytes : index_.packet_bytes) out_.u32(bytes);
        });
        chunk_offsets();
    }

    void chunks(std::uint32_t packets) {
        const std::uint32_t whole = packets / packets_per_chunk;
        const std::uint32_t rest = packets % packets_per_chunk;
        out_.u32((whole > 0) + (rest > 0));
        const auto entry = [&](std::uint32_t first, std::uint32_t count) {
            out_.u32(first);
            out_.u32(count);
            out_.u32(1);
        };
        if (whole > 0) entry(1, packets_per_chunk);
        if (rest > 0) entry(whole + 1, rest);
    }

    void chunk_offsets() {
        const auto& sizes = index_.packet_bytes;
        const std::uint64_t end = std::accumulate(sizes.begin(), sizes.end(), index_.data_offset);
        const bool wide = end > UINT32_MAX;
        out_.full_box(wide ? "co64" : "stco", 0, 0, [&] {
            out_.u32(static_cast<std::uint32_t>((sizes.size() + packets_per_chunk - 1) / packets_per_chunk));
            std::uint64_t offset = index_.data_offset;
            for (std::size_t i = 0; i < sizes.size(); ++i) {
                if (i % packets_per_chunk == 0)
                    wide ? out_.u64(offset) : out_.u32(static_cast<std::uint32_t>(offset));
                offset += sizes[i];
            }
        });
    }

    void sample_entry() {
        out_.box("mp4a", [&] {
            out_.zeros(6);
            out_.u16(1);  // data reference
            out_.zeros(8);
            out_.u16(static_cast<std::uint16_t>(index_.channels));
            out_.u16(16);
            out_.zeros(4);
            out_.u16(
                static_cast<std::uint16_t>(index_.sample_rate_hz > UINT16_MAX ? 0 : index_.sample_rate_hz));
            out_.u16(0);
            out_.full_box("esds", 0, 0, [&] { elementary_stream(); });
        });
    }

    /// ISO/IEC 14496-1, 7.2.6.5.
    void elementary_stream() {
        const auto& sizes = index_.packet_bytes;
        const std::uint64_t bytes = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
        const std::uint64_t bits_per_second =
            media_frames_ ? bytes * 8 * static_cast<std::uint64_t>(index_.sample_rate_hz) / media_frames_ : 0;
        const auto bitrate = static_cast<std::uint32_t>(bits_per_second);
        out_.descriptor(3, [&] {
            out_.u16(1);
            out_.u8(0);
            out_.descriptor(4, [&] {
                out_.u8(0x40);  // MPEG-4 audio
                out_.u8(0x15);  // audio stream
                out_.u8(0);
                out_.u16(0);
                out_.u32(bitrate);
                out_.u32(bitrate);
                out_.descriptor(5, [&] { out_.bytes(index_.codec_config); });
            });
            out_.descriptor(6, [&] { out_.u8(2); });
        });
    }

    void meta() {
        handler("mdir", std::string_view("\0", 1), "appl");
        out_.box("ilst", [&] {
            for (const auto& tag : index_.tags) {
                const std::string& key = tag.first;
                const std::string& value = tag.second;
                const auto* found = std::ranges::find(text_atoms, std::string_view(key), &TagAtom::key);
                if (found != text_atoms.end()) {
                    item(found->atom, 1, [&] { out_.text(value); });
                } else if (key == "track") {
                    item("trkn", 0, [&] { number_of_total(value, 2); });
                } else if (key == "disc") {
                    item("disk", 0, [&] { number_of_total(value, 0); });
                }
            }
            if (!index_.cover_mime_type.empty()) {
                item("covr", index_.cover_mime_type == "image/png" ? 14 : 13,
                     [&] { out_.bytes(index_.cover); });
            }
        });
    }

    template <class Value>
    void item(std::string_view atom, std::uint32_t type, Value&& value) {
        out_.box(atom, [&] {
            out_.full_box("data", 0, type, [&] {
                out_.u32(0);  // locale
                value();
            });
        });
    }

    /// "3/12" in the binary form of trkn and disk.
    void number_of_total(std::string_view text, std::size_t tail) {
        std::uint16_t number = 0;
        std::uint16_t total = 0;
        const char* end = text.data() + text.size();
        const auto first = std::from_chars(text.data(), end, number);
        if (first.ptr != end && *first.ptr == '/') std::from_chars(first.ptr + 1, end, total);
        out_.u16(0);
        out_.u16(number);
        out_.u16(total);
        out_.zeros(tail);
    }

    const Mp4Index& index_;
    std::uint64_t media_frames_;
    int version_;
    Mp4Boxes out_;
};

}  // namespace

Mp4Boxes moov(const Mp4Index& index) {
    return MoovWriter(index).write();
}

std::uint64_t mp4_table_bytes(std::uint64_t packets) noexcept {
    const std::uint64_t chunk_entries = packets / packets_per_chunk + 1;
    return 4 * packets + 4 * chunk_entries + 24;  // stsz, stco, two entries of stsc
}

}  // namespace fadeout::audio::libav
