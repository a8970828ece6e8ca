// One small database and policy for the tests of both rooms.
#include "unit/plan/fixture.cpp"
