// Commits the mistake it is asked for. A sanitizer build must end it before it can say that it survived.

#include <cstddef>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <thread>

namespace {

// volatile, so that the compiler neither proves the mistake nor removes it.
volatile std::size_t one_past_the_end = 8;

void read_past_the_heap() {
  const auto numbers = std::make_unique<int[]>(8);
  volatile int read = numbers[one_past_the_end];
  (void)read;
}

void overflow_an_int() {
  volatile int number = std::numeric_limits<int>::max();
  number = number + 1;
}

void race() {
  long shared = 0;
  const auto add = [&shared] {
    for (int i = 0; i < 100'000; ++i) {
      shared = shared + 1;
    }
  };
  std::thread first(add);
  std::thread second(add);
  first.join();
  second.join();
  std::printf("%ld\n", shared);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string fault = argc > 1 ? argv[1] : "";
  if (fault == "heap-overflow") {
    read_past_the_heap();
  } else if (fault == "int-overflow") {
    overflow_an_int();
  } else if (fault == "race") {
    race();
  } else {
    std::puts("unknown fault");
    return 0;
  }
  std::puts("survived");
  return 0;
}
