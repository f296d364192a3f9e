#include "records/dynamodb/table.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "net/test_server.h"

namespace fadeout::records::dynamodb {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// As much of DynamoDB as making a table takes, with what AWS does and dynalite does not.
struct FakeService {
    int polls_until_active = 0;
    bool exists = false;
    bool has_expiry = true;             ///< knows the operations for time to live
    bool can_tell_expiry_only = false;  ///< as dynalite: DescribeTimeToLive, but no UpdateTimeToLive
    std::string expires_by;
    std::string key_name = "audio_id";
    std::string refuses;  ///< this operation, for want of permission

    static std::string failure(const std::string& type) {
        return json::serialize(
            json::object{{"__type", "com.amazon.coral.service#" + type}, {"message", "No."}});
    }

    std::string describe_table() {
        if (!exists) return failure("ResourceNotFoundException");
        const bool active = polls_until_active-- <= 0;
        return R"({"Table": {"TableStatus": ")" + std::string(active ? "ACTIVE" : "CREATING") +
               R"(", "KeySchema": [{"AttributeName": "date", "KeyType": "HASH"},
                   {"AttributeName": ")" +
               key_name + R"(", "KeyType": "RANGE"}],
                   "AttributeDefinitions": [{"AttributeName": ")" +
               key_name + R"(", "AttributeType": "S"},
                   {"AttributeName": "date", "AttributeType": "S"}]}})";
    }
    std::string describe_expiry() const {
        if (expires_by.empty()) return R"({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}})";
        return R"({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": ")" +
               expires_by + "\"}}";
    }
    std::string create_table(const json::object& request) {
        if (exists) return failure("ResourceInUseException");
        EXPECT_EQ(request.at("BillingMode"), "PAY_PER_REQUEST");
        EXPECT_FALSE(request.contains("TimeToLiveSpecification")) << "fault 7: CreateTable rejects it";
        exists = true;
        return "{}";
    }
    std::string set_expiry(const json::object& request) {
        if (!expires_by.empty()) return failure("ValidationException");
        expires_by = request.at("TimeToLiveSpecification").at("AttributeName").as_string().c_str();
        return "{}";
    }
    std::string answer(const std::string& operation, const json::object& request) {
        if (operation == refuses) return failure("AccessDeniedException");
        if (operation == "DescribeTable") return describe_table();
        if (operation == "CreateTable") return create_table(request);
        if (operation == "DescribeTimeToLive" && has_expiry) return describe_expiry();
        if (operation == "UpdateTimeToLive" && has_expiry && !can_tell_expiry_only)
            return set_expiry(request);
        return failure("UnknownOperationException");
    }
};

class DynamoDbTable : public testing::Test {
  protected:
    Error creation_fails() {
        try {
            create_table(client_);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "create_table() returned";
        return {ErrorKind::internal, ""};
    }

    FakeService service_;
    std::vector<std::string> operations_;
    net::TestServer server_{[this](const net::TestRequest& request) {
        operations_.push_back(request.header("x-amz-target").substr(18));
        net::TestAnswer answer =
            net::whole(service_.answer(operations_.back(), json::parse(request.body).as_object()));
        if (answer.body.find("__type") != std::string::npos) answer.status = "400 Bad Request";
        return answer;
    }};
    ManualClock clock_{from_unix_seconds(1'795'188'600)};
    Duration waited_{0};
    Client client_{{"tts_temp_audio", "eu-west-1", "http://127.0.0.1:" + server_.port()},
                   std::make_shared<aws::StaticCredentials>(aws::Credentials{"key", "secret", ""}),
                   clock_,
                   {.wait = [this](Duration delay) { waited_ += delay; }}};
};

// Fault 7 of the original: the time to live is a call of its own.
TEST_F(DynamoDbTable, F07_IsCreatedThenMadeToExpireByTtl) {
    service_.polls_until_active = 8;
    EXPECT_THAT(create_table(client_), ElementsAre("Created the table tts_temp_audio.",
                                                   "The table now deletes rows after their ttl."));
    EXPECT_EQ(service_.expires_by, "ttl");
    EXPECT_GE(waited_, Duration(5'000)) << "until AWS is ready";
}

TEST_F(DynamoDbTable, CreatingAgainChangesNothing) {
    create_table(client_);
    operations_.clear();
    EXPECT_THAT(create_table(client_), ElementsAre("Found the table tts_temp_audio.",
                                                   "The table deletes rows after their ttl already."));
    EXPECT_THAT(operations_, ElementsAre("DescribeTable", "DescribeTable", "DescribeTimeToLive"));
}

TEST_F(DynamoDbTable, ATableWithoutExpiryGetsIt) {
    service_.exists = true;
    EXPECT_THAT(create_table(client_),
                ElementsAre(testing::_, "The table now deletes rows after their ttl."));
}

TEST_F(DynamoDbTable, EndpointsWithoutTimeToLiveAreToldApart) {
    service_.has_expiry = false;
    EXPECT_THAT(create_table(client_).back(), HasSubstr("the sweep deletes them itself"));
    service_.has_expiry = service_.can_tell_expiry_only = true;
    EXPECT_THAT(create_table(client_).back(), HasSubstr("the sweep deletes them itself"));
}

TEST_F(DynamoDbTable, AnotherExpiryIsNotOverruled) {
    service_.exists = true;
    service_.expires_by = "expires_at";
    const Error error = creation_fails();
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_THAT(error.what(), HasSubstr("'expires_at'"));
}

TEST_F(DynamoDbTable, OtherKeysAreRefused) {
    service_.exists = true;
    service_.key_name = "id";
    EXPECT_THAT(creation_fails().what(), HasSubstr("'audio_id'"));
    EXPECT_THROW(check_table(client_), Error);
}

TEST_F(DynamoDbTable, MissingPermissionsAreNamed) {
    for (const char* operation : {"CreateTable", "UpdateTimeToLive"}) {
        service_.refuses = operation;
        EXPECT_THAT(creation_fails().what(), HasSubstr(operation));
    }
}

TEST_F(DynamoDbTable, ATableThatIsNeverReadyIsReported) {
    service_.polls_until_active = 1'000;
    EXPECT_EQ(creation_fails().kind(), ErrorKind::timeout);
}

TEST_F(DynamoDbTable, CheckTellsWhatIsMissing) {
    try {
        check_table(client_);
        ADD_FAILURE() << "there is no table";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("fadeout tables create"));
    }
    service_.exists = true;
    EXPECT_NO_THROW(check_table(client_));
}

}  // namespace
}  // namespace fadeout::records::dynamodb
