#include "storage/disk/lister.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "storage/disk/directory.h"
#include "storage/disk/folders.h"
#include "storage/disk/store_error.h"
#include "storage/disk/version.h"

namespace fadeout::storage::disk {

struct Lister::Page {
    std::string_view prefix;
    std::string_view cursor;
    std::size_t limit;
    std::vector<ObjectInfo> objects;  // one more than the limit tells that another page follows

    bool full() const { return objects.size() > limit; }
};

namespace {

/// The least name of the folder `path` that may lead to keys after `after`, which begins with `path`: after
/// "a/b/c" the folder "a/" still holds some in "b/", after "a/b" only in names greater than "b".
std::string first_name_after(std::string_view after, std::string_view path) {
    const std::string_view rest = after.substr(path.size());
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos) return std::string(rest.substr(0, slash + 1));
    return rest.empty() ? std::string() : std::string(rest) + '\0';
}

bool leads_to_prefix(std::string_view name, std::string_view prefix) {
    return name.starts_with(prefix) || (name.ends_with('/') && prefix.starts_with(name));
}

/// Not open where it was removed meanwhile. What cannot be looked into must not count as empty.
Descriptor open_listed(int top, std::string_view path) {
    Descriptor folder = open_folder(top, path);
    if (!folder && !means_absent(errno)) throw store_error(errno, "list the objects", std::string(path));
    return folder;
}

/// Adds the file `name` unless it was removed meanwhile.
void add_object(int folder, const std::string& path, const std::string& name,
                std::vector<ObjectInfo>& objects) {
    struct stat status {};
    if (path.size() + name.size() > max_key_bytes) return;
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return;
    const Version version = Version::of(status);
    objects.push_back({Key::parse(path + name), version.size_bytes, version.modified(), version.etag()});
}

}  // namespace

ObjectPage Lister::page(std::string_view prefix, std::string_view cursor, std::size_t limit) {
    Page page{prefix, cursor, limit, {}};
    const std::size_t slash = prefix.rfind('/');
    const std::string_view folder_path =
        slash == std::string_view::npos ? std::string_view() : prefix.substr(0, slash);
    if (!folder_path.empty() && key_fault(folder_path)) return {};
    if (slash == 0) return {};
    const Descriptor folder = open_listed(top_, folder_path);
    if (!folder) return {};
    walk(folder.get(), std::string(prefix.substr(0, slash + 1)), page);

    ObjectPage out{std::move(page.objects), std::nullopt};
    if (out.objects.size() > limit) {
        out.objects.pop_back();
        out.next = out.objects.back().key.str();
    }
    return out;
}

/// Adds the objects below `path` ("a/b/", or "" for the bucket) until the page is full.
void Lister::walk(int folder, const std::string& path, Page& page) {
    if (path.size() >= max_key_bytes) return;
    const bool continued = page.cursor.starts_with(path) && page.cursor.size() > path.size();
    if (!continued && page.cursor > path) return;
    NameWindow window;
    window.folder = path;
    if (page.prefix.size() > path.size()) window.prefix = page.prefix.substr(path.size());
    if (continued) window.from = first_name_after(page.cursor, path);
    if (!take_kept(window)) read(folder, window);
    while (true) {
        visit(folder, path, window, page);
        if (page.full() || window.complete) break;
        window.from = window.names.back() + '\0';
        read(folder, window);
    }
    if (!page.full()) return;
    const std::string& last = page.objects[page.limit - 1].key.str();
    if (!last.starts_with(path)) return;
    window.from = first_name_after(last, path);
    keep(std::move(window));
}

void Lister::visit(int folder, const std::string& path, const NameWindow& window, Page& page) {
    for (const std::string& name : window.names) {
        if (page.full()) return;
        if (!name.ends_with('/')) {
            add_object(folder, path, name, page.objects);
        } else if (const Descriptor child =
                       open_listed(folder, std::string_view(name).substr(0, name.size() - 1))) {
            walk(child.get(), path + name, page);
        }
    }
}

/// Replaces the window's names by the least `window_names_` ones that it asks for, in one pass over the
/// folder.
void Lister::read(int folder, NameWindow& window) const {
    std::vector<std::string>& names = window.names;
    names.clear();
    window.complete = true;
    window.read_at = clock_.now();
    const auto keep_least = [&] {
        const auto last = names.begin() + static_cast<std::ptrdiff_t>(window_names_ - 1);
        std::nth_element(names.begin(), last, names.end());
        names.resize(window_names_);
        window.complete = false;
    };
    Directory entries(open_folder(folder, {}));
    std::string name;
    while (const auto entry = entries.next()) {
        if (entry->kind == NameKind::other) continue;
        name = entry->name;
        if (entry->kind == NameKind::folder) name += '/';
        if (name < window.from || !leads_to_prefix(name, window.prefix)) continue;
        // Once names were dropped, nothing above the greatest that stayed is wanted any more.
        if (!window.complete && name > names[window_names_ - 1]) continue;
        if (key_fault(entry->name)) continue;
        names.push_back(name);
        if (names.size() == 2 * window_names_) keep_least();
    }
    if (names.size() > window_names_) keep_least();
    std::sort(names.begin(), names.end());
}

/// Only the page that continues another finds its window: a listing that starts asks from "", as no kept
/// window does, and so sees the folder as it is.
bool Lister::take_kept(NameWindow& wanted) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const NameWindow& kept) {
        return kept.folder == wanted.folder && kept.prefix == wanted.prefix && kept.from == wanted.from;
    });
    if (found == kept_.end()) return false;
    wanted = std::move(*found);
    kept_.erase(found);
    return wanted.read_at + kept_for > clock_.now();
}

void Lister::keep(NameWindow window) {
    if (window.complete && window.names.size() <= 1000) return;  // read again as cheaply
    const auto next = std::lower_bound(window.names.begin(), window.names.end(), window.from);
    window.names.erase(window.names.begin(), next);
    const std::lock_guard lock(mutex_);
    kept_.push_front(std::move(window));
    if (kept_.size() > kept_windows) kept_.pop_back();
}

}  // namespace fadeout::storage::disk
