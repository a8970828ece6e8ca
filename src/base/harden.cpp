#include "base/secret_arena.hpp"
#include "sealrow/base/secret.hpp"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sealrow {
namespace {

bool may_lock_anything() noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) == 0 && (data[0].effective & (1U << CAP_IPC_LOCK)) != 0) return true;
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
  if (limit.rlim_cur != limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_MEMLOCK, &limit);
  }
  return limit.rlim_cur == RLIM_INFINITY;
}

// Empty on success, else the reason.
std::string lock_everything() {
  // Under a finite limit MCL_FUTURE would turn a later, harmless mmap or malloc into a failure (mlockall(2)): then only
  // the secret arena is locked.
  if (!may_lock_anything()) return "locked memory is limited (RLIMIT_MEMLOCK) and CAP_IPC_LOCK is missing";
  // MCL_ONFAULT: lock what is touched, not the whole of every thread's stack reservation.
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return std::string("mlockall: ") + std::strerror(errno);
  return {};
}

std::string forbid_dumps() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return std::string("setrlimit(RLIMIT_CORE): ") + std::strerror(errno);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return std::string("prctl(PR_SET_DUMPABLE): ") + std::strerror(errno);
  return {};
}

}  // namespace

Result<std::string> harden_process_memory(MemoryLock lock) {
  std::string warning;
  for (const std::string& reason : {forbid_dumps(), lock_everything()}) {
    if (reason.empty()) continue;
    if (lock == MemoryLock::required) {
      return Error{ErrorCode::config_conflict, "memory cannot be locked as the configuration requires", reason,
                   "grant CAP_IPC_LOCK or LimitMEMLOCK=infinity"};
    }
    if (!warning.empty()) warning += "; ";
    warning += reason;
  }
  return warning;
}

}  // namespace sealrow
