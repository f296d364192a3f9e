#include "service/listing.h"

#include <iterator>

namespace fadeout::service {

namespace {

constexpr std::size_t page_objects = 1000;

}  // namespace

const storage::ObjectInfo* Listing::peek() {
    while (page_.empty() && cursor_) {
        storage::ObjectPage page = store_.list({}, *cursor_, page_objects);
        page_.assign(std::make_move_iterator(page.objects.begin()),
                     std::make_move_iterator(page.objects.end()));
        cursor_ = std::move(page.next);
        left_out_ += page.left_out;
    }
    return page_.empty() ? nullptr : &page_.front();
}

void Listing::pop() {
    page_.pop_front();
}

}  // namespace fadeout::service
