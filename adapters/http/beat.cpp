#include "adapters/http/beat.hpp"

#include "adapters/http/outcomes.hpp"

namespace afterwrite::http {

bool HttpBeat::ready(Deadline deadline) {
  auto connection = afterwrite::Connection::usable;
  return log_in(shared_, session_, wire_, deadline, connection).empty();
}

bool HttpBeat::write(std::int64_t number, Deadline deadline) {
  if (!ready(deadline)) return false;
  Places places = session_.places();
  places["beat"] = number;
  const Exchange exchange = wire_.send(shared_.leader, shared_.description.lag_probe->write, places, deadline);
  constexpr long accepted = 202;
  return !exchange.failure && is_success(exchange.answer.status) && exchange.answer.status != accepted;
}

std::optional<std::int64_t> HttpBeat::visible(const std::string& node, Deadline deadline) {
  if (!ready(deadline)) return std::nullopt;
  const LagProbe& probe = *shared_.description.lag_probe;
  const Exchange exchange = wire_.send(node, probe.read, session_.places(), deadline);
  if (exchange.failure) return std::nullopt;
  if (probe.absent.contains(exchange.answer.status)) return 0;
  if (!is_success(exchange.answer.status)) return std::nullopt;
  Answered answered(exchange.answer, [](std::string_view text) { return std::string(text); });
  return number_in(answered, probe.value).what;
}

}  // namespace afterwrite::http
