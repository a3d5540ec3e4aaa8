#pragma once

#include <optional>
#include <string>

namespace afterwrite::http {

/// Whether `a` is at least as far as `b`: both are whole numbers, however large; nothing where they are not, for such
/// positions are opaque.
std::optional<bool> position_at_least(const std::string& a, const std::string& b);

/// The position that one session carries: of numbers the greatest; of opaque ones the last write's, and for who never
/// wrote the latest.
class CarriedPosition {
 public:
  void learn(const std::string& position, bool written);
  const std::string& text() const { return carried_; }

 private:
  std::string carried_;
  std::string last_write_;
};

}  // namespace afterwrite::http
