#include "cli/output.h"

#include <cerrno>
#include <cstdio>

#include "service/json_text.h"

namespace fadeout::cli {

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw system_error(errno, "write to standard output");
}

void print_json(const boost::json::value& value) {
    print(service::json_text(value) + '\n');
}

void complain(std::string_view text) {
    std::string line = "fadeout: " + std::string(text);
    for (char& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string describe(const Error& error) {
    const bool shows_detail = error.kind() == ErrorKind::internal || error.kind() == ErrorKind::unavailable ||
                              error.kind() == ErrorKind::misconfigured ||
                              error.kind() == ErrorKind::timeout || error.kind() == ErrorKind::storage_full;
    return shows_detail ? with_detail(error) : error.what();
}

boost::json::object error_json(const Error& error) {
    return {{"error", error.what()}, {"kind", name(error.kind())}};
}

}  // namespace fadeout::cli
