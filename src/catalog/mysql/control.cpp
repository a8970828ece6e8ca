#include "catalog/mysql/control.hpp"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/metadata.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

namespace sealrow::catalog::mysql {
namespace {

constexpr int tls_error = 2026;  // CR_SSL_CONNECTION_ERROR

Error failure(const ::sql::SQLException& error) {
  return Error{ErrorCode::catalog_unavailable, "database catalog cannot be read", error.what()};
}

// A scheme keeps the client library from reading "localhost" as the wish for a Unix socket.
std::string address(const MysqlControl& options) {
  if (options.host.starts_with('/')) return "unix://" + options.host;
  const bool v6 = options.host.find(':') != std::string::npos;
  return "tcp://" + (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

::sql::ConnectOptionsMap connect_options(const MysqlControl& options, ControlTls tls) {
  ::sql::ConnectOptionsMap map;
  map["hostName"] = ::sql::SQLString(address(options));
  map["userName"] = ::sql::SQLString(options.user);
  map["password"] = ::sql::SQLString(options.password);
  map["OPT_CONNECT_TIMEOUT"] = options.connect_timeout_seconds;
  map["OPT_READ_TIMEOUT"] = options.read_timeout_seconds;
  map["OPT_CHARSET_NAME"] = ::sql::SQLString("utf8mb4");
  map["OPT_LOCAL_INFILE"] = 0;  // a server must not ask for files of this machine
  if (tls == ControlTls::disable) return map;
  map["sslEnforce"] = true;
  // The certificate is checked once an authority is given; sslVerify adds the host's name.
  if (tls == ControlTls::verify_ca || tls == ControlTls::verify_full) map["sslCA"] = ::sql::SQLString(options.ca);
  map["sslVerify"] = tls == ControlTls::verify_full;
  if (!options.certificate.empty()) {
    map["sslCert"] = ::sql::SQLString(options.certificate);
    map["sslKey"] = ::sql::SQLString(options.key);
  }
  return map;
}

std::unique_ptr<::sql::Connection> connect(const MysqlControl& options) {
  static ::sql::Driver* const driver = ::get_driver_instance();
  if (options.tls != ControlTls::prefer) {
    auto map = connect_options(options, options.tls);
    return std::unique_ptr<::sql::Connection>(driver->connect(map));
  }
  try {
    auto map = connect_options(options, ControlTls::require);
    return std::unique_ptr<::sql::Connection>(driver->connect(map));
  } catch (const ::sql::SQLException& error) {
    if (error.getErrorCode() != tls_error) throw;
    auto map = connect_options(options, ControlTls::disable);
    return std::unique_ptr<::sql::Connection>(driver->connect(map));
  }
}

}  // namespace

Control::Control(std::unique_ptr<::sql::Connection> connection) : connection_(std::move(connection)) {}
Control::Control(Control&&) noexcept = default;
Control& Control::operator=(Control&&) noexcept = default;
Control::~Control() = default;

Result<Control> Control::open(const MysqlControl& options) {
  try {
    Control control(connect(options));
    // Definitions are shown as the session's mode has it.
    SEALROW_CHECK(control.query("SET SESSION sql_mode = '', lock_wait_timeout = 15"));
    return control;
  } catch (const ::sql::SQLException& error) {
    return failure(error);
  }
}

Result<Rows> Control::query(const char* sql) {
  try {
    const std::unique_ptr<::sql::Statement> statement(connection_->createStatement());
    if (!statement->execute(sql)) return Rows(1);
    const std::unique_ptr<::sql::ResultSet> result(statement->getResultSet());
    const unsigned columns = result->getMetaData()->getColumnCount();
    Rows rows(columns);
    while (result->next()) {
      for (unsigned column = 1; column <= columns; ++column) {
        // A NULL reads as an empty string.
        const ::sql::SQLString cell = result->getString(column);
        rows.add({cell.c_str(), cell.length()});
      }
    }
    return rows;
  } catch (const ::sql::SQLException& error) {
    return failure(error);
  }
}

}  // namespace sealrow::catalog::mysql
