// Any bytes are split into bounded sentences that hold everything but white space, in order; of valid UTF-8
// every sentence is valid too.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "speech/sentences.h"

using namespace fadeout;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// What the splitter may drop: the bytes of white space, taken one by one.
bool may_be_space(char c) {
    return std::string_view(" \t\n\v\f\r\x85\xA0\xC2\xE1\x9A\x80\xE2\x81\x9F\xE3").find(c) !=
               std::string_view::npos ||
           (static_cast<unsigned char>(c) >= 0x80 && static_cast<unsigned char>(c) <= 0xAF);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const bool valid = is_utf8(text);
    std::string_view rest = text;
    const char* expected = text.data();
    while (const auto sentence = speech::take_sentence(rest)) {
        require(!sentence->empty());
        require(sentence->size() <= 4 * speech::kMaxSentenceCharacters);
        if (valid)
            require(is_utf8(*sentence) && count_characters(*sentence) <= speech::kMaxSentenceCharacters);
        for (; expected != sentence->data(); ++expected) require(may_be_space(*expected));
        expected += sentence->size();
    }
    for (; expected != text.data() + text.size(); ++expected) require(may_be_space(*expected));
    return 0;
}
