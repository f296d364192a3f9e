#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "jobs/job_queue.h"

namespace fadeout::jobs {

/// Where the next page begins: after the job of this creation time and id. "1795188600000.{id}".
struct Cursor {
    Time created_at;
    std::string id;
};
std::string format_cursor(const Job& last);
Cursor parse_cursor(std::string_view text);  ///< Error(invalid)

/// Collects a page, newest first, and tells when it is full: one more job than fits says that there is a next
/// page.
class PageBuilder {
  public:
    explicit PageBuilder(std::size_t limit);
    std::size_t limit() const { return limit_; }
    bool add(Job job);  ///< false: the page is complete, and `job` belongs to the next one
    JobPage take() { return std::move(page_); }

  private:
    std::size_t limit_;
    std::size_t bytes_ = 0;
    JobPage page_;
};

}  // namespace fadeout::jobs
