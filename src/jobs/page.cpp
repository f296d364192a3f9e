#include "jobs/page.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace fadeout::jobs {

std::string format_cursor(const Job& last) {
    return std::to_string(last.created_at.time_since_epoch().count()) + "." + last.id;
}

Cursor parse_cursor(std::string_view text) {
    Duration::rep milliseconds = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, milliseconds);
    if (failure != std::errc() || rest == end || *rest != '.')
        throw Error(ErrorKind::invalid, "The cursor is none that a page of jobs gave as \"next\".");
    return {Time(Duration(milliseconds)), std::string(rest + 1, end)};
}

PageBuilder::PageBuilder(std::size_t limit) : limit_(std::clamp<std::size_t>(limit, 1, max_page_jobs)) {}

bool PageBuilder::add(Job job) {
    if (page_.jobs.size() == limit_ || bytes_ >= max_page_bytes) {
        page_.next = format_cursor(page_.jobs.back());
        return false;
    }
    bytes_ += job.payload.size() + job.result.size();
    page_.jobs.push_back(std::move(job));
    return true;
}

}  // namespace fadeout::jobs
