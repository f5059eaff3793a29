"""The doors: command line, chat page, HTTP and MCP."""
