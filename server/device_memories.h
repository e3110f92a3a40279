// DeviceMemories: how much memory each device had taken at the last look.
//
//   DeviceMemories memories(backend);
//   memories.Look({"cuda:0"});  // once a second, by a thread of its own
//   memories.Of("cuda:0").allocated_bytes;
//
// A device's allocator counts under its lock, which a run that hangs may hold.
// So who asks how the daemon is gets what was seen last, and waits for nobody.
//
// Thread-safety: any number of threads.
// Ownership: borrows the backend.
// Failure: none; zeros for a device that was not looked at.
#ifndef WEIR_SERVER_DEVICE_MEMORIES_H_
#define WEIR_SERVER_DEVICE_MEMORIES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "backend/backend.h"
#include "sync/mutex.h"

namespace weir {

class DeviceMemories {
 public:
  explicit DeviceMemories(const Backend& backend) : backend_(backend) {}

  // May take as long as a device lets it.
  void Look(const std::vector<std::string>& devices) {
    for (const std::string& device : devices) {
      const DeviceMemory memory = backend_.Memory(device);
      MutexLock lock(mutex_);
      latest_[device] = memory;
    }
  }

  DeviceMemory Of(const std::string& device) const {
    MutexLock lock(mutex_);
    const auto found = latest_.find(device);
    return found == latest_.end() ? DeviceMemory{} : found->second;
  }

 private:
  const Backend& backend_;
  mutable Mutex mutex_;
  std::map<std::string, DeviceMemory> latest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_SERVER_DEVICE_MEMORIES_H_
