// Http2Client: a connection to a gRPC server on which a test says, frame by
// frame, what no client's library would.
//
//   Http2Client client(rig.server->addresses()[0]);
//   client.Greet();
//   client.Send(Http2Client::Headers(1, CallTo("ServerLive")));
//   std::optional<Http2Client::Frame> answer = client.Await(kHttp2Headers);
//
// Thread-safety: one thread.
// Ownership: owns its socket.
// Failure: dies where it cannot connect. What the server does not answer within
// a time that no answer takes fails the test.
#ifndef WEIR_TESTS_RPC_HTTP2_CLIENT_H_
#define WEIR_TESTS_RPC_HTTP2_CLIENT_H_

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>

#include "backend/descriptor.h"
#include "config/listen_address.h"
#include "gtest/gtest.h"
#include "sync/check.h"
#include "tests/support/backend_rig.h"

namespace weir {

inline constexpr uint8_t kHttp2Data = 0;
inline constexpr uint8_t kHttp2Headers = 1;
inline constexpr uint8_t kHttp2Reset = 3;
inline constexpr uint8_t kHttp2Settings = 4;
inline constexpr uint8_t kHttp2Ping = 6;
inline constexpr uint8_t kHttp2WindowUpdate = 8;

inline constexpr uint8_t kHttp2Ack = 1;
inline constexpr uint8_t kHttp2EndStream = 1;
inline constexpr uint8_t kHttp2EndHeaders = 4;

// So many bytes, the highest first.
inline std::string BigEndian(uint64_t value, int num_bytes) {
  std::string bytes;
  for (int i = num_bytes - 1; i >= 0; --i) {
    bytes.push_back(static_cast<char>(value >> (8 * i)));
  }
  return bytes;
}

// HPACK's number, and its text without Huffman's code.
inline std::string HpackNumber(uint8_t first, int prefix_bits, uint64_t value) {
  const uint64_t max = (uint64_t{1} << prefix_bits) - 1;
  if (value < max) return {static_cast<char>(first | value)};
  std::string bytes(1, static_cast<char>(first | max));
  for (value -= max; value >= 128; value >>= 7) {
    bytes.push_back(static_cast<char>(value | 128));
  }
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

inline std::string HpackText(const std::string& text) {
  return HpackNumber(0, 7, text.size()) + text;
}

// A header that no table keeps.
inline std::string HpackHeader(const std::string& name,
                               const std::string& value) {
  return std::string(1, '\0') + HpackText(name) + HpackText(value);
}

// The headers of a call.
inline std::string CallTo(const std::string& method) {
  return HpackHeader(":method", "POST") + HpackHeader(":scheme", "http") +
         HpackHeader(":path", "/inference.GRPCInferenceService/" + method) +
         HpackHeader(":authority", "weir") + HpackHeader("te", "trailers") +
         HpackHeader("content-type", "application/grpc");
}

class Http2Client {
 public:
  struct Frame {
    uint8_t type = 0;
    uint8_t flags = 0;
    uint32_t stream = 0;
    std::string payload = {};

    std::string Bytes() const {
      return BigEndian(payload.size(), 3) + BigEndian(type, 1) +
             BigEndian(flags, 1) + BigEndian(stream, 4) + payload;
    }
  };

  static std::string Headers(uint32_t stream, const std::string& block,
                             uint8_t flags = kHttp2EndHeaders) {
    return Frame{kHttp2Headers, flags, stream, block}.Bytes();
  }

  explicit Http2Client(const std::string& address) {
    const ListenAddress to = OrDie(ListenAddress::Parse(address));
    const ListenAddress::Binding& binding = to.bindings().front();
    socket_ = Descriptor(socket(binding.family(), SOCK_STREAM, 0));
    const timeval patience = {.tv_sec = 20, .tv_usec = 0};
    for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
      setsockopt(socket_.get(), SOL_SOCKET, option, &patience,
                 sizeof(patience));
    }
    const int connected = connect(
        socket_.get(), reinterpret_cast<const sockaddr*>(&binding.address),
        binding.size);
    WEIR_CHECK(connected == 0, "a test reaches its own server");
  }

  // What each side begins with; gives the server's bounds, and says that they
  // were read: gRPC holds nobody to them who has not.
  std::string Greet() {
    Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame{kHttp2Settings}.Bytes());
    const std::optional<Frame> bounds = Await(kHttp2Settings);
    Send(Frame{kHttp2Settings, kHttp2Ack}.Bytes());
    return bounds.has_value() ? bounds->payload : "";
  }

  // False: the server has closed the connection.
  bool Send(const std::string& bytes) {
    size_t num_sent = 0;
    while (num_sent < bytes.size()) {
      const ssize_t more = send(socket_.get(), bytes.data() + num_sent,
                                bytes.size() - num_sent, MSG_NOSIGNAL);
      if (more <= 0) {
        EXPECT_NE(errno, EAGAIN) << "the server takes no more";
        return false;
      }
      num_sent += static_cast<size_t>(more);
    }
    return true;
  }

  // Nothing: the server has closed the connection.
  std::optional<Frame> Next() {
    const std::string head = Read(9);
    if (head.size() < 9) return std::nullopt;
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(head[i]); };
    const size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    Frame frame = {byte(3), byte(4),
                   static_cast<uint32_t>(byte(5) << 24 | byte(6) << 16 |
                                         byte(7) << 8 | byte(8))};
    frame.payload = Read(size);
    if (frame.payload.size() < size) return std::nullopt;
    return frame;
  }

  // The next frame of that type.
  std::optional<Frame> Await(uint8_t type) {
    std::optional<Frame> frame = Next();
    while (frame.has_value() && frame->type != type) frame = Next();
    return frame;
  }

  // Whether the server has read all that was sent before, and keeps the
  // connection.
  bool IsHeard() {
    if (!Send(Frame{kHttp2Settings}.Bytes())) return false;
    std::optional<Frame> answer = Await(kHttp2Settings);
    while (answer.has_value() && answer->flags != kHttp2Ack) {
      answer = Await(kHttp2Settings);
    }
    return answer.has_value();
  }

 private:
  std::string Read(size_t size) {
    std::string bytes(size, '\0');
    size_t num_read = 0;
    while (num_read < size) {
      const ssize_t more =
          recv(socket_.get(), bytes.data() + num_read, size - num_read, 0);
      if (more <= 0) {
        EXPECT_NE(errno, EAGAIN) << "the server does not answer";
        break;
      }
      num_read += static_cast<size_t>(more);
    }
    bytes.resize(num_read);
    return bytes;
  }

  Descriptor socket_;
};

}  // namespace weir

#endif  // WEIR_TESTS_RPC_HTTP2_CLIENT_H_
