#include "adapters/postgres/admin.hpp"

#include <fmt/format.h>

#include "harness/session/errors.hpp"

namespace afterwrite::postgres {

Admin::Admin(const Target& target, Deadline deadline) : shown_(target.shown) {
  auto attempt = ServerConnection::open(target, deadline);
  if (!attempt.connection) {
    throw EnvironmentError(
        fmt::format("cannot connect to PostgreSQL at {}: {}", shown_,
                    attempt.failure == Failure::connect_timed_out ? "no answer in time" : attempt.error));
  }
  connection_ = std::move(attempt.connection);
}

std::vector<Row> Admin::run(const std::string& sql, const std::vector<std::string>& parameters, Deadline deadline) {
  const Statement statement{"", sql};
  Step step{&statement, {}};
  for (const std::string& parameter : parameters)
    step.parameters.push_back(parameter.c_str());
  const std::vector<Group> groups{Group{step}};
  const Exchange exchange = connection_->exchange(groups, deadline);
  const Answer& answer = exchange.answers.front();
  if (answer.error) throw EnvironmentError(fmt::format("PostgreSQL at {}: {}", shown_, answer.error->message));
  if (exchange.failure) {
    throw EnvironmentError(
        fmt::format("PostgreSQL at {}: {}", shown_,
                    exchange.error.empty() ? std::string(ruling(*exchange.failure).meaning) : exchange.error));
  }
  std::vector<Row> rows;
  if (answer.results.empty()) return rows;
  const Result& result = answer.results.back();
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    Row& values = rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      const auto text = field(result, row, column);
      values.push_back(text ? std::optional(std::string(*text)) : std::nullopt);
    }
  }
  return rows;
}

std::string Admin::value(const std::string& sql, Deadline deadline) {
  const auto rows = run(sql, deadline);
  return rows.empty() || rows.front().empty() ? std::string() : rows.front().front().value_or("");
}

}  // namespace afterwrite::postgres
