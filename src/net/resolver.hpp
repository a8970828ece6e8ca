// Addresses of the backend's hosts. Names are looked up on a thread of their own: at start, periodically and after
// every failed connect; workers only read the newest list.
#pragma once

#include "net/address.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace sealrow::net {

class Resolver {
 public:
  Resolver(std::vector<HostPort> hosts, std::chrono::milliseconds refresh);
  ~Resolver();
  // Of all hosts, in order. Empty: none could be resolved (see failure()).
  [[nodiscard]] std::shared_ptr<const AddressList> addresses() const;
  [[nodiscard]] Error failure() const;  // of the last look-up; meaningful while addresses() is empty
  void refresh_soon();                  // any thread, does not block

 private:
  void look_up();
  void run();
  const std::vector<HostPort> hosts_;
  const std::chrono::milliseconds refresh_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const AddressList> addresses_;
  Error failure_;
  bool wanted_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace sealrow::net
