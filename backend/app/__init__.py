"""The server of FossaWork. Floors and their order: docs/architecture.md."""

__version__ = "2.0.0"
