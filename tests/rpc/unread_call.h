// UnreadCall: a call of a client that takes not a byte of its answer, whose
// HTTP/2 is written by hand.
//
//   UnreadCall call(address, "/grpc.health.v1.Health/Watch", message);
//   call.AwaitAnswer();   // its headers are there; the rest has nowhere to go
//   call.Leave();
//
// Thread-safety: one thread.
// Ownership: owns its connection.
// Failure: AwaitAnswer waits for ever where none comes.
#ifndef WEIR_TESTS_RPC_UNREAD_CALL_H_
#define WEIR_TESTS_RPC_UNREAD_CALL_H_

#include <string>

#include "config/listen_address.h"
#include "sync/check.h"
#include "tests/support/backend_rig.h"
#include "tests/support/visitor.h"

namespace weir {

class UnreadCall {
 public:
  // REQUIRES: path and message are of less than 120 bytes.
  UnreadCall(const std::string& address, const std::string& path,
             const std::string& message)
      : visitor_(OrDie(ListenAddress::Parse(address)).bindings()[0]) {
    const std::string no_window("\0\4\0\0\0\0", 6);
    const std::string headers =
        "\x83\x86\x04" + Text(path) + "\x01" + Text("localhost") + '\0' +
        Text("content-type") + Text("application/grpc") + '\0' + Text("te") +
        Text("trailers");
    visitor_.Send(
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, no_window) +
        Frame(kHeaders, kEndHeaders, 1, headers) +
        Frame(kData, kEndStream, 1, std::string(4, '\0') + Text(message)));
  }

  // Waits for the beginning of the answer.
  void AwaitAnswer() const {
    char type = kData;
    while (type != kHeaders) {
      const std::string frame = visitor_.Read(9);
      WEIR_CHECK(frame.size() == 9, "the server answers");
      const size_t size = static_cast<size_t>(frame[1]) << 8U |
                          static_cast<unsigned char>(frame[2]);
      visitor_.Read(size);
      type = frame[3];
    }
  }
  void Leave() { visitor_.Leave(); }

 private:
  static constexpr char kData = 0;
  static constexpr char kHeaders = 1;
  static constexpr char kSettings = 4;
  static constexpr char kEndStream = 1;
  static constexpr char kEndHeaders = 4;

  static std::string Text(const std::string& text) {
    return static_cast<char>(text.size()) + text;
  }
  static std::string Frame(char type, char flags, char stream,
                           const std::string& payload) {
    const std::string size = {0, 0, static_cast<char>(payload.size())};
    return size + type + flags + std::string(3, '\0') + stream + payload;
  }

  Visitor visitor_;
};

}  // namespace weir

#endif  // WEIR_TESTS_RPC_UNREAD_CALL_H_
