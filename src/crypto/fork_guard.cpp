#include "crypto/fork_guard.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <new>

namespace sealrow::crypto {
namespace {

constexpr std::size_t page_size = 4096;
using Generation = std::atomic<std::uint64_t>;

Generation* page = nullptr;
std::atomic<std::uint64_t> last_generation{0};  // survives the fork: the child goes on from the parent's number

Generation* make_page() noexcept {
  void* mapped = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  static Generation without_page{0};
  page = mapped == MAP_FAILED ? &without_page : new (mapped) Generation(0);
  // Kernels before 4.14 do not wipe; then the handler below sees at least every fork made by the C library.
  const bool wiped_by_kernel = mapped != MAP_FAILED && madvise(mapped, page_size, MADV_WIPEONFORK) == 0;
  if (!wiped_by_kernel) pthread_atfork(nullptr, nullptr, [] { page->store(0); });
  return page;
}

}  // namespace

std::uint64_t fork_generation() noexcept {
  static Generation* const generation = make_page();
  std::uint64_t now = generation->load(std::memory_order_acquire);
  if (now != 0) [[likely]]
    return now;
  const std::uint64_t next = last_generation.fetch_add(1) + 1;
  // Another thread of the child may be here too: the first one wins, all return the same number.
  return generation->compare_exchange_strong(now, next) ? next : now;
}

}  // namespace sealrow::crypto
