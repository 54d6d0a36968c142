from tests.report.conftest import analysis, lifted

__all__ = ["analysis", "lifted"]
