"""Page objects: one file per page of the portal, with its waits and its clicks."""
