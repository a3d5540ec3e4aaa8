// validate_report [--schema FILE] FILE... : whether these reports (JSON, several in a file one after the other) are what the published
// schema describes, or the one in that file. Prints what is wrong; exits 1 if anything is, 3 if a file cannot be read.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "results/report_schema.hpp"

namespace {

using Json = nlohmann::json;

bool valid(const valijson::Schema& schema, const Json& report, const std::string& where) {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(report), &results);
  bool good = true;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    std::string path;
    for (const std::string& step : error.context) path += step;
    fmt::print("{}: {}: {}\n", where, path, error.description);
    good = false;
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  valijson::Schema schema;
  const bool named = argc > 2 && std::string(argv[1]) == "--schema";
  const Json published = named ? Json::parse(std::ifstream(argv[2])) : Json::parse(afterwrite::report_schema());
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(published), schema);
  bool good = true;
  for (int i = named ? 3 : 1; i < argc; ++i) {
    const std::string name = argv[i];
    std::ifstream file(name);
    int reports = 0;
    try {
      while (file >> std::ws && file.peek() != std::ifstream::traits_type::eof()) {
        Json report;
        file >> report;
        good = valid(schema, report, fmt::format("{} ({})", name, ++reports)) && good;
      }
    } catch (const Json::exception& error) {
      fmt::print("{}: {}\n", name, error.what());
      return 3;
    }
    if (reports == 0) {
      fmt::print("{}: no report in it\n", name);
      return 3;
    }
  }
  return good ? 0 : 1;
}
