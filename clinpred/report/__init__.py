"""From results to something a reviewer can hold."""
