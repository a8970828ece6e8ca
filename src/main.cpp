#include "sealrow/cli/run.hpp"

int main(int argc, char** argv) { return sealrow::cli::run(argc, argv); }
