"""What runs leave behind: records, the summary, run folders with tables and a repro, exit codes."""
