#include "speech/sentences.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace fadeout::speech {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  ///< 0 at the end of the text
};

constexpr CodePoint kInvalidByte = {0xFFFD, 1};

CodePoint code_point_at(std::string_view text, std::size_t offset) noexcept {
    if (offset >= text.size()) return {};
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || offset + bytes > text.size()) return kInvalidByte;
    char32_t value = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return kInvalidByte;
        value = value << 6 | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    return value < kSmallest[bytes] ? kInvalidByte : CodePoint{value, bytes};
}

template <std::size_t size>
bool contains(const std::array<char32_t, size>& set, char32_t c) noexcept {
    return std::find(set.begin(), set.end(), c) != set.end();
}

bool is_space(char32_t c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

/// . ? ! and the ellipsis: they also stand inside numbers, names and addresses, and count only before white
/// space.
bool is_terminator(char32_t c) noexcept {
    return c == '.' || c == '?' || c == '!' || c == 0x2026;
}

/// CJK, Devanagari (danda), Arabic, Urdu, Ethiopic, Khmer, Burmese, Armenian: signs with no other meaning.
bool is_full_stop(char32_t c) noexcept {
    constexpr std::array<char32_t, 12> kStops = {0x3002, 0xFF01, 0xFF1F, 0xFF61, 0x0964, 0x0965,
                                                 0x061F, 0x06D4, 0x1362, 0x17D4, 0x104B, 0x0589};
    return contains(kStops, c);
}

bool is_closer(char32_t c) noexcept {
    constexpr std::array<char32_t, 17> kClosers = {')',    ']',    '}',    '"',    '\'',   0x2019,
                                                   0x201D, 0x00BB, 0x203A, 0x300D, 0x300F, 0xFF09,
                                                   0x3011, 0x300B, 0x3009, 0x201C, 0x2018};
    return contains(kClosers, c);
}

/// Where a reader would pause.
bool is_pause(char32_t c) noexcept {
    constexpr std::array<char32_t, 9> kPauses = {',',    ';',    ':',    0x2014, 0x3001,
                                                 0xFF0C, 0xFF1B, 0xFF1A, 0x060C};
    return contains(kPauses, c);
}

bool is_digit(char32_t c) noexcept {
    return c >= '0' && c <= '9';
}

/// Of Latin (ASCII and Latin-1), Greek and Cyrillic: where a small first letter means that a sentence goes
/// on.
bool is_lower_case(char32_t c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7) || (c >= 0x3B1 && c <= 0x3CE) ||
           (c >= 0x430 && c <= 0x45F);
}

std::size_t skip_space(std::string_view text, std::size_t at) noexcept {
    for (;;) {
        const CodePoint c = code_point_at(text, at);
        if (c.bytes == 0 || !is_space(c.value)) return at;
        at += c.bytes;
    }
}

/// Does the white space at [from, to) hold a blank line or a paragraph separator?
bool is_paragraph_break(std::string_view text, std::size_t from, std::size_t to) noexcept {
    int lines = 0;
    for (std::size_t at = from; at < to;) {
        const CodePoint c = code_point_at(text, at);
        if (c.value == 0x2029 || (c.value == '\n' && ++lines == 2)) return true;
        at += c.bytes;
    }
    return false;
}

/// Titles and the like, always followed by what they belong to. The engine hears a full stop in none of them.
constexpr std::array<std::string_view, 27> kAbbreviations = {
    "mr",  "mrs", "ms", "dr", "prof", "st",     "sr",  "jr", "messrs", "gen",  "col", "sgt", "capt", "lt",
    "rev", "hon", "vs", "cf", "viz",  "approx", "bzw", "ca", "mme",    "mlle", "sra", "dra", "sig"};
/// Abbreviations before a number, but words elsewhere.
constexpr std::array<std::string_view, 10> kBeforeNumber = {"no", "nos", "nr",  "fig", "vol",
                                                            "pp", "art", "sec", "ch",  "p"};

template <std::size_t size>
bool contains_word(const std::array<std::string_view, size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_letter(char32_t c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c < 0x590);
}

/// Single letters with full stops between: "J" (an initial), "e.g", "U.S", "А.С".
bool is_initials(std::string_view word) noexcept {
    for (std::size_t at = 0;;) {
        const CodePoint c = code_point_at(word, at);
        at += c.bytes;
        if (c.bytes == 0 || !is_letter(c.value)) return false;
        if (at == word.size()) return true;
        if (word[at++] != '.') return false;
    }
}

/// Is the full stop behind `word` part of it? `next` begins the word behind the white space.
bool is_abbreviation(std::string_view word, char32_t next) {
    while (!word.empty() &&
           (word.front() == '(' || word.front() == '"' || word.front() == '\'' || word.front() == '['))
        word.remove_prefix(1);
    if (word.empty()) return false;
    if (is_initials(word)) return true;
    // The number of an item of a list, or of a day ("3. Oktober").
    const bool number = std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (number && word.size() <= 2) return true;
    constexpr std::size_t kLongest = 8;
    if (word.size() > kLongest) return false;
    const std::string lower = to_lower(word);
    return contains_word(kAbbreviations, lower) || (is_digit(next) && contains_word(kBeforeNumber, lower));
}

/// The sentence being read, code point by code point.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    /// Bytes of the first sentence.
    std::size_t sentence_bytes() {
        for (;;) {
            const CodePoint c = code_point_at(text_, at_);
            if (c.bytes == 0) return at_;
            if (characters_ == kMaxSentenceCharacters) return cut();
            step(c);
            if (is_space(c.value)) {
                if (paragraph_ends(at_ - c.bytes)) return at_ - c.bytes;
                word_ = at_;
            } else if (is_full_stop(c.value)) {
                take_closers();
                return at_;
            } else if (is_terminator(c.value) && terminator_ends(c)) {
                return at_;
            } else if (is_pause(c.value) && characters_ > kMaxSentenceCharacters / 2) {
                pause_ = pause_end(c);
            }
        }
    }

  private:
    void step(CodePoint c) {
        at_ += c.bytes;
        ++characters_;
        if (is_space(c.value)) space_ = at_;
    }

    /// Closing signs and further terminators ("?!", "...") belong to the sentence, as far as there is room.
    bool take_closers() {
        bool more_terminators = false;
        while (characters_ < kMaxSentenceCharacters) {
            const CodePoint c = code_point_at(text_, at_);
            const bool terminator = is_terminator(c.value) || is_full_stop(c.value);
            if (c.bytes == 0 || (!terminator && !is_closer(c.value))) break;
            more_terminators |= terminator;
            step(c);
        }
        return more_terminators;
    }

    bool terminator_ends(CodePoint c) {
        const std::string_view word = text_.substr(word_, at_ - c.bytes - word_);
        const bool several = take_closers();
        const CodePoint behind = code_point_at(text_, at_);
        if (behind.bytes == 0) return true;
        if (!is_space(behind.value)) return false;
        const std::size_t next_at = skip_space(text_, at_);
        if (is_paragraph_break(text_, at_, next_at)) return true;
        const char32_t next = code_point_at(text_, next_at).value;
        if (is_lower_case(next)) return false;
        return several || c.value != '.' || !is_abbreviation(word, next);
    }

    /// Looks at each run of white space once, at its beginning.
    bool paragraph_ends(std::size_t space) {
        if (space < space_run_end_) return false;
        space_run_end_ = skip_space(text_, space);
        return is_paragraph_break(text_, space, space_run_end_);
    }

    /// A comma between digits is none; an ideographic one needs no space behind it.
    std::size_t pause_end(CodePoint c) const {
        return c.value >= 0x80 || is_space(code_point_at(text_, at_).value) ? at_ : pause_;
    }

    std::size_t cut() const { return pause_ > 0 ? pause_ : space_ > 0 ? space_ : at_; }

    std::string_view text_;
    std::size_t at_ = 0;             ///< bytes read
    std::size_t characters_ = 0;     ///< code points read
    std::size_t word_ = 0;           ///< where the word being read begins
    std::size_t space_ = 0;          ///< end of the last white space, 0 where none was
    std::size_t pause_ = 0;          ///< end of the last pause in the second half, 0 where none was
    std::size_t space_run_end_ = 0;  ///< white space before this was looked at
};

std::string_view trim_end(std::string_view text) noexcept {
    // White space is at most 3 bytes long; what is none stays.
    for (bool trimmed = true; trimmed;) {
        trimmed = false;
        for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(3, text.size()); ++bytes) {
            const CodePoint c = code_point_at(text, text.size() - bytes);
            if (c.bytes == bytes && is_space(c.value)) {
                text.remove_suffix(bytes);
                trimmed = true;
                break;
            }
        }
    }
    return text;
}

}  // namespace

std::optional<std::string_view> take_sentence(std::string_view& rest) {
    rest.remove_prefix(skip_space(rest, 0));
    if (rest.empty()) return std::nullopt;
    const std::size_t bytes = Scanner(rest).sentence_bytes();
    const std::string_view sentence = trim_end(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
    return sentence;
}

}  // namespace fadeout::speech
