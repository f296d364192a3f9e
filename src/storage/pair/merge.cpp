#include "storage/pair/merge.h"

#include <algorithm>

namespace fadeout::storage {

namespace {

bool by_key(const ObjectInfo& a, const ObjectInfo& b) {
    return a.key < b.key;
}

/// Up to where both pages are complete; nothing where both are last ones.
std::optional<std::string> horizon(const ObjectPage& first, const ObjectPage& second) {
    if (first.next && second.next) return std::min(*first.next, *second.next);
    return first.next ? first.next : second.next;
}

}  // namespace

ObjectPage merge_pages(ObjectPage first, ObjectPage second, std::size_t limit) {
    ObjectPage out{{}, horizon(first, second)};
    std::set_union(std::make_move_iterator(first.objects.begin()),
                   std::make_move_iterator(first.objects.end()),
                   std::make_move_iterator(second.objects.begin()),
                   std::make_move_iterator(second.objects.end()), std::back_inserter(out.objects), by_key);
    if (out.next) {
        const auto beyond = std::ranges::find_if(
            out.objects, [&](const ObjectInfo& object) { return object.key.str() > *out.next; });
        out.objects.erase(beyond, out.objects.end());
    }
    if (out.objects.size() > limit) {
        out.objects.erase(out.objects.begin() + static_cast<std::ptrdiff_t>(limit), out.objects.end());
        out.next = out.objects.back().key.str();
    }
    return out;
}

}  // namespace fadeout::storage
