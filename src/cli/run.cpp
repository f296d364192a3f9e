#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/parser.h"

namespace fadeout::cli {

std::vector<Command> all_commands() {
    return {serve_command(),     worker_command(),   lambda_command(),  transcode_command(),
            say_command(),       waveform_command(), probe_command(),   process_command(),
            voices_command(),    sweep_command(),    cleanup_command(), presign_command(),
            report_command(),    jobs_command(),     tables_command(),  migrate_command(),
            lifecycle_command(), config_command(),   doctor_command(),  completion_command()};
}

namespace {

int report(const Error& error, bool json) {
    complain(describe(error));
    if (json) print_json(error_json(error));
    return exit_code(error.kind());
}

int run_parsed(Parsed parsed, const Program& program) {
    if (parsed.command == nullptr) {
        print(parsed.text);
        return exit_ok;
    }
    try {
        Invocation invocation{program, {}, parsed.json};
        if (!parsed.command->settings.empty())
            invocation.effective =
                config::load(config::read_layers(parsed.setting_flags, parsed.config_file));
        return parsed.command->run(invocation);
    } catch (const Error& error) {
        if (parsed.command->on_error) parsed.command->on_error(program, error);
        throw;
    }
}

}  // namespace

int run(int argc, char** argv, const Program& program) {
    bool json = false;
    try {
        const std::vector<Command> commands = all_commands();
        Parsed parsed = parse(commands, {argv + 1, argv + argc}, program.version);
        json = parsed.json;
        return run_parsed(std::move(parsed), program);
    } catch (const Error& error) {
        return report(error, json);
    } catch (const std::exception& error) {
        return report(Error(ErrorKind::internal, "Something went wrong.", error.what()), json);
    }
}

}  // namespace fadeout::cli
