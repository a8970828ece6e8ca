# What each library is for: docs/dependencies.md.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(p11kit REQUIRED IMPORTED_TARGET p11-kit-1)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)

# libpg_query with PostgreSQL 17's grammar: a static library of a later Debian suite.
add_library(pg_query INTERFACE)
target_include_directories(pg_query SYSTEM INTERFACE ${SEALROW_DEPS}/pgquery17/usr/include)
target_link_libraries(pg_query INTERFACE
  ${SEALROW_DEPS}/pgquery17/usr/lib/x86_64-linux-gnu/libpg_query.a -l:libxxhash.a -l:libprotobuf-c.a Threads::Threads)

# mysql-connector-c++: the library is the system's; its -dev package would pull in another Boost, so only its headers are
# taken from it.
add_library(mysqlcppconn INTERFACE)
target_include_directories(mysqlcppconn SYSTEM INTERFACE ${SEALROW_DEPS}/mysqlcppconn/usr/include)
target_link_libraries(mysqlcppconn INTERFACE -l:libmysqlcppconn.so.7)

# Intel's multi-buffer crypto: optional at build time and, behind a self-test, at run time.
add_library(sealrow_ipsec_mb INTERFACE)
find_library(IPSEC_MB_LIB NAMES IPSec_MB)
if(IPSEC_MB_LIB)
  target_link_libraries(sealrow_ipsec_mb INTERFACE ${IPSEC_MB_LIB})
  target_compile_definitions(sealrow_ipsec_mb INTERFACE SEALROW_HAVE_IPSEC_MB=1)
endif()

set(Catch2_DIR ${SEALROW_DEPS}/catch2/usr/lib/cmake/Catch2)
