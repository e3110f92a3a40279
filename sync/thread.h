// Thread: a named thread, joined by its owner.
//
//   Thread timer_("weir-timer", [this] { Loop(); });
//
// Thread-safety: Join by the owner alone.
// Ownership: the destructor joins; what the body uses outlives the Thread.
// Failure: a body that throws ends the process, as for std::thread. So does a
// system that has no thread left, with a sentence and code 1: whoever makes a
// thread cannot go on without it, and a service manager tries again.
#ifndef WEIR_SYNC_THREAD_H_
#define WEIR_SYNC_THREAD_H_

#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace weir {

namespace internal {

// Nothing is unwound: threads that run already wait for the one that is not
// there.
[[noreturn]] inline void EndWithoutThread(const std::string& name,
                                          const char* why) {
  std::fprintf(stderr,
               "weir: cannot start the thread %s: %s; let this user or service "
               "have more threads (ulimit -u, TasksMax) or more memory\n",
               name.c_str(), why);
  std::fflush(stderr);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace internal

class Thread {
 public:
  Thread() = default;

  // The system shows the first 15 characters of the name.
  template <typename Body>
  Thread(const std::string& name, Body body) {
    try {
      thread_ = std::thread(
          [name = name.substr(0, 15), body = std::move(body)]() mutable {
#ifdef __APPLE__
            pthread_setname_np(name.c_str());
#else
            pthread_setname_np(pthread_self(), name.c_str());
#endif
            body();
          });
    } catch (const std::system_error& error) {
      internal::EndWithoutThread(name, error.what());
    }
  }

  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept {
    Join();
    thread_ = std::move(other.thread_);
    return *this;
  }
  ~Thread() { Join(); }

  void Join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

}  // namespace weir

#endif  // WEIR_SYNC_THREAD_H_
