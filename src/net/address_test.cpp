#include "net/address.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::net {
namespace {

bool is_public(std::string_view text) {
    const auto address = parse_address(text);
    EXPECT_TRUE(address) << text;
    return address && net::is_public(*address);
}

TEST(Address, ParsesPlainAddressesOnly) {
    for (const char* good :
         {"0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "::ffff:1.2.3.4", "FE80::1"})
        EXPECT_TRUE(parse_address(good)) << good;
    using namespace std::string_view_literals;
    for (const auto bad : {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "256.1.1.1"sv, "01.2.3.4"sv, "0x7f.0.0.1"sv,
                           "2130706433"sv, " 1.2.3.4"sv, "1.2.3.4 "sv, "1.2.3.4\0"sv, "[::1]"sv,
                           "fe80::1%lo"sv, "1::2::3"sv, "12345::"sv, "localhost"sv, "1.2.3.4/8"sv})
        EXPECT_FALSE(parse_address(bad)) << bad;
    EXPECT_EQ(parse_address("1.2.3.4"), parse_address("::ffff:1.2.3.4"));
}

TEST(Address, PublicOnes) {
    for (const char* text :
         {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
          "192.0.1.0", "192.0.3.0", "192.31.196.1", "192.52.193.1", "192.88.98.255", "192.88.100.0",
          "192.167.255.255", "192.169.0.0", "192.175.48.1", "198.17.255.255", "198.20.0.0", "198.51.99.255",
          "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2000::1", "2001:200::1",
          "2001:4860:4860::8888", "2001:db7:ffff::", "2001:db9::", "2003::1", "2606:4700::1111",
          "2620:4f:8000::1", "2a00:1450:4001::1", "3ffe:ffff::", "3fff:1000::",
          // embedded public ones
          "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808:0:ffff:f7f7:f7f7",
          "2606:4700::200:5efe:8.8.8.8"})
        EXPECT_TRUE(is_public(text)) << text;
}

TEST(Address, SpecialOnes) {
    for (const char* text : {"0.0.0.0",
                             "0.255.255.255",
                             "10.0.0.0",
                             "10.255.255.255",
                             "100.64.0.0",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.0.0",
                             "169.254.255.255",
                             "172.16.0.0",
                             "172.31.255.255",
                             "192.0.0.0",
                             "192.0.0.8",
                             "192.0.0.170",
                             "192.0.0.255",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.0.0",
                             "192.168.255.255",
                             "198.18.0.0",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.0",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "100::1",
                             "100:0:0:1::1",
                             "2001:1::5",
                             "2001:2::1",
                             "2001:10::1",
                             "2001:1ff:ffff::",
                             "2001:db8::1",
                             "3fff::1",
                             "3fff:fff:ffff::",
                             "5f00::1",
                             "fc00::1",
                             "fdff::1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "ff02::1",
                             "ff0e::1",
                             "4000::1",
                             "1fff::1"})
        EXPECT_FALSE(is_public(text)) << text;
}

TEST(Address, MetadataServicesOfClouds) {
    for (const char* text :
         {"169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "::169.254.169.254",
          "64:ff9b::169.254.169.254", "64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::1",
          "fe80::5efe:169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192"})
        EXPECT_FALSE(is_public(text)) << text;
}

TEST(Address, EmbeddedPrivateOnes) {
    for (const char* text :
         {"::ffff:127.0.0.1", "::ffff:a00:1", "::127.0.0.1", "::8.8.8.8", "64:ff9b::10.0.0.1",
          "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff::", "2002:7f00:1::", "2002:c0a8:101::1",
          "2001:0:7f00:1:0:ffff:f7f7:f7f7",   // Teredo, private server
          "2001:0:808:808:0:ffff:80ff:fffe",  // Teredo, client 127.0.0.1 (written inverted)
          "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:192.168.1.1", "2002:808:808::5efe:127.0.0.1"})
        EXPECT_FALSE(is_public(text)) << text;
}

// The oracle: text CIDRs and strings of '0' and '1', nothing shared with the classifier.
std::string bits_of(const std::uint8_t* bytes, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count * 8; ++i) out += (bytes[i / 8] >> (7 - i % 8)) & 1 ? '1' : '0';
    return out;
}

/// The leading bits that "10.0.0.0/8" or "fc00::/7" fixes.
std::string prefix(std::string_view cidr) {
    const std::size_t slash = cidr.find('/');
    const Address address = parse_address(cidr.substr(0, slash)).value();
    const std::size_t length = std::stoul(std::string(cidr.substr(slash + 1)));
    const bool v4 = cidr.find(':') == std::string_view::npos;
    return bits_of(address.data() + (v4 ? 12 : 0), v4 ? 4 : 16).substr(0, length);
}

bool matches_any(const std::string& bits, std::initializer_list<const char*> cidrs) {
    return std::any_of(cidrs.begin(), cidrs.end(),
                       [&](const char* cidr) { return bits.starts_with(prefix(cidr)); });
}

bool oracle_v4(const std::string& bits) {
    return !matches_any(
        bits, {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
               "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
               "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
}

bool oracle(const Address& address) {
    const std::string bits = bits_of(address.data(), 16);
    const auto part = [&](std::size_t at) { return bits.substr(at, 32); };
    if (bits.starts_with(std::string(80, '0') + std::string(16, '1'))) return oracle_v4(part(96));
    if (bits.starts_with(prefix("64:ff9b::/96"))) return oracle_v4(part(96));
    if (!bits.starts_with("001")) return false;
    const std::string isatap =
        "0000000000000000"
        "0101111011111110";
    std::string identifier = part(64);
    identifier[6] = '0';  // the universal/local bit may be set or not
    if (identifier == isatap && !oracle_v4(part(96))) return false;
    if (bits.starts_with(prefix("2002::/16"))) return oracle_v4(part(16));
    if (bits.starts_with(prefix("2001::/32"))) {
        std::string client = part(96);
        for (char& bit : client) bit = bit == '0' ? '1' : '0';
        return oracle_v4(part(32)) && oracle_v4(client);
    }
    return !matches_any(bits, {"2001::/23", "2001:db8::/32", "3fff::/20"});
}

TEST(Address, AgreesWithTheOracle) {
    std::mt19937 random(7);
    const std::vector<std::string> starts{
        "::ffff:0:0", "64:ff9b::", "64:ff9b:1::", "2002::", "2001::", "2001:db8::",
        "2600::",     "3fff::",    "fd00::",      "fe80::", "::",     "2600::5efe:0:0"};
    const std::vector<std::string> v4{
        "10.0.0.0",    "100.64.0.0",  "127.0.0.0",  "169.254.0.0",  "172.16.0.0",  "192.0.0.0", "192.0.2.0",
        "192.88.99.0", "192.168.0.0", "198.18.0.0", "198.51.100.0", "203.0.113.0", "224.0.0.0", "8.8.8.8"};
    int publics = 0;
    const int rounds = 20'000;
    for (int round = 0; round < rounds; ++round) {
        // A known start, an address of interest put where something may be embedded, then a few random bits.
        Address address = parse_address(starts[random() % starts.size()]).value();
        const Address inner = parse_address(v4[random() % v4.size()]).value();
        const std::size_t at = std::array<std::size_t, 3>{2, 4, 12}[random() % 3];
        const bool inverted = random() % 4 == 0;
        for (std::size_t i = 0; i < 4; ++i)
            if (random() % 8 != 0)
                address[at + i] = static_cast<std::uint8_t>(inner[12 + i] ^ (inverted ? 0xff : 0));
        for (auto flips = random() % 6; flips > 0; --flips) {
            const auto bit = random() % 128;
            address[bit / 8] = static_cast<std::uint8_t>(address[bit / 8] ^ (1 << (bit % 8)));
        }
        publics += oracle(address) ? 1 : 0;
        ASSERT_EQ(net::is_public(address), oracle(address)) << bits_of(address.data(), 16);
    }
    EXPECT_GT(publics, rounds / 20) << "the inputs must exercise both answers";
    EXPECT_LT(publics, rounds * 19 / 20);
}

bool allows(const std::vector<std::string>& entries, std::string_view host, std::string_view address) {
    return AddressPolicy(entries).allows(host, parse_address(address).value());
}

TEST(AddressPolicy, AllowsPublicAddressesOnlyUnlessTold) {
    EXPECT_TRUE(allows({}, "example.com", "8.8.8.8"));
    EXPECT_FALSE(allows({}, "example.com", "10.0.0.1"));
    EXPECT_FALSE(allows({}, "169.254.169.254", "169.254.169.254"));
    EXPECT_TRUE(allows({"10.0.0.1"}, "anything", "10.0.0.1"));
    EXPECT_FALSE(allows({"10.0.0.1"}, "anything", "10.0.0.2"));
    EXPECT_TRUE(allows({"::1"}, "localhost", "::1"));
    EXPECT_FALSE(allows({"::1"}, "localhost", "127.0.0.1"));
}

TEST(AddressPolicy, Ranges) {
    EXPECT_TRUE(allows({"10.0.0.0/8"}, "h", "10.255.0.1"));
    EXPECT_FALSE(allows({"10.0.0.0/9"}, "h", "10.128.0.1"));
    EXPECT_TRUE(allows({"10.1.2.3/16"}, "h", "10.1.255.255")) << "bits behind the prefix do not matter";
    EXPECT_TRUE(allows({"0.0.0.0/0"}, "h", "127.0.0.1"));
    EXPECT_FALSE(allows({"0.0.0.0/0"}, "h", "::1"));
    EXPECT_TRUE(allows({"fd00::/8"}, "h", "fd12::1"));
    EXPECT_TRUE(allows({"::/0"}, "h", "10.0.0.1"));
    EXPECT_FALSE(allows({"10.0.0.0/8"}, "h", "64:ff9b::10.0.0.1")) << "what is embedded was not named";
}

TEST(AddressPolicy, HostNames) {
    EXPECT_TRUE(allows({"Media.Internal"}, "media.internal", "10.0.0.1"));
    EXPECT_TRUE(allows({" media.internal. "}, "MEDIA.internal.", "10.0.0.1"));
    EXPECT_FALSE(allows({"media.internal"}, "x.media.internal", "10.0.0.1"));
    EXPECT_FALSE(allows({"media.internal"}, "media.internal.evil.com", "10.0.0.1"));
}

TEST(AddressPolicy, NamesABadEntry) {
    for (const std::string bad :
         {"", "host:8080", "http://host", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0.256",
          "127.1", "*.example.com", "a..b", "h/8", "fe80::1%lo", "a b"}) {
        try {
            AddressPolicy({"ok.example.com", bad});
            ADD_FAILURE() << bad;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            EXPECT_NE(std::string(error.what()).find("\"" + bad + "\""), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace fadeout::net
