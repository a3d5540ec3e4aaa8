#include "results/delay_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace afterwrite {
namespace {

constexpr double nanoseconds_a_millisecond = 1e6;
/// From 1 ms to longer than any clock of nanoseconds tells.
constexpr int decades = 14;

/// In hundredths of milliseconds, so that each is a whole number.
std::vector<double> make_bounds() {
  constexpr std::array decade{100, 106, 112, 118, 125, 132, 140, 150, 160, 170, 180, 190, 200, 212,
                              224, 236, 250, 265, 280, 300, 315, 335, 355, 375, 400, 425, 450, 475,
                              500, 530, 560, 600, 630, 670, 710, 750, 800, 850, 900, 950};
  std::vector<double> bounds{0};
  double power = 1;
  for (int i = 0; i < decades; ++i, power *= 10) {
    for (const int hundredths : decade)
      bounds.push_back(hundredths * power / 100);
  }
  return bounds;
}

const std::vector<double>& bounds() {
  static const std::vector<double> all = make_bounds();
  return all;
}

}  // namespace

double delay_bound_ms(std::size_t number) {
  return bounds()[std::min(number, bounds().size() - 1)];
}

std::size_t delay_bound_below(Nanoseconds delay) {
  const double ms = static_cast<double>(delay) / nanoseconds_a_millisecond;
  const auto above = std::upper_bound(bounds().begin(), bounds().end(), ms);
  return above == bounds().begin() ? 0 : static_cast<std::size_t>(above - bounds().begin()) - 1;
}

}  // namespace afterwrite
