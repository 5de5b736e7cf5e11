"""Pure readers: the HTML of one page in, records out, `PortalError` for everything that does not fit."""
