// HolderOf: which process listens where one would like to listen.
//
//   if (std::optional<PortHolder> holder = HolderOf(binding)) {
//     holder->Text();  // "python3 (process 4711)"
//   }
//
// The system tells it of this user's processes; of all only to root.
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: none; nothing where nobody listens there, or where the system does
// not say who. It looks at all processes: for when something has failed.
#ifndef WEIR_SERVER_LISTEN_PORT_HOLDER_H_
#define WEIR_SERVER_LISTEN_PORT_HOLDER_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "config/listen_address.h"

namespace weir {

struct PortHolder {
  pid_t process = 0;
  // The program's name, as far as the system keeps it.
  std::string program = {};

  std::string Text() const;
};

std::optional<PortHolder> HolderOf(const ListenAddress::Binding& binding);

}  // namespace weir

#endif  // WEIR_SERVER_LISTEN_PORT_HOLDER_H_
