"""Gold threads and questions, with their licences."""
