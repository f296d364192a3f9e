#pragma once
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/object_store.h"

namespace fadeout::storage::disk {

/// The next names of one folder in the order of keys: a folder `a` stands as "a/", since "a/b" sorts after
/// "a-b" and before "a0".
struct NameWindow {
    std::string folder;              ///< "a/b/"; "" for the bucket
    std::string prefix;              ///< only names that begin with it, or folders on the way to it
    std::string from;                ///< only names not less than it
    std::vector<std::string> names;  ///< ascending; those of folders end with '/'
    bool complete = false;           ///< no further name follows the last one
    Time read_at{};
};

/// Lists a bucket's files in ascending order of keys, page by page. A folder may hold any number of names: a
/// pass over it keeps only the next `window_names`, and what a page left of them is kept for the page that
/// continues it, so that a folder of n names is passed over n / window_names times and not n / 1,000 times.
/// Memory: about 3 MB per window, and at most `kept_windows` of them. Thread-safe.
class Lister {
  public:
    static constexpr std::size_t default_window_names = 32'768;
    static constexpr std::size_t kept_windows = 4;
    /// Later a page reads the folder anew.
    static constexpr Duration kept_for{10'000};

    /// `top`: the bucket's folder, which must outlive this, as must `clock`.
    Lister(int top, const Clock& clock, std::size_t window_names = default_window_names)
        : top_(top), clock_(clock), window_names_(window_names) {}

    ObjectPage page(std::string_view prefix, std::string_view cursor, std::size_t limit);

  private:
    struct Page;
    void walk(int folder, const std::string& path, Page& page);
    void visit(int folder, const std::string& path, const NameWindow& window, Page& page);
    void read(int folder, NameWindow& window) const;
    bool take_kept(NameWindow& wanted);
    void keep(NameWindow window);

    const int top_;
    const Clock& clock_;
    const std::size_t window_names_;
    std::mutex mutex_;  // guards kept_
    std::list<NameWindow> kept_;
};

}  // namespace fadeout::storage::disk
