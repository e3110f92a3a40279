// BareLoop: libtorch with nothing of ours around it, to be measured against.
//
//   std::unique_ptr<BareLoop> loop = MakeBareLoop(path, "cuda:0",
//   /*streams=*/8); std::unique_ptr<BareRunner> runner =
//   loop->MakeRunner(stream, shape, input); runner->Run(/*gathers=*/false); //
//   any number of times, one thread
//
// A run is what any program must do: copy the input from pinned memory to the
// device, forward, copy the output to pinned memory, wait for its own stream.
// One that gathers also copies the input into the pinned memory first, as a
// server must, whose inputs come in messages.
//
// Thread-safety: each runner by one thread; runners of different streams at
// once.
// Ownership: the loop outlives its runners; a runner copies its input.
// Failure: what libtorch throws.
#ifndef WEIR_TESTS_GPU_BARE_BARE_LOOP_H_
#define WEIR_TESTS_GPU_BARE_BARE_LOOP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir {

class BareRunner {
 public:
  virtual ~BareRunner() = default;
  // forward() alone, on an input that lies where it is needed. Of the CPU.
  virtual void Forward() = 0;
  virtual void Run(bool gathers) = 0;
  // Of the last run.
  virtual std::vector<float> Output() const = 0;
};

class BareLoop {
 public:
  virtual ~BareLoop() = default;
  // Whether whoever waits for the device sleeps or polls from now on, of this
  // process as a whole. Nothing where there is no such switch.
  virtual void LetDeviceBlock(bool blocks) = 0;
  virtual std::unique_ptr<BareRunner> MakeRunner(
      int stream, const std::vector<int64_t>& shape,
      const std::vector<float>& input) = 0;
};

// REQUIRES: the backend's module was opened, for it sets how this process
// waits and runs graphs.
std::unique_ptr<BareLoop> MakeBareLoop(const std::string& path,
                                       const std::string& device,
                                       int num_streams);

}  // namespace weir

#endif  // WEIR_TESTS_GPU_BARE_BARE_LOOP_H_
