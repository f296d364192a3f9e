#include "records/dynamodb/dynamodb_record_store.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <deque>

#include "net/test_server.h"

namespace fadeout::records {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using net::TestAnswer;
using net::TestRequest;
using testing::ElementsAre;
using testing::HasSubstr;

TestAnswer success(const std::string& body) {
    return net::whole(body, {"Content-Type: application/x-amz-json-1.0"});
}

TestAnswer failure(const std::string& type, const std::string& message = "",
                   const std::string& status = "400") {
    TestAnswer answer = net::whole(json::serialize(
        json::object{{"__type", "com.amazonaws.dynamodb.v20120810#" + type}, {"message", message}}));
    answer.status = status + " Text";
    return answer;
}

std::string operation_of(const TestRequest& request) {
    return request.header("x-amz-target").substr(std::string("DynamoDB_20120810.").size());
}

/// A store on a server that gives the answers in their order, and the last one again and again.
class DynamoDbFaults : public testing::Test {
  protected:
    DynamoDbRecordStore& store(std::deque<TestAnswer> answers) {
        answers_ = std::move(answers);
        server_.emplace([this](const TestRequest&) {
            const TestAnswer answer = answers_.front();
            if (answers_.size() > 1) answers_.pop_front();
            return answer;
        });
        dynamodb::ClientOptions options{.timeout = 2s, .stall = 50ms};
        options.wait = [this](Duration delay) { waits_.push_back(delay); };
        store_.emplace(dynamodb::TableAddress{"tts", "eu-west-1", "http://127.0.0.1:" + server_->port()},
                       std::make_shared<aws::StaticCredentials>(keys_), clock_, options);
        return *store_;
    }

    /// The Error of a get() that is answered so.
    Error get_fails(std::deque<TestAnswer> answers) {
        try {
            store(std::move(answers)).get("2026-11-20", "a");
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "get() returned";
        return {ErrorKind::internal, ""};
    }

    std::vector<std::string> operations() const {
        std::vector<std::string> names;
        for (const TestRequest& request : server_->requests()) names.push_back(operation_of(request));
        return names;
    }
    json::object body_of_request(std::size_t number) const {
        return json::parse(server_->requests().at(number).body).as_object();
    }

    const aws::Credentials keys_{"AKIDEXAMPLE", "very-secret", "token"};
    const SpeechRecord record_{.date = "2026-11-20",
                               .audio_id = "a",
                               .s3_url = "s3://b/k",
                               .text = "Hello",
                               .voice_id = "en",
                               .duration_s = 1.5,
                               .ttl = 1'795'275'000};
    const TestAnswer found_ = success(R"({"Item": {"date": {"S": "2026-11-20"}, "audio_id": {"S": "a"},
        "s3_url": {"S": "s3://b/k"}, "text": {"S": "Hello"}, "voice_id": {"S": "en"}, "duration": {"N": "1.5"},
        "ttl": {"N": "1795275000"}}})");
    ManualClock clock_{from_unix_seconds(1'795'188'600)};
    std::vector<Duration> waits_;
    std::deque<TestAnswer> answers_;
    std::optional<net::TestServer> server_;
    std::optional<DynamoDbRecordStore> store_;
};

TEST_F(DynamoDbFaults, RequestsAreSignedJsonOfProtocolOne) {
    store({success("{}")}).put(record_);
    const TestRequest request = server_->requests().at(0);
    EXPECT_EQ(request.target, "/");
    EXPECT_EQ(operation_of(request), "PutItem");
    EXPECT_EQ(request.header("content-type"), "application/x-amz-json-1.0");
    EXPECT_EQ(request.header("x-amz-date"), "20261120T153000Z");
    EXPECT_EQ(request.header("x-amz-security-token"), "token");
    EXPECT_EQ(request.header("host"), "127.0.0.1:" + server_->port());
    // Signed is what arrived.
    aws::CanonicalRequest arrived{.method = "POST",
                                  .path = "/",
                                  .query = {},
                                  .headers = {},
                                  .payload_hash = aws::sha256_hex(request.body)};
    for (const char* name : {"content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"})
        arrived.headers.emplace_back(name, request.header(name));
    EXPECT_EQ(request.header("authorization"),
              aws::authorization(arrived, keys_, clock_.now(), "eu-west-1", "dynamodb"));
    EXPECT_EQ(body_of_request(0).at("TableName"), "tts");
}

TEST_F(DynamoDbFaults, AThrottledRequestIsSentAgainAfterADelay) {
    for (const char* type : {"ProvisionedThroughputExceededException", "ThrottlingException"}) {
        waits_.clear();
        EXPECT_EQ(store({failure(type), found_}).get("2026-11-20", "a"), record_);
        EXPECT_EQ(waits_.size(), 1u) << type;
    }
}

TEST_F(DynamoDbFaults, ThrottlingWithoutEndIsReportedAfterFourAttempts) {
    const Error error =
        get_fails({failure("ThrottlingException", "Rate of requests exceeds the allowed throughput.")});
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("too many requests"));
    EXPECT_EQ(operations().size(), 4u);
}

TEST_F(DynamoDbFaults, AServersFailureIsTriedAgain) {
    const TestAnswer plain{"503 Service Unavailable", {"Content-Length: 4"}, "busy"};
    const TestAnswer internal = failure("InternalServerError", "", "500");
    EXPECT_EQ(store({plain, internal, found_}).get("2026-11-20", "a"), record_);
    EXPECT_EQ(get_fails({plain}).kind(), ErrorKind::unavailable);
}

TEST_F(DynamoDbFaults, AServerThatHangsIsLeftAndTriedAgain) {
    const TestAnswer silent{"200 OK", {"Content-Length: 9"}, "{", true};
    EXPECT_EQ(store({silent, found_}).get("2026-11-20", "a"), record_);
    EXPECT_EQ(get_fails({silent}).kind(), ErrorKind::unavailable) << "so that jobs wait for its end";
}

TEST_F(DynamoDbFaults, AnAnswerThatBreaksOffIsTriedAgain) {
    TestAnswer half = found_;
    half.body.resize(half.body.size() / 2);
    EXPECT_EQ(store({half, found_}).get("2026-11-20", "a"), record_);
    EXPECT_EQ(get_fails({half}).kind(), ErrorKind::unavailable);
}

TEST_F(DynamoDbFaults, ASuccessThatIsNoneIsNotBelieved) {
    EXPECT_EQ(store({success("<html>welcome</html>"), found_}).get("2026-11-20", "a"), record_);
    EXPECT_THROW(store({success("<html>welcome</html>")}).put(record_), Error);
    TestAnswer error_inside = failure("InternalServerError");
    error_inside.status = "200 OK";
    EXPECT_EQ(store({error_inside, found_}).get("2026-11-20", "a"), record_);
    EXPECT_THROW(store({error_inside}).put(record_), Error);
}

TEST_F(DynamoDbFaults, NobodyListens) {
    store({found_});
    server_.reset();
    EXPECT_THROW(store_->get("2026-11-20", "a"), Error);
    EXPECT_EQ(waits_.size(), 3u);
}

TEST_F(DynamoDbFaults, WhatCannotMendItselfIsReportedAtOnceWithWhatToDo) {
    const struct {
        const char* type;
        const char* message;
        const char* advice;
    } cases[] = {
        {"ResourceNotFoundException", "Requested resource not found", "fadeout tables create"},
        {"UnrecognizedClientException", "The security token included in the request is invalid.",
         "AWS_ACCESS_KEY_ID"},
        {"InvalidSignatureException", "The request signature we calculated does not match",
         "AWS_SECRET_ACCESS_KEY"},
        {"InvalidSignatureException",
         "Signature expired: 20261120T151500Z is now earlier than 20261120T153500Z", "clock"},
        {"InvalidSignatureException", "Signature not yet current: 20261120T170000Z is still later than",
         "clock"},
        {"ExpiredTokenException", "The security token included in the request is expired", "Renew"},
        {"AccessDeniedException", "User is not authorized to perform: dynamodb:GetItem", "permission"},
    };
    for (const auto& one : cases) {
        const Error error = get_fails({failure(one.type, one.message)});
        EXPECT_EQ(error.kind(), ErrorKind::misconfigured) << one.type;
        EXPECT_THAT(error.what(), HasSubstr(one.advice));
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("127.0.0.1"))) << "addresses are for the log";
        EXPECT_THAT(error.detail(),
                    testing::AllOf(HasSubstr(one.message), HasSubstr("table tts in eu-west-1")));
        EXPECT_THAT(error.what() + error.detail(), testing::Not(HasSubstr("very-secret")));
        EXPECT_EQ(operations().size(), 1u) << one.type;
    }
}

TEST_F(DynamoDbFaults, ARequestThatIsNotUnderstoodIsOurFault) {
    EXPECT_EQ(get_fails({failure("ValidationException", "Invalid")}).kind(), ErrorKind::internal);
}

class NoCredentials final : public aws::CredentialsProvider {
  public:
    aws::TimedCredentials get(Duration) override {
        throw Error(ErrorKind::misconfigured, "Set AWS_ACCESS_KEY_ID.");
    }
};

// Who asks for a record needs no keys of AWS.
TEST_F(DynamoDbFaults, WithoutCredentialsTheStoreIsUnavailableAndNobodyIsDenied) {
    store({found_});
    DynamoDbRecordStore keyless({"tts", "eu-west-1", "http://127.0.0.1:" + server_->port()},
                                std::make_shared<NoCredentials>(), clock_);
    try {
        keyless.get("2026-11-20", "a");
        ADD_FAILURE() << "get() returned";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::misconfigured);
        EXPECT_THAT(error.what(), HasSubstr("AWS_ACCESS_KEY_ID"));
    }
    EXPECT_TRUE(operations().empty());
}

TEST_F(DynamoDbFaults, SomethingElseAtTheEndpoint) {
    const Error error = get_fails({{"404 Not Found", {"Content-Length: 0"}, ""}});
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("endpoint"));
}

std::vector<RecordId> many_ids(int count) {
    std::vector<RecordId> ids;
    for (int i = 0; i < count; ++i) ids.push_back({"2026-11-20", std::to_string(i)});
    return ids;
}

TEST_F(DynamoDbFaults, WhatABatchLeavesUnprocessedIsRemovedByTheNext) {
    store({success(R"({"UnprocessedItems": {"tts": [{"DeleteRequest": {"Key": {"date": {"S": "2026-11-20"},
               "audio_id": {"S": "7"}}}}]}})"),
           success(R"({"UnprocessedItems": {}})")})
        .remove(many_ids(30));
    EXPECT_THAT(operations(), ElementsAre("BatchWriteItem", "BatchWriteItem", "BatchWriteItem"));
    const auto deletions = [&](std::size_t request) {
        return body_of_request(request).at("RequestItems").at("tts").as_array();
    };
    EXPECT_EQ(deletions(0).size(), 25u);
    ASSERT_EQ(deletions(1).size(), 1u);
    EXPECT_EQ(deletions(1).at(0).at("DeleteRequest").at("Key").at("audio_id").at("S"), "7");
    EXPECT_EQ(deletions(2).size(), 5u);
    EXPECT_EQ(waits_.size(), 1u);
}

// The original's fifth fault: reported success although something stayed.
TEST_F(DynamoDbFaults, F05_WhatStaysUnprocessedIsAnError) {
    DynamoDbRecordStore& busy = store({success(R"({"UnprocessedItems": {"tts": [{"DeleteRequest": {"Key":
        {"date": {"S": "2026-11-20"}, "audio_id": {"S": "0"}}}}]}})")});
    EXPECT_THROW(busy.remove(many_ids(1)), Error);
    EXPECT_EQ(operations().size(), 4u);
}

// It was put again between the scan and the deletion.
TEST_F(DynamoDbFaults, ARecordRenewedMeanwhileIsNotRemoved) {
    DynamoDbRecordStore& sweeping =
        store({success(R"({"Items": [{"date": {"S": "2026-11-20"}, "audio_id": {"S": "a"}}]})"),
               failure("ConditionalCheckFailedException")});
    EXPECT_EQ(sweeping.remove_expired(10), 0u);
    const json::object deletion = body_of_request(1);
    EXPECT_EQ(deletion.at("ConditionExpression"), "#ttl <= :now");
    EXPECT_EQ(deletion.at("ExpressionAttributeValues").at(":now").at("N"), "1795188600");
}

// A scan may answer an empty page that is not the last one.
TEST_F(DynamoDbFaults, EmptyPagesAreNotTheEnd) {
    const std::string next = R"("LastEvaluatedKey": {"date": {"S": "2026-11-19"}, "audio_id": {"S": "x"}})";
    const std::string item = R"({"date": {"S": "2026-11-20"}, "audio_id": {"S": "a"}})";
    EXPECT_THAT(store({success(R"({"Items": [], )" + next + "}"), success(R"({"Items": [)" + item + "]}"),
                       success(R"({"Items": []})")})
                    .dates(),
                ElementsAre("2026-11-20"));
    EXPECT_EQ(store({success(R"({"Items": [], )" + next + "}"), success(R"({"Items": [)" + item + "]}")})
                  .list("2026-11-20", "", 10, Visibility::all)
                  .records.size(),
              1u);
}

// What would otherwise be read, and paid for, is the whole table.
TEST_F(DynamoDbFaults, DatesJumpOverTheRecordsOfADate) {
    DynamoDbRecordStore& jumping = store({success(R"({"Items": [{"date": {"S": "2026-11-20"}}],
        "LastEvaluatedKey": {"date": {"S": "2026-11-20"}, "audio_id": {"S": "a"}}})"),
                                          success(R"({"Items": []})")});
    EXPECT_THAT(jumping.dates(), ElementsAre("2026-11-20"));
    const json::object start = body_of_request(1).at("ExclusiveStartKey").as_object();
    EXPECT_EQ(start.at("date").at("S"), "2026-11-20");
    EXPECT_EQ(start.at("audio_id").at("S").as_string().size(), 1'024u);
    EXPECT_EQ(body_of_request(1).at("Limit"), 1);
}

// An endpoint that cannot jump over the rest of a date is walked item by item.
TEST_F(DynamoDbFaults, DatesEndAlthoughAnEndpointCannotJump) {
    const std::string page = R"({"Items": [{"date": {"S": "2026-11-20"}}],
        "LastEvaluatedKey": {"date": {"S": "2026-11-20"}, "audio_id": {"S": "x"}}})";
    EXPECT_THAT(store({success(page), success(page), success(page), success(R"({"Items": []})")}).dates(),
                ElementsAre("2026-11-20"));
    EXPECT_EQ(operations().size(), 4u);
}

TEST_F(DynamoDbFaults, KeysThatNoTableCanHoldAreSimplyAbsent) {
    DynamoDbRecordStore& none = store({failure("ValidationException")});
    EXPECT_FALSE(none.get("2026-11-20", ""));
    EXPECT_FALSE(none.get("2026-11-20", std::string(2'000, 'a')));
    EXPECT_TRUE(none.list("", "", 10, Visibility::all).records.empty());
    none.remove({{"", "a"}, {"2026-11-20", ""}});
    EXPECT_TRUE(operations().empty());
}

}  // namespace
}  // namespace fadeout::records
