import pytest
from support.leak_bench import Bench


@pytest.fixture(scope="module")
def module_bench(make_pair):
    bench = Bench(make_pair())
    yield bench
    bench.drop_kept()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """After a failure the kept connections may be in any state."""
    outcome = yield
    bench = getattr(item, "funcargs", {}).get("module_bench")
    if bench and outcome.get_result().failed:
        bench.drop_kept()


@pytest.fixture
def bench(module_bench):
    module_bench.reset()
    yield module_bench
    module_bench.close()
