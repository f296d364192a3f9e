#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace fadeout::storage {

/// The name of an object: 1 to 1,024 bytes of UTF-8, segments separated by '/', none of them empty, "." or
/// "..", none beginning with a dot (hidden names are the disk store's own), none ending in `metadata_suffix`,
/// no control characters (C0, DEL, C1), no backslash. Checked once, here; whoever holds a Key need not check
/// again.
class Key {
  public:
    /// Throws Error(invalid) with the reason.
    static Key parse(std::string_view text);

    const std::string& str() const noexcept { return text_; }
    /// The part after the last '/'.
    std::string_view name() const noexcept;
    /// The part before the last '/'; empty where there is none.
    std::string_view folder() const noexcept;
    auto operator<=>(const Key&) const = default;

  private:
    explicit Key(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Why `text` is no key, as a sentence; nothing where it is one.
std::optional<std::string_view> key_fault(std::string_view text) noexcept;

/// Beside `song.mp3` the disk store keeps the object's attributes in `song.mp3.fadeout-meta`.
inline constexpr std::string_view metadata_suffix = ".fadeout-meta";

inline constexpr std::size_t max_key_bytes = 1024;

}  // namespace fadeout::storage
