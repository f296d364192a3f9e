// Any query as a signed link is refused without a crash; a link made from the input is good, and the same
// link with one character replaced, inserted or removed is not.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>

#include "aws/sigv4.h"
#include "base/text.h"

using namespace fadeout;

namespace {

const aws::Credentials key{"fadeout", "secret", ""};
const aws::LinkScope scope{"localhost:8080", "local", "s3"};
const Time now = from_unix_seconds(1'790'000'000);

void require(bool condition) {
    if (!condition) std::abort();
}

bool good(const std::string& path, const std::string& query, const aws::NameValues& headers = {}) {
    return !aws::check_link("GET", path, query, headers, scope, key, now).fault;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider input(data, size);
    const std::string path = "/objects/b/" + input.ConsumeRandomLengthString(64);
    const std::string disposition = input.ConsumeRandomLengthString(64);
    const std::size_t at = input.ConsumeIntegral<std::uint16_t>();
    const char character = input.ConsumeIntegral<char>();
    const int edit = input.ConsumeIntegralInRange(0, 2);
    const std::string query = aws::presign("GET", path, std::chrono::seconds(60), scope, key, now,
                                           {{"response-content-disposition", disposition}});
    require(good(path, query));
    std::string changed = query;
    const std::size_t position = at % changed.size();
    if (edit == 0) changed[position] = character;
    if (edit == 1) changed.insert(position, 1, character);
    if (edit == 2) changed.erase(position, 1);
    require(changed == query || !good(path, changed));

    const std::string rest = input.ConsumeRemainingBytesAsString();
    require(!good(path, rest, {{rest, rest}}));
    return 0;
}
