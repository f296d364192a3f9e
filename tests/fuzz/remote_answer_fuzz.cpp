// Any bytes as a transcoding function's answer: an answer or an Error, never a crash.
#include "base/error.h"
#include "service/remote_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        fadeout::service::parse_remote_answer(200, {reinterpret_cast<const char*>(data), size});
    } catch (const fadeout::Error&) {
    }
    return 0;
}
