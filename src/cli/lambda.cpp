#include "cli/commands.h"
#include "cli/interruption.h"

namespace fadeout::cli {

namespace {

/// All that can be written in AWS Lambda.
constexpr const char* writable_folder = "/tmp/fadeout";

config::Settings with_writable_data(const config::Effective& effective) {
    config::Settings settings = effective.settings;
    if (effective.origins.find("data")->second.kind == config::Origin::Kind::default_value)
        settings.data = writable_folder;
    return settings;
}

}  // namespace

Command lambda_command() {
    return {
        .name = "lambda",
        .summary = "Answer requests as an AWS Lambda function",
        .details =
            "Examples:\n"
            "  fadeout lambda --store s3://bucket?region=eu-central-1 --records "
            "dynamodb://tts_temp_audio?region=eu-central-1\n"
            "Takes the settings of serve; inside Lambda they usually come from the environment. --data is "
            "/tmp/fadeout unless set.\n"
            "Runs no jobs, and sweeps only on a scheduled event. docs/lambda.md tells how to deploy it.",
        .settings = {"*"},
        .run =
            [](const Invocation& invocation) {
                const Interruption interruption;
                return invocation.program.lambda(with_writable_data(invocation.effective),
                                                 interruption.token());
            },
        .on_error = [](const Program& program, const Error& error) { program.report_lambda_start(error); }};
}

}  // namespace fadeout::cli
