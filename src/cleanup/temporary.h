#pragma once
#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "records/record_store.h"
#include "storage/key.h"

namespace fadeout::cleanup {

/// Where speech with a record lives: temp-audio/{YYYY-MM-DD}/{audio_id}.wav.
inline constexpr std::string_view speech_prefix = "temp-audio/";
/// Results and originals. No temporary prefix may be, contain or lie under one of these.
inline constexpr std::array<std::string_view, 2> final_prefixes = {"pitches/", "uploads/"};

/// A key that may be deleted. Only TemporaryPrefixes makes one, and only for keys under a configured
/// temporary prefix: a final key or an original cannot be expressed in this type, so nothing that takes it
/// can delete one.
class TemporaryKey {
  public:
    const storage::Key& key() const noexcept { return key_; }
    const std::string& str() const noexcept { return key_.str(); }
    auto operator<=>(const TemporaryKey&) const = default;

  private:
    friend class TemporaryPrefixes;
    explicit TemporaryKey(storage::Key key) : key_(std::move(key)) {}
    storage::Key key_;
};

/// A configured temporary prefix or a folder inside one; ends in '/'. Only TemporaryPrefixes makes one.
class TemporaryPath {
  public:
    const std::string& str() const noexcept { return text_; }
    bool holds_speech() const noexcept { return text_.starts_with(speech_prefix); }

  private:
    friend class TemporaryPrefixes;
    explicit TemporaryPath(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// The prefixes that the settings declare temporary.
class TemporaryPrefixes {
  public:
    /// Error(invalid), naming the prefix at fault, unless each is a folder ("name/" or "name/name/") apart
    /// from the final prefixes, and temp-audio/ is covered.
    explicit TemporaryPrefixes(std::vector<std::string> prefixes);

    /// Nothing for a key that is not under a temporary prefix.
    std::optional<TemporaryKey> admit(const storage::Key& key) const;

    /// What a user named: exactly a temporary prefix or a folder inside one, with its '/' at the end.
    /// Everything else (empty, "/", ".", "..", "*", a bare name, a part of a prefix) is Error(invalid) that
    /// names the prefixes.
    TemporaryPath parse_path(std::string_view text) const;

    /// All of temp-audio/.
    TemporaryPath speech() const { return parse_path(speech_prefix); }

  private:
    bool covers(std::string_view text) const noexcept;
    std::vector<std::string> prefixes_;
};

/// "2026-11-20": a day of the calendar in exactly this form?
bool is_date(std::string_view text) noexcept;

/// The record that an object's key belongs to: of "temp-audio/2026-11-20/x.wav" date 2026-11-20 and audio_id
/// "x". Nothing for keys of another shape.
std::optional<records::RecordId> speech_id_of(std::string_view key);
/// The day of a key directly or deeper under temp-audio/{YYYY-MM-DD}/; empty for other keys.
std::string_view day_folder_of(std::string_view key) noexcept;
/// The key of a record's object; the inverse of speech_id_of.
std::string speech_key_of(const records::RecordId& id);

}  // namespace fadeout::cleanup
