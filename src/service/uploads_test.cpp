#include "service/uploads.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/ids.h"
#include "base/text.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

class UploadsTest : public testing::Test {
  protected:
    boost::json::object upload(std::string_view body) {
        return create_upload(store_, clock_, std::chrono::minutes(10), boost::json::parse(body).as_object());
    }
    /// The last part of the key that an upload of this file gets.
    std::string stored_name(const std::string& filename) {
        const boost::json::object body{{"filename", filename}};
        const auto answer = create_upload(store_, clock_, std::chrono::minutes(10), body);
        return std::string(storage::Key::parse(answer.at("key").as_string()).name());
    }
    void expect_invalid(const boost::json::object& body) {
        try {
            create_upload(store_, clock_, std::chrono::minutes(10), body);
            ADD_FAILURE() << boost::json::serialize(body);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid) << error.what();
        }
    }

    ManualClock clock_{Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20))};
    storage::MemoryStore store_{clock_};
};

TEST_F(UploadsTest, AnswersWithAPutLink) {
    const auto answer = upload(R"({"filename": "song.wav", "content_type": "audio/wav"})");
    const std::string key(answer.at("key").as_string());
    const auto parts = split(key, '/');
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[0], "uploads");
    EXPECT_TRUE(is_uuid(parts[1])) << key;
    EXPECT_EQ(parts[2], "song.wav");
    EXPECT_EQ(answer.at("method"), "PUT");
    EXPECT_EQ(answer.at("headers").as_object().at("Content-Type"), "audio/wav");
    EXPECT_EQ(answer.at("expires_at"), "2026-11-20T00:10:00Z");
    const std::string url(answer.at("url").as_string());
    EXPECT_NE(url.find("/objects/memory/" + key + "?"), std::string::npos) << url;
    EXPECT_NE(url.find("X-Amz-Expires=600"), std::string::npos) << url;
    EXPECT_NE(url.find("content-type%3Bhost"), std::string::npos) << "the type is signed: " << url;
}

TEST_F(UploadsTest, OriginalsOfAPitchNeverReplaceEachOther) {
    const auto first = upload(R"({"filename": "song.wav", "content_type": "audio/wav", "pitch_id": "p_7"})");
    const auto second = upload(R"({"filename": "song.wav", "content_type": "audio/wav", "pitch_id": "p_7"})");
    EXPECT_TRUE(first.at("key").as_string().starts_with("pitches/p_7/"));
    EXPECT_TRUE(first.at("key").as_string().ends_with("/song.wav"));
    EXPECT_NE(first.at("key"), second.at("key"));
}

TEST_F(UploadsTest, MakesFileNamesSafe) {
    EXPECT_EQ(stored_name("C:\\Music\\My Song (1).mp3"), "My_Song__1_.mp3");
    EXPECT_EQ(stored_name("../../etc/passwd"), "passwd");
    EXPECT_EQ(stored_name(".hidden.wav"), "hidden.wav");
    EXPECT_EQ(stored_name("a\r\nb\"<>;&?%.wav"), "a__b_______.wav");
    EXPECT_EQ(stored_name("Größe – Ελλ.flac"), "Größe_–_Ελλ.flac");
    EXPECT_EQ(stored_name("song\u202egpj.mp3"), "songgpj.mp3") << "no direction override";
    EXPECT_EQ(stored_name("a\u200b\u0085\ufeff.mp3"), "a.mp3");
    EXPECT_EQ(stored_name("noextension"), "noextension");
}

TEST_F(UploadsTest, ShortensLongNamesAndKeepsTheExtension) {
    std::string umlauts;
    for (int i = 0; i < 300; ++i) umlauts += "ü";
    for (const std::string& stem : {std::string(500, 'x'), "y" + umlauts, umlauts}) {
        const std::string name = stored_name(stem + ".flac");
        EXPECT_LE(name.size(), 200u);
        EXPECT_GE(name.size(), 198u);
        EXPECT_TRUE(name.ends_with(".flac"));
        EXPECT_TRUE(is_utf8(name));
    }
}

TEST_F(UploadsTest, DerivesAMissingContentType) {
    EXPECT_EQ(upload(R"({"filename": "x.opus"})").at("headers").as_object().at("Content-Type"), "audio/ogg");
    EXPECT_EQ(upload(R"({"filename": "x"})").at("headers").as_object().at("Content-Type"),
              "application/octet-stream");
}

TEST_F(UploadsTest, RefusesWhatItCannotStore) {
    expect_invalid({});
    expect_invalid({{"filename", 7}});
    for (const char* filename : {"", "/", "...", "a/", "___", ".-_", "\u202e", "x.fadeout-meta", "\xff.wav"})
        expect_invalid({{"filename", filename}});
    for (const char* type : {"text/html", "audio/", "audio/x y", "image/svg+xml", "audio/mpeg\r\nX: y",
                             "audio", "application/x-mpegurl", "text/html;audio/mpeg"})
        expect_invalid({{"filename", "x.wav"}, {"content_type", type}});
    expect_invalid({{"filename", "x.wav"}, {"content_type", 3}});
    for (const char* pitch : {"../x", "a/b", "ü", "a b"})
        expect_invalid({{"filename", "x.wav"}, {"pitch_id", pitch}});
    expect_invalid({{"filename", "x.wav"}, {"pitch_id", std::string(65, 'a')}});
    EXPECT_NO_THROW(upload(R"({"filename": "x.ogg", "content_type": "Audio/Ogg; codecs=opus"})"));
}

}  // namespace
}  // namespace fadeout::service
