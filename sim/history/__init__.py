"""What was observed: the recorder, the columns, the files, the digest."""
