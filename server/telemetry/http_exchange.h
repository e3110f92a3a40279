// HttpExchange: one client's request and its answer, as far as they have got.
//
//   HttpExchange exchange(socket.Accept(), routes, time_max, now);
//   while (exchange.Advance(now)) {
//     // Wait for events() at descriptor(), until deadline().
//   }
//
// Nothing in it waits: it takes what has come, sends what fits, and says what
// it needs next. A head that is not there in time is answered 408; an answer
// that is not read in time is cut. Then the rest of what the client sends is
// read for a moment, for bytes that nobody reads would cut the connection
// before the answer is through.
//
// Thread-safety: one thread.
// Ownership: owns the connection; the routes outlive it.
// Failure: whatever a client does, it is over at last.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_EXCHANGE_H_
#define WEIR_SERVER_TELEMETRY_HTTP_EXCHANGE_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "backend/descriptor.h"
#include "server/telemetry/http_connection.h"
#include "server/telemetry/http_routes.h"
#include "sync/clock.h"

namespace weir {

class HttpExchange {
 public:
  // `time_max`: how long the head may take to come, and then the answer to be
  // read. REQUIRES: a socket that does not block.
  HttpExchange(Descriptor socket, const HttpRoutes& routes,
               std::chrono::milliseconds time_max, TimePoint now);

  // What it waits for: poll's events there, or the deadline.
  int descriptor() const { return connection_.descriptor(); }
  short events() const;
  TimePoint deadline() const { return deadline_; }

  // The memory that an answer holds until all of it is sent.
  size_t num_answer_bytes() const { return answer_.size(); }

  // Goes on as far as it can. False: it is over.
  bool Advance(TimePoint now);

 private:
  enum class Stage { kHead, kAnswer, kRest };

  bool ReadHead(TimePoint now);
  bool AnswerTo(absl::string_view head, TimePoint now);
  bool Answer(const HttpReply& reply, bool wants_body, TimePoint now);
  bool SendAnswer(TimePoint now);
  bool IgnoreRest(TimePoint now);

  HttpConnection connection_;
  const HttpRoutes& routes_;
  const std::chrono::milliseconds time_max_;
  Stage stage_ = Stage::kHead;
  TimePoint deadline_;  // of the stage
  std::string head_;
  std::string answer_;
  size_t num_sent_ = 0;
  size_t num_ignored_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_EXCHANGE_H_
