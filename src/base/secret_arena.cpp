#include "base/secret_arena.hpp"

#include "sealrow/base/secret.hpp"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <mutex>
#include <new>
#include <vector>

namespace sealrow::secret_arena {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t chunk_size = 4 * page;
constexpr std::size_t smallest = 32;
constexpr std::size_t largest = 2048;
constexpr std::size_t classes = std::bit_width(largest / smallest);

std::atomic<bool> locked_so_far{true};

std::size_t rounded_to_page(std::size_t size) noexcept { return (size + page - 1) / page * page; }

std::uint8_t* map_pages(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  // Each of the three may be refused (small RLIMIT_MEMLOCK, old kernel); a key in swappable memory is still better
  // than no service. harden_process_memory(required) is the switch for those who see it otherwise.
  if (mlock(pages, size) != 0) locked_so_far.store(false, std::memory_order_relaxed);
  madvise(pages, size, MADV_DONTDUMP);
  madvise(pages, size, MADV_WIPEONFORK);
  return static_cast<std::uint8_t*>(pages);
}

std::size_t class_of(std::size_t size) noexcept {
  return size <= smallest ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / smallest));
}

// The free lists live outside of the secret pages: a fork zeroes those, and the lists must survive it.
class Arena {
 public:
  std::uint8_t* take(std::size_t size_class) {
    const std::lock_guard lock(mutex_);
    auto& free = free_[size_class];
    if (free.empty()) grow(size_class);
    std::uint8_t* block = free.back();
    free.pop_back();
    return block;
  }
  void give_back(std::size_t size_class, std::uint8_t* block) noexcept {
    const std::lock_guard lock(mutex_);
    free_[size_class].push_back(block);  // within the capacity that grow() reserved
  }

 private:
  void grow(std::size_t size_class) {
    const std::size_t block = smallest << size_class;
    auto& free = free_[size_class];
    capacity_[size_class] += chunk_size / block;
    free.reserve(capacity_[size_class]);
    std::uint8_t* chunk = map_pages(chunk_size);
    for (std::size_t offset = chunk_size; offset != 0; offset -= block) free.push_back(chunk + offset - block);
  }

  std::mutex mutex_;
  std::array<std::vector<std::uint8_t*>, classes> free_;
  std::array<std::size_t, classes> capacity_{};
};

Arena& arena() {
  static auto* const instance = new Arena;  // never destroyed: secrets in statics are released after main
  return *instance;
}

}  // namespace

std::uint8_t* allocate(std::size_t size) {
  if (size <= largest) return arena().take(class_of(size));
  if (size > SIZE_MAX - page) throw std::bad_alloc();
  return map_pages(rounded_to_page(size));
}

void release(std::uint8_t* data, std::size_t size) noexcept {
  wipe(data, size);
  if (size <= largest) {
    arena().give_back(class_of(size), data);
  } else {
    munmap(data, rounded_to_page(size));
  }
}

}  // namespace sealrow::secret_arena

namespace sealrow {

bool secrets_are_locked() noexcept { return secret_arena::locked_so_far.load(std::memory_order_relaxed); }

}  // namespace sealrow
