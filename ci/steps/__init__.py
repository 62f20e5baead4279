"""The steps of riskcheck in CI, one module each: ``run(environ, arguments) -> exit code``."""
