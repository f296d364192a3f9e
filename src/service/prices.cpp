#include "service/prices.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace fadeout::service {

namespace {

using Figure = double Prices::*;
constexpr std::array<std::pair<std::string_view, Figure>, 4> figures{
    {{"storage_gb_month", &Prices::storage_gb_month},
     {"write_1000", &Prices::write_1000},
     {"read_1000", &Prices::read_1000},
     {"transfer_gb", &Prices::transfer_gb}}};

std::optional<Prices> list_prices(std::string_view seller) {
    if (seller == "s3")
        return Prices{0.023, 0.005, 0.0004, 0.09, "Amazon S3 pricing, Standard, us-east-1, 2026-11"};
    if (seller == "r2") return Prices{0.015, 0.0045, 0.00036, 0, "Cloudflare R2 pricing, Standard, 2026-11"};
    return std::nullopt;
}

std::optional<double> parse_amount(std::string_view text) {
    double amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !std::isfinite(amount) || amount < 0) return std::nullopt;
    return amount;
}

void change(Prices& prices, std::string_view text) {
    const std::size_t equals = std::min(text.find('='), text.size());
    for (const auto& [name, figure] : figures) {
        if (text.substr(0, equals) != name) continue;
        const auto amount = parse_amount(text.substr(std::min(equals + 1, text.size())));
        if (!amount) break;
        prices.*figure = *amount;
        return;
    }
    throw Error(
        ErrorKind::invalid,
        fmt::format("report.prices: '{}' is no price. Write storage_gb_month, write_1000, read_1000 or "
                    "transfer_gb with US dollars, such as storage_gb_month=0.021.",
                    text));
}

}  // namespace

std::optional<Prices> prices_of(std::string_view seller, const std::vector<std::string>& changes) {
    std::optional<Prices> prices = list_prices(seller);
    if (changes.empty()) return prices;
    if (!prices) prices.emplace();
    for (const std::string& text : changes) change(*prices, text);
    prices->source = prices->source.empty() ? "report.prices" : prices->source + ", changed by report.prices";
    return prices;
}

}  // namespace fadeout::service
