#pragma once
#include <vector>

#include "cli/command.h"

namespace fadeout::cli {

// One function per file of that name. Each call makes a command with variables of its own for its arguments.
Command serve_command();
Command worker_command();
Command lambda_command();
Command transcode_command();
Command process_command();
Command say_command();
Command waveform_command();
Command probe_command();
Command voices_command();
Command sweep_command();
Command cleanup_command();
Command presign_command();
Command report_command();
Command migrate_command();
Command jobs_command();
Command tables_command();
Command lifecycle_command();
Command config_command();
Command doctor_command();
Command completion_command();

/// All of them, in the order of the help.
std::vector<Command> all_commands();

}  // namespace fadeout::cli
