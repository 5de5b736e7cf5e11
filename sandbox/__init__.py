"""A local stand-in of the WorkFossa web portal: synthetic data, the portal's markup and manners, a control API."""
