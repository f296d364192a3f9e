#include "storage/pair/side.h"

#include <fmt/format.h>

namespace fadeout::storage {

Error of_side(const std::exception& failure, Side side, const ObjectStore& store) {
    const auto* error = dynamic_cast<const Error*>(&failure);
    return {error ? error->kind() : ErrorKind::internal,
            fmt::format("The {} store ({}, bucket {}): {}", side == Side::first ? "first" : "second",
                        store.provider(), store.bucket(),
                        error ? error->what() : "It failed unexpectedly. The log tells why."),
            error ? error->detail() : failure.what()};
}

void check_side(ObjectStore& store, Side side) {
    try {
        store.check();
    } catch (const Error& error) {
        throw of_side(error, side, store);
    }
}

std::vector<RemoveResult> remove_from_side(ObjectStore& store, Side side, std::span<const Key> keys) {
    std::vector<RemoveResult> results;
    try {
        results = store.remove(keys);
        for (RemoveResult& result : results)
            if (result.error) result.error = of_side(*result.error, side, store);
    } catch (const Error& error) {
        for (const Key& key : keys) results.push_back({key, of_side(error, side, store)});
    }
    return results;
}

}  // namespace fadeout::storage
