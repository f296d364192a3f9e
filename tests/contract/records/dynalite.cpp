#include "dynalite.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "base/file.h"

namespace fadeout::records {

namespace {

/// The first line that comes out of the pipe.
std::string read_line(int pipe) {
    std::string line;
    for (char byte; ::read(pipe, &byte, 1) == 1 && byte != '\n';) line += byte;
    return line;
}

/// VALUE of "name=VALUE " in the line.
std::string value_in(const std::string& line, const std::string& name) {
    const std::size_t begin = line.find(name + '=');
    if (begin == std::string::npos) throw std::runtime_error("dynalite did not start: '" + line + "'");
    const std::size_t value = begin + name.size() + 1;
    return line.substr(value, line.find(' ', value) - value);
}

}  // namespace

Dynalite::Dynalite() {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const Descriptor read_end(out[0]);
    Descriptor write_end(out[1]);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("no fork");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        ::dup2(write_end.get(), STDOUT_FILENO);
        ::execl(FADEOUT_SOURCE_DIR "/tests/servers/start-dynalite.sh", "start-dynalite.sh", "-f", nullptr);
        ::_exit(127);
    }
    write_end.close();
    endpoint_ = value_in(read_line(read_end.get()), "endpoint");
}

Dynalite::~Dynalite() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
}

}  // namespace fadeout::records
