"""Who plays: this process or worker processes on its cores; the answers are the same."""
