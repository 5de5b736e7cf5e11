"""Everything that knows the WorkFossa web portal: records, parsers of its pages, the browser session, page objects."""
