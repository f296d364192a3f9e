#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace fadeout::speech {

/// A sentence longer than this is cut, so that the memory and the time of one synthesis are bounded.
constexpr std::size_t kMaxSentenceCharacters = 400;

/// Takes the next sentence off the front of `rest`: without white space at its ends, never empty, at most
/// kMaxSentenceCharacters code points. Nothing when only white space is left.
///
/// A sentence ends after . ? ! ... (and what closes quotes and brackets behind them) before white space,
/// after the full stops of scripts that need no space, and at a blank line. It goes on where the next word is
/// in lower case and after what looks like an abbreviation, an initial or a number of a list: an engine finds
/// the clauses inside by itself, so that joining two sentences is harmless while tearing one apart can be
/// heard. A too long one is cut behind a comma or the like in its second half, else at white space, else
/// anywhere.
///
/// All sentences together hold every character of the text that is no white space, in order. Bytes that are
/// no valid UTF-8 count as one character each.
std::optional<std::string_view> take_sentence(std::string_view& rest);

}  // namespace fadeout::speech
