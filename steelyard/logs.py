"""Structured logs: one JSON object a line for machines, colours for a person at a terminal; always on stderr."""

import logging
import sys

import structlog


def configure_logs(level: int = logging.INFO) -> None:
    """Set up structlog for this process."""
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # A line is one write: several workers write into one file, where a newline of its own would come too late.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        # A logger that was used before would keep this for good, and a log is no hot path.
        cache_logger_on_first_use=False,
    )
