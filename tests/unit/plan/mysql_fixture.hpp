// The MySQL side of the fixture: database `app`.
#pragma once

#include "unit/plan/fixture.hpp"

namespace sealrow::plan::test {

// app.msg(id, tenant, body text, email varchar(255) with equality tag, meta json, raw blob with equality tag, title
// varchar(100)), app.note(id, tenant, body, email of email's group, hidden: invisible), app.other, other database s2,
// view msg_v, procedures and a trigger that write. Tenant by column and by @app_tenant.
[[nodiscard]] World make_mysql_world(const sql::mysql::LexerOptions& lexer = {.version = 80406});
[[nodiscard]] const Binding& mysql_world();
[[nodiscard]] const Binding& mariadb_world();  // with columns for the tags
[[nodiscard]] SessionNames mysql_names(const Binding& binding);
[[nodiscard]] std::string shown_mysql(std::string_view text, const Binding& binding = mysql_world());

}  // namespace sealrow::plan::test
