// Thread: a named thread, joined by its owner.
//
//   Thread timer_("weir-timer", [this] { Loop(); });
//
// Thread-safety: Join by the owner alone.
// Ownership: the destructor joins; what the body uses outlives the Thread.
// Failure: a body that throws ends the process, as for std::thread.
#ifndef WEIR_SYNC_THREAD_H_
#define WEIR_SYNC_THREAD_H_

#include <pthread.h>

#include <string>
#include <thread>
#include <utility>

namespace weir {

class Thread {
 public:
  Thread() = default;

  // The system shows the first 15 characters of the name.
  template <typename Body>
  Thread(const std::string& name, Body body)
      : thread_([name = name.substr(0, 15), body = std::move(body)]() mutable {
#ifdef __APPLE__
          pthread_setname_np(name.c_str());
#else
          pthread_setname_np(pthread_self(), name.c_str());
#endif
          body();
        }) {
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
