// WeirTwinControl: how a test plays with the stream-device twin, the device
// "twin:0" that libweir_twin.so gives to libtorch. Tensors of the twin lie in
// CPU memory and its operators run CPU kernels, at once and on the caller's
// thread; what makes it a twin of an accelerator is all around that.
//
//   void* twin = dlopen("libweir_twin.so", RTLD_NOW | RTLD_LOCAL);
//   auto entry = reinterpret_cast<WeirTwinEntry>(dlsym(twin, kWeirTwinEntry));
//   const WeirTwinControl* control = entry();
//   control->configure("streams=wrap32,fault=corrupt");
//
// Settings are KEY=VALUE, parted by commas. The environment variable
// LIBWEIR_TWIN is read once, when the twin is opened, and dies of what is wrong
// in it.
//
//   streams=one       getNewStream always gives stream 0 (MPS to libtorch 2.14)
//   streams=wrap32    streams 1 to 32 round robin, silently (MPS from 2.15)
//   streams=throw31   31 streams, kept by the thread that asked until it exits;
//                     then getNewStream throws
//   streams=block31   the same, and then it waits for a stream or a release()
//   sync_stream=throws|works   synchronizeStream and queryStream
//   events=works|throws        record, block, query and synchronise of events
//   sync_device=works|throws   synchronizeDevice
//   queries=done|pending|throws   what those of streams and events say of work
//                     that is done
//   fail_syncs=0      so many of the next synchronise and query calls throw
//   no_fp64=on|off    whether a float64 tensor on the device is refused
//   pinned=on|off     whether there is pinned host memory
//   missing=          an operator that is not implemented, such as aten::erfinv
//                     (all its overloads) or aten::erfinv.out; said again, one
//                     more; without a name, none
//   stalls=           an operator that waits for release() before it runs,
//                     each time; named and cleared as for `missing`. libtorch
//                     asks for add_ as aten::add.out, and so for its like
//   alien=            an operator that throws what is no exception, as above
//   poison=off|on     whether an index out of range makes the device error
//                     stick
//   fault=none        what befalls the second of two operators that run at the
//                     same time on different streams:
//     count             nothing, they are only counted
//     corrupt           one element of its first float32 output changes
//     hang              it waits for release()
//     abort             the process aborts
//   hold_ms=20        where a fault is armed that has not struck yet, an
//                     operator waits so long (to 10000) for a second one, so
//                     that the first overlap is certain; configure() arms it
//                     again
//   log=off|on        whether operators and stream calls are logged
//
// The first value of each is the default.
//
// A view runs nowhere but on the host: it is logged, and overlaps with nothing.
//
// Thread-safety: any thread, at any time.
// Ownership: the table belongs to the module, which is never unloaded.
// Failure: only configure() can fail, and then has changed nothing.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_CONTROL_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_CONTROL_H_

#include <stddef.h>
#include <stdint.h>

extern "C" {

// One operator, or one call for a stream: twin::new_stream,
// twin::synchronize_stream, twin::query_stream, twin::record_event,
// twin::block_event, twin::query_event, twin::synchronize_event,
// twin::synchronize_device. Those of streams and events carry the stream they
// are about; all others the one that was current.
struct WeirTwinLogEntry {
  char name[96];     // with its overload, cut to the room there is
  int64_t stream;    // c10::StreamId; -1 for the whole device
  uint64_t thread;   // as from thread_number()
  uint64_t ordinal;  // counts from 0 since the last clear_log()
};

struct WeirTwinStatus {
  uint64_t allocated_bytes;  // as asked for, not rounded
  uint64_t reserved_bytes;   // most that was allocated since emptyCache
  uint64_t num_allocations;  // that are alive
  uint64_t pinned_bytes;
  uint64_t num_empty_caches;
  uint64_t num_overlaps;    // since the last reset()
  uint64_t num_blocked;     // threads that wait for a release()
  uint64_t num_log_missed;  // entries that the ring had no more room for
  int32_t is_poisoned;
};

struct WeirTwinControl {
  size_t struct_size;
  // Changes what `settings` names. Null, or what is wrong: a text that this
  // thread's next call overwrites. Naming `streams` starts a new pool.
  const char* (*configure)(const char* settings);
  // Back to the settings of LIBWEIR_TWIN: releases, heals, clears log and
  // counts.
  void (*reset)(void);
  // Lets every operator that hangs or is stalled go on, and every blocked
  // getNewStream throw: from then on they are not blocked any more.
  void (*release)(void);
  // Makes the device error stick: from now on each operator, copy and
  // synchronise throws.
  void (*poison)(void);
  // Ends that.
  void (*heal)(void);
  // Waits until at least so many threads wait for a release(): 1, or 0 when
  // the time is over.
  int32_t (*await_blocked)(uint64_t num_threads, uint32_t timeout_ms);
  void (*status)(WeirTwinStatus* status);
  // Copies the oldest entries, at most `max`, and returns how many the ring
  // holds: 8192 at most, the oldest go first.
  size_t (*read_log)(WeirTwinLogEntry* entries, size_t max);
  void (*clear_log)(void);
  // The number of the calling thread in the log; 1 is the first that asked.
  uint64_t (*thread_number)(void);
};

typedef const WeirTwinControl* (*WeirTwinEntry)(void);

}  // extern "C"

inline constexpr char kWeirTwinEntry[] = "weir_twin_control";

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_CONTROL_H_
