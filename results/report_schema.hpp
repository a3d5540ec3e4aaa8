#pragma once

#include <string_view>

namespace afterwrite {

/// The schema name that every report bears.
inline constexpr std::string_view report_schema_name = "afterwrite.report/1";

/// results/report.schema.json as it was when this was built: JSON Schema, draft 7. Any thread may call.
std::string_view report_schema();

}  // namespace afterwrite
