// The MySQL side of that database.
#include "unit/plan/mysql_fixture.cpp"
