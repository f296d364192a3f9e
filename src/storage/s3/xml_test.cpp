#include "storage/s3/xml.h"

#include <gtest/gtest.h>

namespace fadeout::storage::s3 {
namespace {

TEST(S3Xml, ReadsAPageOfObjects) {
    const ObjectPage page = parse_object_page(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>
<Contents><Key>a/s%C3%B6ng+1%2B.mp3</Key><LastModified>2026-11-20T15:00:00.123Z</LastModified>
<ETag>&quot;abc-2&quot;</ETag><Size>10737418240</Size></Contents>
<Contents><Key>folder/</Key><LastModified>2026-11-20T15:00:00.000Z</LastModified><ETag>"x"</ETag><Size>0</Size>
</Contents><Contents><Key>folder//x</Key><LastModified>2026-11-20T15:00:00.000Z</LastModified><ETag>"x"</ETag>
<Size>1</Size></Contents></ListBucketResult>)");
    ASSERT_EQ(page.objects.size(), 1u) << "the others are no keys";
    EXPECT_EQ(page.left_out, 1u) << "'folder/' holds nothing";
    EXPECT_EQ(page.objects[0].key.str(), "a/söng 1+.mp3");
    EXPECT_EQ(page.objects[0].size_bytes, 10'737'418'240u);
    EXPECT_EQ(page.objects[0].etag, "abc-2");
    EXPECT_EQ(utc_timestamp(page.objects[0].modified), "2026-11-20T15:00:00Z");
    EXPECT_EQ(page.objects[0].modified.time_since_epoch().count() % 1000, 0) << "as HEAD tells it";
    EXPECT_EQ(page.next, "folder//x") << "the next page begins after what was left out, too";
    EXPECT_FALSE(
        parse_object_page("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>").next);
}

TEST(S3Xml, TakesNamesAsTheyStandWhereTheServiceDoesNotEncodeThem) {
    const ObjectPage page = parse_object_page(
        "<ListBucketResult><Contents><Key>a/1+1 "
        "100%25.mp3</Key><LastModified>2026-11-20T15:00:00Z</LastModified>"
        "<ETag>x</ETag><Size>1</Size></Contents></ListBucketResult>");
    ASSERT_EQ(page.objects.size(), 1u);
    EXPECT_EQ(page.objects[0].key.str(), "a/1+1 100%25.mp3") << "another object would be removed";
    EXPECT_EQ(parse_upload_page("<ListMultipartUploadsResult><Upload><Key>a+b</Key><UploadId>1</UploadId>"
                                "<Initiated>2026-11-20T15:00:00.000Z</Initiated></Upload>"
                                "</ListMultipartUploadsResult>")
                  .uploads.at(0)
                  .key,
              "a+b");
}

TEST(S3Xml, RefusesWhatIsNoPage) {
    for (const char* body : {"", "<html></html>", "<ListBucketResult>",
                             "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
                             "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
                             "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</"
                             "Key><LastModified>2026-11-20T15:00:00Z</"
                             "LastModified><Size>1</Size>"
                             "</Contents></ListBucketResult>",
                             "<ListBucketResult><Contents><Key>k</Key><LastModified>2026-11-20T15:00:00Z</"
                             "LastModified><Size>-1</Size>"
                             "</Contents></ListBucketResult>"})
        EXPECT_THROW(parse_object_page(body), Error) << body;
}

TEST(S3Xml, ReadsAPageOfUploads) {
    const UploadPage page = parse_upload_page(
        "<ListMultipartUploadsResult><EncodingType>url</EncodingType><NextKeyMarker>b+c</"
        "NextKeyMarker><NextUploadIdMarker>2~x</"
        "NextUploadIdMarker>"
        "<IsTruncated>true</IsTruncated><Upload><Key>b%2Fc</Key><UploadId>2~x</UploadId>"
        "<Initiated>2026-11-20T15:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>");
    ASSERT_EQ(page.uploads.size(), 1u);
    EXPECT_EQ(page.uploads[0].key, "b/c");
    EXPECT_EQ(page.uploads[0].id, "2~x");
    EXPECT_TRUE(page.truncated);
    EXPECT_EQ(page.next_key, "b c");
    EXPECT_THROW(parse_upload_page("<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
                                   "</ListMultipartUploadsResult>"),
                 Error)
        << "it would begin again for ever";
}

TEST(S3Xml, ReadsHowAnUploadBeginsAndEnds) {
    EXPECT_EQ(parse_upload_id(
                  "<InitiateMultipartUploadResult><UploadId>2~x</UploadId></InitiateMultipartUploadResult>"),
              "2~x");
    EXPECT_THROW(parse_upload_id("<InitiateMultipartUploadResult/>"), Error);
    EXPECT_EQ(parse_completed_etag(
                  "<CompleteMultipartUploadResult><ETag>\"a-2\"</ETag></CompleteMultipartUploadResult>"),
              "a-2");
    EXPECT_EQ(parse_completed_etag("<CompleteMultipartUploadResult/>"), "") << "Ceph";
    EXPECT_THROW(parse_completed_etag("<CompleteMultipart"), Error) << "half an answer";
    const std::vector<std::string> etags{"a", "b"};
    EXPECT_EQ(completion_document(etags),
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
              "<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part></CompleteMultipartUpload>");
}

TEST(S3Xml, AsksToRemoveKeysOfAnySpelling) {
    const std::vector<Key> keys{Key::parse("a&b<c>\"'ü"), Key::parse(" ")};
    EXPECT_EQ(
        removal_document(keys),
        "<Delete><Object><Key>a&amp;b&lt;c&gt;\"'ü</Key></Object><Object><Key> </Key></Object></Delete>");
    const auto results = parse_removal(
        "<DeleteResult><Deleted><Key> "
        "</Key></Deleted><Deleted><Key>a&amp;b&lt;c&gt;\"'ü</Key></Deleted></DeleteResult>",
        keys);
    EXPECT_FALSE(results.at(0).error);
    EXPECT_FALSE(results.at(1).error);
}

TEST(S3Xml, TellsWhichKeysStayDue) {
    const std::vector<Key> keys{Key::parse("gone"), Key::parse("denied"), Key::parse("silent"),
                                Key::parse("busy"), Key::parse("absent")};
    const auto results = parse_removal(
        "<DeleteResult><Error><Key>denied</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
        "<Deleted><Key>gone</Key></Deleted><Error><Key>busy</Key><Code>InternalError</Code></Error>"
        "<Error><Key>absent</Key><Code>NoSuchKey</Code></Error></DeleteResult>",
        keys);
    ASSERT_EQ(results.size(), 5u);
    EXPECT_FALSE(results[0].error);
    EXPECT_EQ(results[1].error->kind(), ErrorKind::misconfigured);
    EXPECT_EQ(results[2].error->kind(), ErrorKind::unavailable) << "not a word about it";
    EXPECT_EQ(results[3].error->kind(), ErrorKind::unavailable);
    EXPECT_FALSE(results[4].error);
    for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(results[i].key, keys[i]);
    EXPECT_THROW(parse_removal("<DeleteResult><Deleted>", keys), Error) << "half an answer";
}

TEST(S3Xml, ReadsFaults) {
    const auto fault = parse_fault(
        403, "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>m</Message></Error>");
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->code, "AccessDenied");
    EXPECT_EQ(fault->status, 403);
    EXPECT_FALSE(parse_fault(500, ""));
    EXPECT_FALSE(parse_fault(502, "<html><h1>Bad Gateway</h1></html>"));
    EXPECT_FALSE(parse_fault(200, "<CompleteMultipartUploadResult/>"));
}

LifecycleRule rule_of(const std::string& inner) {
    const auto rules =
        parse_lifecycle("<?xml version=\"1.0\"?><LifecycleConfiguration xmlns=\"http://s3/\"><Rule>" + inner +
                        "</Rule></LifecycleConfiguration>");
    EXPECT_EQ(rules.size(), 1u);
    return rules.at(0);
}

TEST(S3Lifecycle, ReadsARuleHoweverItIsWritten) {
    const std::string end = "<Status>Enabled</Status><Expiration><Days>2</Days></Expiration>";
    LifecycleRule expected;
    expected.prefix = "temp-audio/";
    expected.expire_days = 2;
    EXPECT_EQ(rule_of("<Filter><Prefix>temp-audio/</Prefix></Filter>" + end), expected);
    EXPECT_EQ(rule_of("<Prefix>temp-audio/</Prefix>" + end), expected) << "before 2017";
    EXPECT_EQ(rule_of("<Filter>\n <Prefix>temp-audio/</Prefix>\n</Filter>\n" + end), expected);
    expected.is_partial = true;
    for (const char* narrowing :
         {"<Tag><Key>k</Key><Value>v</Value></Tag>", "<ObjectSizeGreaterThan>9</ObjectSizeGreaterThan>",
          "<ObjectSizeLessThan>9</ObjectSizeLessThan>"}) {
        const std::string both = std::string("<Prefix>temp-audio/</Prefix>") + narrowing;
        EXPECT_EQ(rule_of("<Filter><And>" + both + "</And></Filter>" + end), expected);
        EXPECT_EQ(rule_of("<Filter>" + both + "</Filter>" + end), expected) << "Ceph";
    }
    expected.prefix = "";
    EXPECT_EQ(rule_of("<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>" + end), expected);
    expected.is_partial = false;
    for (const char* all : {"<Filter/>", "<Filter><Prefix/></Filter>", "<Prefix></Prefix>", ""})
        EXPECT_EQ(rule_of(all + end), expected) << all;
}

TEST(S3Lifecycle, ReadsWhatARuleDoes) {
    const LifecycleRule dated = rule_of(
        "<ID>a</ID><Status>Disabled</Status><Filter/><Expiration><Date>2030-01-01T00:00:00Z</Date></"
        "Expiration>");
    EXPECT_EQ(dated.id, "a");
    EXPECT_FALSE(dated.enabled);
    EXPECT_TRUE(dated.expires_on_date);
    EXPECT_FALSE(dated.expire_days);
    // What R2 has from the start.
    const LifecycleRule uploads = rule_of(
        "<ID>Default Multipart Abort Rule</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>"
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload>");
    EXPECT_EQ(uploads.abort_days, 7);
    EXPECT_FALSE(uploads.expires());
    const LifecycleRule marker = rule_of(
        "<Status>Enabled</Status><Filter/><Expiration><ExpiredObjectDeleteMarker>true</"
        "ExpiredObjectDeleteMarker>"
        "</Expiration><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
        "</NoncurrentVersionExpiration>");
    EXPECT_FALSE(marker.expires()) << "no object that is there now";
    EXPECT_TRUE(parse_lifecycle("<LifecycleConfiguration/>").empty());
    EXPECT_THROW(parse_lifecycle("<html/>"), Error);
    EXPECT_THROW(rule_of("<Expiration><Days>soon</Days></Expiration>"), Error);
}

TEST(S3Fault, SaysHowToMendIt) {
    const auto message = [](int status, const std::string& code, const std::string& region = {}) {
        return std::string(to_error({status, code, "secret detail", region, {}}, "write the object").what());
    };
    EXPECT_NE(message(403, "InvalidAccessKeyId").find("AWS_ACCESS_KEY_ID"), std::string::npos);
    EXPECT_NE(message(403, "SignatureDoesNotMatch").find("AWS_SECRET_ACCESS_KEY"), std::string::npos);
    EXPECT_NE(message(404, "NoSuchBucket").find("Create it"), std::string::npos);
    EXPECT_NE(message(403, "RequestTimeTooSkewed").find("clock"), std::string::npos);
    EXPECT_NE(message(403, "AccessDenied").find("s3:PutObject"), std::string::npos);
    EXPECT_NE(message(301, "PermanentRedirect", "eu-west-1").find("'eu-west-1'"), std::string::npos);
    EXPECT_EQ(message(500, "").find("secret detail"), std::string::npos)
        << "the service's words are for the log";
    const auto kind = [](int status, const std::string& code) {
        return to_error({status, code, {}, {}, {}}, "x").kind();
    };
    EXPECT_EQ(to_error({404, "NoSuchBucket", {}, {}, "http://s3/b/k"}, "x").detail(),
              "status 404 NoSuchBucket http://s3/b/k");
    EXPECT_EQ(kind(503, "SlowDown"), ErrorKind::unavailable);
    EXPECT_EQ(kind(403, "AccessDenied"), ErrorKind::misconfigured)
        << "it is not the caller's key, and his job waits until it is mended";
    EXPECT_EQ(kind(403, "InvalidAccessKeyId"), ErrorKind::misconfigured) << "waiting does not mend it";
    EXPECT_EQ(kind(404, "NoSuchBucket"), ErrorKind::misconfigured);
    EXPECT_EQ(kind(404, ""), ErrorKind::misconfigured) << "another kind of server";
    EXPECT_EQ(kind(403, "QuotaExceeded"), ErrorKind::storage_full);
    EXPECT_EQ(kind(507, ""), ErrorKind::storage_full);
    EXPECT_EQ(kind(400, "BadDigest"), ErrorKind::unavailable);
    EXPECT_EQ(kind(400, "MalformedXML"), ErrorKind::internal);
    EXPECT_EQ(kind(412, "PreconditionFailed"), ErrorKind::conflict);
    EXPECT_EQ(kind(412, ""), ErrorKind::conflict);
    EXPECT_EQ(kind(409, "ConditionalRequestConflict"), ErrorKind::unavailable);
    EXPECT_EQ(kind(404, "NoSuchUpload"), ErrorKind::unavailable) << "the job begins again";
}

}  // namespace
}  // namespace fadeout::storage::s3
