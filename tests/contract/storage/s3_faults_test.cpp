#include <gtest/gtest.h>

#include <random>

#include "s3_faulty_gateway.h"

// What a store does when the S3 server, or the way to it, misbehaves: the result is right, or it is an Error
// and nothing is there. The server is a real one; a gateway in front of it makes the trouble.
namespace fadeout::storage {
namespace {

const SystemClock system_clock;
constexpr int always = 1000;
const Key song_key = Key::parse("pitches/7/song.wav");

std::string song(std::size_t size) {
    std::mt19937 random(42);
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random());
    return out;
}

ObjectInfo put(ObjectStore& store, std::string_view content, const Key& key = song_key) {
    const auto writer = store.create(key, {});
    writer->write(as_bytes(content));
    return writer->commit();
}

std::string read_all(ObjectReader& reader) {
    std::string out;
    std::vector<std::byte> buffer(100'000);
    while (const std::size_t n = reader.read_at(out.size(), buffer))
        out.append(reinterpret_cast<const char*>(buffer.data()), n);
    return out;
}

std::string get(ObjectStore& store) {
    const auto reader = store.open(song_key);
    return reader ? read_all(*reader) : "(absent)";
}

Error failure(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no Error";
    return {ErrorKind::internal, ""};
}

std::size_t unfinished(ObjectStore& store) {
    return store.remove_unfinished(system_clock.now() + std::chrono::hours(1));
}

/// Three parts, the last one short.
const std::string large = song((16 << 20) + 12'345);

TEST(S3Faults, EveryKindOfRequestSurvivesAServerThatIsBusy) {
    const FaultyGateway gateway({{"POST", "uploads=", Harm::slow_down, 2},
                                 {"PUT", "partNumber=2", Harm::slow_down, 2},
                                 {"PUT", "partNumber=1", Harm::broken_answer, 1},
                                 {"POST", "uploadId=", Harm::slow_down, 1},
                                 {"GET", "song", Harm::slow_down, 2},
                                 {"GET", "list-type", Harm::broken_answer, 1},
                                 {"HEAD", "song", Harm::slow_down, 1},
                                 {"POST", "delete=", Harm::slow_down, 2}});
    S3Store store(gateway.options(), system_clock);
    EXPECT_EQ(put(store, large).size_bytes, large.size());
    EXPECT_TRUE(get(store) == large);
    EXPECT_EQ(store.head(song_key)->info.size_bytes, large.size());
    EXPECT_EQ(store.list("", {}, 10).objects.size(), 1u);
    EXPECT_FALSE(store.remove(std::span(&song_key, 1)).at(0).error);
    EXPECT_FALSE(store.head(song_key));
    EXPECT_EQ(gateway.harmed(), 12);
}

TEST(S3Faults, ALostAnswerOfACompletedUploadIsSettled) {
    for (const int times : {1, always}) {
        const FaultyGateway gateway({{"POST", "uploadId=", Harm::lost_answer, times}});
        S3Store store(gateway.options(), system_clock);
        const ObjectInfo written = put(store, large);
        EXPECT_EQ(written.size_bytes, large.size());
        EXPECT_EQ(store.head(song_key)->info.etag, written.etag);
        EXPECT_TRUE(get(store) == large);
        EXPECT_EQ(unfinished(store), 0u);
    }
}

TEST(S3Faults, ALostAnswerOfAPutIsSettled) {
    const FaultyGateway gateway({{"PUT", "song", Harm::lost_answer, always}});
    S3Store store(gateway.options(), system_clock);
    const ObjectInfo written = put(store, "small");
    EXPECT_EQ(store.head(song_key)->info.etag, written.etag);
    EXPECT_EQ(get(store), "small");
}

TEST(S3Faults, AnotherObjectOfTheSameSizeIsNotTakenForOurs) {
    const FaultyGateway gateway({{"POST", "uploadId=", Harm::broken_answer, always}});
    const S3Options options = gateway.options();
    S3Options direct = options;
    direct.location.endpoint = S3Server::shared().endpoint();
    S3Store before(direct, system_clock), store(options, system_clock);
    std::string other = large;
    other[0] ^= 1;
    put(before, other);
    EXPECT_EQ(failure([&] { put(store, large); }).kind(), ErrorKind::unavailable);
    EXPECT_TRUE(get(before) == other) << "the object of before is still there";
    EXPECT_EQ(unfinished(store), 0u) << "the upload was ended";
}

ObjectInfo put_new(ObjectStore& store, std::string_view content) {
    const auto writer = store.create(song_key, {});
    writer->write(as_bytes(content));
    return writer->commit(Existing::keep);
}

/// The second attempt meets the object of the first.
TEST(S3Faults, AConditionalPutWhoseAnswerIsLostIsNoConflict) {
    for (const int times : {1, always}) {
        const FaultyGateway gateway({{"PUT", "song", Harm::lost_answer, times}});
        const S3Options options = gateway.options();
        S3Store store(options, system_clock);
        const ObjectInfo written = put_new(store, "small");
        EXPECT_EQ(store.head(song_key)->info.etag, written.etag);
        EXPECT_EQ(get(store), "small");
        S3Options direct = options;
        direct.location.endpoint = S3Server::shared().endpoint();
        S3Store other(direct, system_clock);
        EXPECT_EQ(failure([&] { put_new(other, "other"); }).kind(), ErrorKind::conflict);
    }
}

TEST(S3Faults, AConditionalPutIsSentAgainWhenTheServiceSaysSo) {
    const FaultyGateway passing({{"PUT", "song", Harm::conditional_conflict, 2}});
    S3Store store(passing.options(), system_clock);
    put_new(store, "small");
    EXPECT_EQ(get(store), "small");
    const FaultyGateway lasting({{"PUT", "song", Harm::conditional_conflict, always}});
    S3Store failing(lasting.options(), system_clock);
    EXPECT_EQ(failure([&] { put_new(failing, "small"); }).kind(), ErrorKind::unavailable);
}

/// A service that does as Amazon: it refuses to complete. And one that knows no conditions at all.
TEST(S3Faults, WhatTheServiceKnowsOfConditionsIsFoundOut) {
    const FaultyGateway amazon({{"POST", "uploadId=", Harm::precondition_failed, always}});
    S3Store store(amazon.options(), system_clock);
    EXPECT_EQ(failure([&] { put_new(store, large); }).kind(), ErrorKind::conflict);
    const auto requests = amazon.requests();
    EXPECT_EQ(
        std::count_if(requests.begin(), requests.end(),
                      [](const auto& r) { return r.method == "HEAD" && r.target.ends_with("song.wav"); }),
        1)
        << "only to see whether it was our own lost answer";
    EXPECT_FALSE(store.head(song_key));
    EXPECT_EQ(unfinished(store), 0u);

    const FaultyGateway old({{"PUT", "", Harm::not_implemented_condition, always}});
    S3Store unconditional(old.options(), system_clock);
    put_new(unconditional, "small");
    EXPECT_EQ(failure([&] { put_new(unconditional, "other"); }).kind(), ErrorKind::conflict);
    EXPECT_EQ(get(unconditional), "small");
    EXPECT_EQ(old.harmed(), 1) << "it is asked once";
    EXPECT_TRUE(unconditional.list("temp-audio/", {}, 10).objects.empty()) << "what it was tried on is gone";
}

TEST(S3Faults, AServiceThatWasBusyIsAskedAgainWhatItKnows) {
    const FaultyGateway gateway({{"PUT", "fadeout-check", Harm::slow_down_condition, 3}});
    S3Store store(gateway.options(), system_clock);
    const auto conditional_puts = [&] {
        const auto requests = gateway.requests();
        return std::count_if(requests.begin(), requests.end(), [](const auto& r) {
            return r.target.ends_with("song.wav") && !r.header("if-none-match").empty();
        });
    };
    put_new(store, "small");
    EXPECT_EQ(gateway.harmed(), 3);
    EXPECT_EQ(conditional_puts(), 0);
    EXPECT_EQ(failure([&] { put_new(store, "other"); }).kind(), ErrorKind::conflict);
    EXPECT_GT(conditional_puts(), 0);
}

TEST(S3Faults, AnErrorInsideAnAnswerOf200IsNoSuccess) {
    const FaultyGateway passing({{"POST", "uploadId=", Harm::error_inside, 1}});
    S3Store store(passing.options(), system_clock);
    put(store, large);
    EXPECT_TRUE(get(store) == large);

    const FaultyGateway lasting({{"POST", "uploadId=", Harm::error_inside, always}});
    S3Store failing(lasting.options(), system_clock);
    EXPECT_EQ(failure([&] { put(failing, large); }).kind(), ErrorKind::unavailable);
    EXPECT_FALSE(failing.head(song_key));
    EXPECT_EQ(unfinished(failing), 0u);
}

TEST(S3Faults, APartThatFailsLeavesNothing) {
    const FaultyGateway gateway({{"PUT", "partNumber=2", Harm::slow_down, always}});
    S3Store store(gateway.options(), system_clock);
    EXPECT_EQ(failure([&] { put(store, large); }).kind(), ErrorKind::unavailable);
    EXPECT_FALSE(store.head(song_key));
    EXPECT_EQ(unfinished(store), 0u);
}

TEST(S3Faults, AFlippedBitIsRefusedByTheServer) {
    for (const std::string& content : {std::string("small"), large}) {
        const FaultyGateway passing({{"PUT", "song", Harm::flipped_bit, 1}});
        S3Store store(passing.options(), system_clock);
        put(store, content);
        EXPECT_EQ(passing.harmed(), 1);
        EXPECT_TRUE(get(store) == content);
    }
    const FaultyGateway lasting({{"PUT", "song", Harm::flipped_bit, always}});
    S3Store store(lasting.options(), system_clock);
    EXPECT_EQ(failure([&] { put(store, "small"); }).kind(), ErrorKind::unavailable);
    EXPECT_FALSE(store.head(song_key));
}

TEST(S3Faults, ReadsGoOnAfterBreaksAndSilence) {
    const FaultyGateway gateway({{"GET", "song", Harm::half_body, 2},
                                 {"GET", "song", Harm::silence, 1},
                                 {"GET", "song", Harm::half_body, 1},
                                 {"GET", "song", Harm::slow_down, 1}});
    S3Options options = gateway.options();
    options.retry.attempts = 6;  // the first read meets all of them
    S3Store store(options, system_clock);
    put(store, large);
    EXPECT_TRUE(get(store) == large);
    EXPECT_EQ(gateway.harmed(), 5);
}

TEST(S3Faults, ASilentServerIsAnErrorInTime) {
    const FaultyGateway gateway({{"GET", "song", Harm::silence, always}});
    S3Options options = gateway.options();
    options.retry.attempts = 1;
    S3Store store(options, system_clock);
    EXPECT_EQ(failure([&] { store.open(song_key); }).kind(), ErrorKind::unavailable);
}

TEST(S3Faults, VersionsAreNeverMixed) {
    S3Store store(new_bucket(), system_clock);
    put(store, large);
    const auto replaced = store.open(song_key);
    std::string other = large;
    other.back() ^= 1;
    put(store, other);
    EXPECT_EQ(failure([&] { read_all(*replaced); }).kind(), ErrorKind::bad_source);
    const auto removed = store.open(song_key);
    store.remove(std::span(&song_key, 1));
    EXPECT_EQ(failure([&] { read_all(*removed); }).kind(), ErrorKind::bad_source);
}

/// Reads at random, forwards, backwards and in rows, against the bytes themselves.
TEST(S3Faults, JumpsAnywhere) {
    S3Store store(new_bucket(), system_clock);
    put(store, large);
    const auto reader = store.open(song_key);
    std::mt19937 random(42);
    std::vector<std::byte> buffer(200'000);
    for (int jump = 0; jump < 40; ++jump) {
        std::uint64_t offset = random() % large.size();
        for (std::size_t row = random() % 20; row > 0; --row) {
            const std::size_t n =
                reader->read_at(offset, std::span(buffer).first(1 + random() % buffer.size()));
            ASSERT_GT(n, 0u);
            const std::string_view got(reinterpret_cast<const char*>(buffer.data()), n);
            ASSERT_TRUE(got == std::string_view(large).substr(offset, n)) << offset;
            offset += n;
            if (offset == large.size()) break;
        }
    }
}

TEST(S3Faults, KeysThatWereNotRemovedSaySo) {
    const FaultyGateway gateway({{"POST", "delete=", Harm::slow_down, 3}});
    S3Store store(gateway.options(), system_clock);
    put(store, "x");
    const auto results = store.remove(std::span(&song_key, 1));
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].error->kind(), ErrorKind::unavailable);
    EXPECT_EQ(get(store), "x");
    EXPECT_FALSE(store.remove(std::span(&song_key, 1)).at(0).error);
}

std::string check_message(const S3Options& options, const Clock& clock = system_clock) {
    S3Store store(options, clock);
    return failure([&] { store.check(); }).what();
}

TEST(S3Faults, TheCheckNamesWhatIsWrong) {
    S3Options options = bucket_options("no-such-bucket");
    EXPECT_NE(check_message(options).find("bucket does not exist"), std::string::npos);
    options = new_bucket();
    const auto use_keys = [&](aws::Credentials keys) {
        options.credentials = std::make_shared<aws::StaticCredentials>(std::move(keys));
    };
    use_keys({"unknown", "fadeouttestsecret", {}});
    EXPECT_NE(check_message(options).find("AWS_ACCESS_KEY_ID"), std::string::npos);
    use_keys({"fadeouttestaccess", "wrong", {}});
    EXPECT_NE(check_message(options).find("AWS_SECRET_ACCESS_KEY"), std::string::npos);
    use_keys(S3Server::keys());
    for (const auto off : {std::chrono::minutes(-20), std::chrono::minutes(20)}) {
        const ManualClock wrong(system_clock.now() + off);
        EXPECT_NE(check_message(options, wrong).find("clock"), std::string::npos);
    }
    options.location.endpoint = "http://127.0.0.1:1";
    EXPECT_NE(check_message(options).find("could not be reached"), std::string::npos);
    const FaultyGateway gateway({{"PUT", "", Harm::access_denied, always}});
    EXPECT_NE(check_message(gateway.options()).find("s3:PutObject"), std::string::npos);
}

net::HttpResponse follow(const std::string& method, const std::string& url, std::string_view body = {},
                         const aws::NameValues& headers = {}) {
    net::HttpRequest request;
    request.method = method;
    request.url = url;
    request.headers = headers;
    request.body = as_bytes(body);
    return net::HttpClient().send(request);
}

TEST(S3Links, AreFollowedByAnybody) {
    S3Store store(new_bucket(), system_clock);
    const Key key = Key::parse("a b/sö+ng&$1=~.mp3");
    const std::string upload =
        store.presign(LinkMethod::put, key, std::chrono::minutes(5), {"audio/x-own", ""});
    EXPECT_EQ(follow("PUT", upload, "music").status, 403) << "without the content type that was signed";
    EXPECT_EQ(follow("PUT", upload, "music", {{"content-type", "audio/x-own"}}).status, 200);
    const net::HttpResponse got =
        follow("GET", store.presign(LinkMethod::get, key, std::chrono::minutes(5), {"", "the söng.mp3"}));
    EXPECT_EQ(got.body, "music");
    EXPECT_EQ(got.header("content-type"), "audio/x-own");
    EXPECT_EQ(got.header("content-disposition"),
              "attachment; filename=\"the s_ng.mp3\"; filename*=UTF-8''the%20s%C3%B6ng.mp3");
}

TEST(S3Links, EndWhenTheySay) {
    const S3Options options = new_bucket();
    const ManualClock past(system_clock.now() - std::chrono::minutes(2));
    S3Store store(options, past);
    put(store, "music");
    EXPECT_EQ(follow("GET", store.presign(LinkMethod::get, song_key, std::chrono::minutes(3), {})).status,
              200);
    EXPECT_EQ(follow("GET", store.presign(LinkMethod::get, song_key, std::chrono::minutes(1), {})).status,
              403);
}

}  // namespace
}  // namespace fadeout::storage
