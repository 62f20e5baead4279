"""Git revisions, the index, the working tree and directories, as pairs of lazy trees."""
