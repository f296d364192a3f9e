#include "cli/interruption.h"

#include <pthread.h>

#include <cstdlib>

#include "cli/exit_code.h"

namespace fadeout::cli {

Interruption::Interruption() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
    thread_ = std::thread([this] { wait(); });
}

Interruption::~Interruption() {
    is_ending_ = true;
    pthread_kill(thread_.native_handle(), SIGINT);  // it is blocked there: this only wakes sigwait()
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Interruption::wait() {
    while (true) {
        int received = 0;
        sigwait(&signals_, &received);
        if (is_ending_) return;
        if (!stop_.request_stop()) std::_Exit(exit_interrupted);
    }
}

}  // namespace fadeout::cli
