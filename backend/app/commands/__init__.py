"""The ``fossawork`` command, one file per group of commands. Thin: they parse options, call the slices, print."""
